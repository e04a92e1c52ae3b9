// SPDX-License-Identifier: Apache-2.0
import Glibc
import Linux
import Netlink
import SystemPackage

/// One of many networks: by its number it has a container id, a namespace, an address of its own.
struct Slot: Hashable, Sendable {
    let number: Int

    var container: String { "bench-\(number)" }
    var namespace: FilePath { BenchHost.namespaceDirectory.appending(container) }
    /// "aa:bb", for the end of a MAC address.
    var macSuffix: String {
        [number >> 16 & 0xFF, number >> 8 & 0xFF, number & 0xFF].map { byte in
            let text = String(byte, radix: 16)
            return text.count < 2 ? "0" + text : text
        }.joined(separator: ":")
    }
    /// Of 65,000 in a block of 16 bits: "a.b".
    var addressSuffix: String {
        let offset = 4 + number % 65_000
        return "\(offset / 256).\(offset % 256)"
    }

    func createNamespace() throws { _ = try NetworkNamespace.create(at: namespace) }
    func removeNamespace() throws { try NetworkNamespace.remove(at: namespace) }
}

/// Something that makes task networks and removes them.
protocol Subject: Sendable {
    /// As tables call it.
    var name: String { get }
    /// What has to be there before, and is not timed.
    func prepare(_ slot: Slot) throws
    /// - Returns: how long it took.
    func add(_ slot: Slot) throws -> Duration
    /// - Returns: how long it took until it said that it is done; the kernel may go on.
    func delete(_ slot: Slot) throws -> Duration
    /// What is left then, and is not timed.
    func discard(_ slot: Slot) throws
    /// Nothing is asked of it any more.
    func end()
    /// Links that come and go with networks, where it makes them.
    func linkCount() throws -> Int
    /// Waits until no more than that many are left, and the kernel has come to rest.
    /// - Returns: how long they were still there.
    @discardableResult
    func settle(to count: Int) throws -> Duration
}

extension Subject {
    func end() {}
}

func pause(_ duration: Duration) { usleep(UInt32(duration.microseconds)) }

extension Duration {
    var microseconds: Double { self / .microseconds(1) }
    var seconds: Double { self / .seconds(1) }
}

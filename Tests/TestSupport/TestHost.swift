// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
package import Linux
import Synchronization
package import SystemPackage

/// A host of a test's own: a directory, a network namespace that plays the host's, and namespaces for tasks, bound below the
/// directory. All of it is gone when the body is over, also when it throws.
package final class TestHost: Sendable {
    /// Unique, absolute, empty but for `netns`.
    package let directory: FilePath
    /// Stands for the host. `lo` is up.
    package let namespace: NetworkNamespace
    /// Held as long as this host is used, so that a later run can tell a dead one's leftovers.
    private let lock: OwnedDescriptor
    private let cleanups = Mutex<[@Sendable () throws -> Void]>([])

    private init() throws {
        Self.sweepOnce
        // Under its name only once it is locked: a sweeping run would take it for a dead one's.
        let pattern = Self.parent.appending("new-\(Self.prefix)XXXXXX").string
        var template = Array(pattern.utf8CString)
        guard mkdtemp(&template) != nil else { throw LinuxError.last("create directory", pattern) }
        let new = FilePath(platformString: template)
        lock = try .open(new.appending("lock"), O_RDWR | O_CREAT, mode: 0o600)
        _ = lock.withRaw { flock($0, LOCK_EX | LOCK_NB) }
        directory = Self.parent.appending(String(new.string.dropFirst(Self.parent.appending("new-").string.utf8.count)))
        guard rename(new.string, directory.string) == 0 else { throw LinuxError.last("rename", new.string) }
        do {
            namespace = try NetworkNamespace.create(at: Self.namespaces(in: directory).appending("host"))
            try run(["ip", "link", "set", "lo", "up"], in: namespace)
        } catch {
            Self.remove(directory)
            throw error
        }
    }

    /// Runs a test with a host of its own.
    package static func with<Result>(_ body: (TestHost) throws -> Result) throws -> Result {
        let host = try TestHost()
        defer { host.close() }
        return try body(host)
    }

    /// Runs a test with a host of its own, on threads that it may hold.
    package static func with<Result>(
        isolation: isolated (any Actor)? = #isolation, _ body: (TestHost) async throws -> Result
    ) async throws -> Result {
        try await withTaskExecutorPreference(TestThreads.shared) {
            let host = try TestHost()
            defer { host.close() }
            return try await body(host)
        }
    }

    /// Where a namespace of this name is bound, when there is one.
    package func namespacePath(_ name: String) -> FilePath {
        Self.namespaces(in: directory).appending(name)
    }

    /// A new namespace below this host's directory, with nothing in it but a `lo` that is down.
    package func makeNamespace(_ name: String) throws -> NetworkNamespace {
        try NetworkNamespace.create(at: namespacePath(name))
    }

    /// Has something undone at the end, before the namespaces and the directory go. The last one first.
    package func atEnd(_ cleanup: @escaping @Sendable () throws -> Void) {
        cleanups.withLock { $0.append(cleanup) }
    }

    private func close() {
        for cleanup in cleanups.withLock({ $0 }).reversed() {
            try? cleanup()
        }
        Self.remove(directory)
    }
}

extension TestHost {
    private static let prefix = "tasknet-test."
    private static let parent = FilePath(ProcessInfo.processInfo.environment["TMPDIR"] ?? "/tmp")

    private static func namespaces(in directory: FilePath) -> FilePath {
        directory.appending("netns")
    }

    /// Takes everything mounted in the directory away, the last mount first, and then the directory.
    private static func remove(_ directory: FilePath) {
        let table = (try? TextFile.read("/proc/self/mountinfo")) ?? ""
        for line in table.split(separator: "\n").reversed() {
            let fields = line.split(separator: " ")
            // By text: there may be hundreds of mounts, of other tests, and FilePath compares by components.
            guard fields.count > 4, fields[4].hasPrefix(directory.string + "/") else { continue }
            try? Mount.unmount(FilePath(String(fields[4])), lazily: true)
        }
        try? FileManager.default.removeItem(atPath: directory.string)
    }

    /// Once per process: what runs that were killed have left.
    private static let sweepOnce: Void = {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: parent.string)) ?? []
        for name in names where name.hasPrefix(prefix) {
            let directory = parent.appending(name)
            guard let lock = try? OwnedDescriptor.open(directory.appending("lock"), O_RDWR) else { continue }
            if lock.withRaw({ flock($0, LOCK_EX | LOCK_NB) }) == 0 { remove(directory) }
        }
    }()
}

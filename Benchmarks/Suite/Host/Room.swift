// SPDX-License-Identifier: Apache-2.0
import Glibc
import Linux
import Netlink
import SystemPackage
import TaskNetworking

/// A host for one subject: a network namespace in which its plugins run, so that nobody pays for another's links. What it
/// makes there ends with it.
final class Room: Sendable {
    /// Nil is the benchmark's own host, where the daemon is.
    private let namespace: NetworkNamespace?

    /// The benchmark's own host.
    static let own = Room(nil)

    private init(_ namespace: NetworkNamespace?) { self.namespace = namespace }

    init() throws {
        let namespace = try NetworkNamespace.create()
        let connection = try RouteConnection(in: namespace)
        try connection.apply(.changeLink(.name("lo"), LinkChange(isUp: true)))
        self.namespace = namespace
    }

    func enter<Result>(_ body: () throws -> Result) throws -> Result {
        guard let namespace else { return try body() }
        return try namespace.enter(body)
    }

    func connection() throws -> RouteConnection { try RouteConnection(in: namespace) }

    /// How many links there are that come and go with networks: not those that the daemon has ready for any.
    func linkCount() throws -> Int {
        try connection().links().count { $0.kind != .bridge && $0.name != "lo" && !$0.isWarm }
    }

    /// Waits until the kernel has removed what it removes in its own time, down to `count` links.
    ///
    /// It is not done yet when the links are gone: what follows waits for grace periods, and holds nothing that
    /// others need.
    ///
    /// - Returns: how long it took until the links were gone.
    @discardableResult
    func settle(to count: Int) throws -> Duration {
        let start = ContinuousClock.now
        let deadline = start.advanced(by: .seconds(120))
        while try linkCount() > count {
            guard .now < deadline else {
                throw BenchFailure("\(try linkCount()) links are left where \(count) ought to be")
            }
            usleep(2000)
        }
        let took = start.duration(to: .now)
        usleep(15000)
        return took
    }
}

/// The benchmark cannot go on.
struct BenchFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

// SPDX-License-Identifier: Apache-2.0
import GRDB
import Synchronization

/// How many accesses go on by one connection to the database.
final class Accesses: Sendable {
    private let count = Atomic(0)

    /// Runs an access if it is the only one.
    /// - Returns: nil where there is another one, or where the access itself has not been.
    func ifNone<Result>(_ access: () throws -> Result?) rethrows -> Result? {
        guard count.compareExchange(expected: 0, desired: 1, ordering: .acquiringAndReleasing).exchanged else {
            return nil
        }
        defer { count.subtract(1, ordering: .releasing) }
        return try access()
    }

    func counting<Result>(_ access: () async throws -> Result) async rethrows -> Result {
        count.add(1, ordering: .acquiringAndReleasing)
        defer { count.subtract(1, ordering: .releasing) }
        return try await access()
    }
}

extension DatabaseError {
    /// Somebody else has the database's lock.
    var isLocked: Bool { resultCode == .SQLITE_BUSY }
}

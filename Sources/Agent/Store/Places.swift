// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// A number of places of which each is somebody's for as long as an access takes.
final class Places: Sendable {
    private let free: Atomic<Int>

    init(_ count: Int) { free = Atomic(count) }

    /// Does something in a free place.
    /// - Returns: nil where there is none, or where nothing has been done.
    func ifFree<Result>(_ access: () throws -> Result?) rethrows -> Result? {
        defer { free.add(1, ordering: .releasing) }
        guard free.subtract(1, ordering: .acquiring).newValue >= 0 else { return nil }
        return try access()
    }
}

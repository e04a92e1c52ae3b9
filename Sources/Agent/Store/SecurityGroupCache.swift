// SPDX-License-Identifier: Apache-2.0
import Synchronization
import VPC

/// The security groups that the API made, read once and kept until they change: every ENI that comes is judged by them.
final class SecurityGroupCache: Sendable {
    private struct State {
        /// How often they have changed.
        var changes = 0
        var known: (groups: [SecurityGroupRecord], changes: Int)?
    }

    private let state = Mutex(State())

    /// What a transaction that begins after this may read of them, and keep.
    struct View: Sendable {
        fileprivate let cache: SecurityGroupCache
        fileprivate let changes: Int

        /// Nil where they have to be read.
        var groups: [SecurityGroupRecord]? {
            cache.state.withLock { $0.known?.changes == $0.changes ? $0.known?.groups : nil }
        }

        /// Keeps what the transaction has read, unless a commit has changed them since: it may have read that or not.
        func keep(_ groups: [SecurityGroupRecord]) {
            cache.state.withLock { if $0.changes == changes { $0.known = (groups, changes) } }
        }
    }

    var view: View { View(cache: self, changes: state.withLock(\.changes)) }

    /// A commit has changed them.
    func noteChange() { state.withLock { $0.changes += 1 } }
}

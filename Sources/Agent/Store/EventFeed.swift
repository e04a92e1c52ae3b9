// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// Wakes whoever follows the events when a commit has added some, and says how many are kept.
final class EventFeed: Sendable {
    private struct State {
        var maximum = EventFeed.defaultMaximum
        var followers: [Int: AsyncStream<Void>.Continuation] = [:]
        var next = 0
    }

    private let state = Mutex(State())

    /// The history of 3,500 tasks from start to end, in about 10 MB.
    static let defaultMaximum = 50_000

    /// The most events that are kept.
    var maximum: Int {
        get { state.withLock(\.maximum) }
        set { state.withLock { $0.maximum = newValue } }
    }

    /// Tells of each commit from now on, several that come together once. Whoever reads after the call misses nothing.
    func follow() -> Following {
        let (commits, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let id = state.withLock { state in
            state.next += 1
            state.followers[state.next] = continuation
            return state.next
        }
        continuation.onTermination = { [weak self] _ in
            self?.state.withLock { _ = $0.followers.removeValue(forKey: id) }
        }
        return Following(commits: commits, continuation: continuation)
    }

    struct Following: Sendable {
        let commits: AsyncStream<Void>
        private let continuation: AsyncStream<Void>.Continuation

        init(commits: AsyncStream<Void>, continuation: AsyncStream<Void>.Continuation) {
            self.commits = commits
            self.continuation = continuation
        }

        /// Nothing is waited for any more.
        func end() { continuation.finish() }
    }

    /// Tells that a commit has added events.
    func tell() {
        for follower in state.withLock({ Array($0.followers.values) }) { follower.yield() }
    }
}

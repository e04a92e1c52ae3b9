// SPDX-License-Identifier: Apache-2.0
import Dispatch
import Foundation
import Synchronization

/// Threads that do the same to many things, each the next one that nobody has.
enum Workers {
    struct Result: Sendable {
        /// How many of the first were done.
        let done: Int
        let took: Duration
    }

    private struct State {
        var next = 0
        var failure: (any Error)?
    }

    /// - Parameter patience: after it no more is begun; at least one is.
    static func run<Item: Sendable>(
        _ count: Int, over items: [Item], for patience: Duration?, _ body: @escaping @Sendable (Item) throws -> Void
    ) throws -> Result {
        let state = Mutex(State())
        let start = ContinuousClock.now
        let deadline = patience.map { start.advanced(by: $0) }
        withThreads(count) {
            while true {
                let index: Int? = state.withLock { state in
                    guard state.next < items.count, state.failure == nil else { return nil }
                    if let deadline, state.next > 0, ContinuousClock.now >= deadline { return nil }
                    defer { state.next += 1 }
                    return state.next
                }
                guard let index else { return }
                do { try body(items[index]) } catch { state.withLock { $0.failure = error } }
            }
        }
        let took = start.duration(to: .now)
        return try state.withLock { state in
            if let failure = state.failure { throw failure }
            return Result(done: state.next, took: took)
        }
    }

    private static func withThreads(_ count: Int, _ body: @escaping @Sendable () -> Void) {
        guard count > 1 else { return body() }
        let ended = DispatchSemaphore(value: 0)
        for _ in 0..<count {
            Thread.detachNewThread {
                body()
                ended.signal()
            }
        }
        for _ in 0..<count { ended.wait() }
    }
}

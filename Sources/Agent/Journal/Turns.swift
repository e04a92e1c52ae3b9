// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// Lets one at a time do something about a key, in the order in which they come.
final class Turns<Key: Hashable & Sendable>: Sendable {
    /// Who waits, by the keys that somebody has the turn of.
    private let waiting = Mutex<[Key: [CheckedContinuation<Void, Never>]]>([:])

    func take<Result: Sendable>(
        _ key: Key, isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> Result
    ) async rethrows -> Result {
        await traced(.turn) { await begin(key) }
        defer { end(key) }
        return try await body()
    }

    private func begin(_ key: Key) async {
        await withCheckedContinuation { continuation in
            let isFree = waiting.withLock { waiting in
                guard waiting[key] != nil else {
                    waiting[key] = []
                    return true
                }
                waiting[key]?.append(continuation)
                return false
            }
            if isFree { continuation.resume() }
        }
    }

    private func end(_ key: Key) {
        let next = waiting.withLock { waiting in
            guard let first = waiting[key]?.first else {
                waiting[key] = nil
                return nil as CheckedContinuation<Void, Never>?
            }
            waiting[key]?.removeFirst()
            return first
        }
        next?.resume()
    }
}

// SPDX-License-Identifier: Apache-2.0

/// Wakes one who sleeps until something has happened. What happens while he is awake wakes him the next time.
struct Wakes: Sendable {
    private let stream: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    init() { (stream, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1)) }

    func wake() { continuation.yield() }

    /// Sleeps until woken, or a time has passed. For one at a time.
    /// - Parameter limit: nil is for ever.
    func sleep(atMost limit: Duration?) async {
        let alarm = limit.map { limit in
            Task {
                guard (try? await Task.sleep(for: limit)) != nil else { return }
                wake()
            }
        }
        defer { alarm?.cancel() }
        for await _ in stream { return }
    }
}

// SPDX-License-Identifier: Apache-2.0
import NIOPosix
import Synchronization

/// Runs the steps of one thing, one after the other, on a thread that may be held. It has a thread only while there is a
/// step to run: what waits takes none.
final class BlockingExecutor: TaskExecutor {
    /// The one of the thing that is being done.
    @TaskLocal static var ofTask: BlockingExecutor?

    /// Whose steps the thread runs; nil for any other thread.
    private static let ofThread = ThreadSpecificVariable<BlockingExecutor>()

    static var isCurrent: Bool { ofThread.currentValue != nil }

    private struct Steps {
        var waiting: [UnownedJob] = []
        /// Whether there is a thread that goes on until none is waiting.
        var hasThread = false
    }

    private let steps = Mutex(Steps())

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let needsThread = steps.withLock { steps in
            steps.waiting.append(job)
            defer { steps.hasThread = true }
            return !steps.hasThread
        }
        if needsThread { Blocking.pool.submit { _ in self.runAll() } }
    }

    private func runAll() {
        Self.ofThread.currentValue = self
        defer { Self.ofThread.currentValue = nil }
        while let job = next() { job.runSynchronously(on: asUnownedTaskExecutor()) }
    }

    private func next() -> UnownedJob? {
        steps.withLock { steps in
            guard !steps.waiting.isEmpty else {
                steps.hasThread = false
                return nil
            }
            return steps.waiting.removeFirst()
        }
    }
}

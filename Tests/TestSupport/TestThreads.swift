// SPDX-License-Identifier: Apache-2.0
import Dispatch

/// Threads for tests that run programs and wait for them, as most do that have a host: as many as there are steps to run.
/// The threads that all tasks share are as few as processors, and two tests that hold them for a minute keep every other
/// from its next step.
final class TestThreads: TaskExecutor {
    static let shared = TestThreads()

    private let queue = DispatchQueue(label: "tests", attributes: .concurrent)

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}

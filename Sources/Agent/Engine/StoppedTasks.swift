// SPDX-License-Identifier: Apache-2.0
import ECSAPI
import Linux
import Logging
import ServiceLifecycle
import Synchronization
import SystemPackage
import VPC

/// Forgets stopped tasks, and what is left of them on disk, some time after their end: until then they can be described
/// and their logs read. Sleeps until the first is due; where there is none, until one stops.
///
/// Within one daemon's life the time is that of the monotonic clock. A step of the host's clock, as after a boot without
/// a battery, neither forgets them all at once nor keeps them for ever.
final class StoppedTasks: AgentPart {
    private struct Stopped {
        var taskID: String
        var since: ContinuousClock.Instant
    }

    private let store: Store
    private let configuration: CurrentConfiguration
    private let log: Logger
    /// The first to be forgotten first.
    private let stopped = Mutex<[Stopped]>([])
    private let wakes: AsyncStream<Void>
    private let waker: AsyncStream<Void>.Continuation

    init(_ context: AgentContext) {
        store = context.store
        configuration = context.configuration
        log = context.logger(for: "clean-up")
        (wakes, waker) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    private var keptFor: Duration { configuration.value.taskCleanupWait }

    /// Those of earlier daemons, by the only clock that has gone on since: never longer than one that stops now.
    func prepare() async throws {
        let (wall, now) = (Timestamp.now(), ContinuousClock.now)
        for (id, stoppedAt) in try await store.read({ try $0.stoppedTaskTimes() }) {
            let age = Duration.milliseconds(wall.millisecondsSince1970 - stoppedAt.millisecondsSince1970)
            add(Stopped(taskID: id, since: now - min(max(.zero, age), keptFor)))
        }
    }

    /// Tells that a task has stopped.
    func stopped(_ taskID: String) {
        add(Stopped(taskID: taskID, since: .now))
        waker.yield()
    }

    private func add(_ task: Stopped) {
        stopped.withLock { stopped in
            let place = stopped.lastIndex { $0.since <= task.since }.map { $0 + 1 } ?? 0
            stopped.insert(task, at: place)
        }
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                guard let first = self.stopped.withLock(\.first) else {
                    for await _ in self.wakes { break }
                    continue
                }
                let left = self.keptFor - first.since.duration(to: .now)
                if left > .zero {
                    try? await Task.sleep(for: max(.milliseconds(100), left))
                } else {
                    self.stopped.withLock { _ = $0.removeFirst() }
                    if !(await self.forget(first.taskID)) {
                        self.add(Stopped(taskID: first.taskID, since: .now - self.keptFor + Self.pauseAfterError))
                    }
                }
            }
        }
    }

    private static let pauseAfterError = Duration.seconds(30)

    /// - Returns: whether it is gone. The record of one whose files or network stay is kept, so that it is tried again.
    private func forget(_ taskID: String) async -> Bool {
        do {
            guard try await store.read({ try $0.task(id: taskID) })?.lastStatus == .stopped else { return true }
            // What is left of it would not be known any more.
            guard try await store.read({ try $0.isForgettable(taskID) }) else { return false }
            let directory = configuration.value.taskStateDirectory(taskID)
            // What is in it is the containers': as much, and as deep, as they liked.
            try await Blocking.run { try DirectoryTree.remove(directory) }
            try await store.write { try $0.deleteTask(id: taskID) }
            log.info("stopped task forgotten", metadata: ["task": "\(taskID)"])
            return true
        } catch {
            if !Task.isCancelled {
                log.warning("a stopped task stays for now", metadata: ["task": "\(taskID)", "error": "\(error)"])
            }
            return false
        }
    }
}

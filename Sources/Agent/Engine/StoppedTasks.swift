// SPDX-License-Identifier: Apache-2.0
import ECSAPI
import Linux
import Logging
import ServiceLifecycle
import SystemPackage
import VPC

/// Forgets stopped tasks, and what is left of them on disk, some time after their end: until then they can be described
/// and their logs read. Sleeps until the oldest is due; where there is none, until one stops.
struct StoppedTasks: AgentPart {
    private let store: Store
    private let configuration: CurrentConfiguration
    private let log: Logger
    private let wakes: AsyncStream<Void>
    private let waker: AsyncStream<Void>.Continuation

    init(_ context: AgentContext) {
        store = context.store
        configuration = context.configuration
        log = context.logger(for: "clean-up")
        (wakes, waker) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    private var keptFor: Duration { configuration.value.taskCleanupWait }

    /// Tells that a task has stopped.
    func wake() { waker.yield() }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do {
                    try await cleanUp()
                } catch is CancellationError {
                    return
                } catch {
                    log.error("stopped tasks stay for now", metadata: ["error": "\(error)"])
                    try? await Task.sleep(for: Self.pauseAfterError)
                }
            }
        }
    }

    private static let pauseAfterError = Duration.seconds(30)

    /// Forgets what is due, and waits until there may be more.
    private func cleanUp() async throws {
        guard try await forgetExpired() else {
            return try await Task.sleep(for: Self.pauseAfterError)
        }
        if let oldest = try await store.read({ try $0.oldestStoppedTask() }), let stopped = oldest.stoppedAt {
            let age = Timestamp.now().millisecondsSince1970 - stopped.millisecondsSince1970
            try await Task.sleep(for: max(.milliseconds(100), keptFor - .milliseconds(age)))
        } else {
            for await _ in wakes { break }
        }
    }

    /// - Returns: whether all of them are gone. The record of one whose files stay is kept, so that it is tried again.
    private func forgetExpired() async throws -> Bool {
        let limit = Double(Timestamp.now().millisecondsSince1970) / 1000 - keptFor / .seconds(1)
        var isDone = true
        for task in try await store.read({ try $0.tasks(stoppedBefore: limit) }) {
            let directory = configuration.value.taskStateDirectory(task.id)
            do {
                // What is in it is the containers': as much, and as deep, as they liked.
                try await Blocking.run { try DirectoryTree.remove(directory) }
            } catch is CancellationError {
                throw CancellationError()
            } catch {
                log.warning("files of a stopped task stay", metadata: ["task": "\(task.id)", "error": "\(error)"])
                isDone = false
                continue
            }
            try await store.write { try $0.deleteTask(id: task.id) }
            log.info("stopped task forgotten", metadata: ["task": "\(task.id)"])
        }
        return isDone
    }
}

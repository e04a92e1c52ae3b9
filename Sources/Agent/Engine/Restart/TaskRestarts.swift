// SPDX-License-Identifier: Apache-2.0
import ECSAPI
import Logging
import ServiceLifecycle
import VPC

/// Runs tasks anew that are marked to come back and ended otherwise than by StopTask: as new tasks of the same kind, as an
/// ECS service would. What is due is in the store from the moment in which a task is STOPPED, so that it outlives the
/// daemon.
struct TaskRestarts: AgentPart {
    private let store: Store
    private let operations: TaskOperations
    private let wakes: Wakes
    private let log: Logger

    /// - Parameter wakes: told of each task that has stopped.
    init(_ context: AgentContext, operations: TaskOperations, wakes: Wakes) {
        store = context.store
        self.operations = operations
        self.wakes = wakes
        log = context.logger(for: "restarts")
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do {
                    let pending = try await store.read { try $0.pendingRestarts() }
                    let now = Timestamp.now()
                    let due = pending.filter { $0.wait(at: now) <= .zero }
                    for restart in due where !Task.isCancelled { await perform(restart) }
                    guard due.isEmpty else { continue }
                    await wakes.sleep(atMost: pending.map { $0.wait(at: now) }.min())
                } catch {
                    if Task.isCancelled { return }
                    log.error("tasks are not restarted for now", metadata: ["error": "\(error)"])
                    await wakes.sleep(atMost: PendingRestart.longestDelay)
                }
            }
        }
    }

    /// The end of the daemon does not leave one half begun.
    private func perform(_ restart: PendingRestart) async {
        await Task {
            do {
                guard let task = try await operations.runAgain(restart) else { return }
                log.notice(
                    "a task runs in the place of one that ended",
                    metadata: ["task": "\(task)", "ended": "\(restart.taskID)"])
            } catch {
                await postpone(restart, because: error)
            }
        }.value
    }

    private func postpone(_ restart: PendingRestart, because error: any Error) async {
        let delay = PendingRestart.delay(afterAttempts: restart.attempt)
        log.error(
            "a task that ended does not run again yet; stop it to give it up",
            metadata: [
                "ended": "\(restart.taskID)", "error": "\(error)",
                "next attempt in seconds": "\(delay.components.seconds)",
            ])
        do {
            try await store.write { store in
                // Not one that was given up meanwhile.
                guard try store.deletePendingRestart(taskID: restart.taskID) else { return }
                var next = restart
                next.due = Timestamp.now().advanced(by: delay)
                next.attempt += 1
                try store.set(next)
            }
        } catch {
            log.error("the next attempt is not noted", metadata: ["ended": "\(restart.taskID)", "error": "\(error)"])
            try? await Task.sleep(for: .seconds(1))
        }
    }
}

extension PendingRestart {
    /// How long it has to wait. A clock that was set back does not make it longer than it can have been.
    fileprivate func wait(at now: Timestamp) -> Duration {
        min(.milliseconds(due.millisecondsSince1970 - now.millisecondsSince1970), Self.longestDelay)
    }
}

// SPDX-License-Identifier: Apache-2.0
import ECSAPI
import Logging
import ServiceLifecycle
import VPC

/// What every task's supervisor works with.
struct TaskEngineParts: Sendable {
    var store: Store
    var network: TaskNetworkService
    var settings: EngineSettings
    var log: Logger

    var traces: TraceRecorder { network.traces }
}

/// Runs the tasks: one supervisor each, from RunTask (or from the store, after a restart) to the end.
actor TaskEngine: AgentPart {
    private let store: Store
    private let network: TaskNetworkService
    private let log: Logger
    private let stopsTasksAtEnd: Bool
    private let configuration: CurrentConfiguration
    private var settings: EngineSettings
    private var supervisors: [String: TaskSupervisor] = [:]
    /// Tasks whose supervisors are being made, with the stops that came meanwhile.
    private var beginning: [String: TaskProgress.Stop?] = [:]
    private let arrivals: AsyncStream<TaskSupervisor>
    private let arrive: AsyncStream<TaskSupervisor>.Continuation
    private let stoppedTasks: StoppedTasks
    private let restarts: Wakes

    /// - Parameter restarts: to be told of each task that has stopped, like `stoppedTasks`.
    init(
        _ context: AgentContext, network: TaskNetworkService, stoppedTasks: StoppedTasks, restarts: Wakes = Wakes()
    ) throws {
        store = context.store
        self.network = network
        log = context.logger(for: "engine")
        stopsTasksAtEnd = context.stopsTasksAtEnd
        configuration = context.configuration
        settings = try EngineSettings(context.configuration.value)
        self.stoppedTasks = stoppedTasks
        self.restarts = restarts
        (arrivals, arrive) = AsyncStream.makeStream()
    }

    /// Takes the tasks of an earlier daemon over.
    func prepare() async throws {
        for known in try await store.read({ try $0.knownTasks() }) {
            let task = known.task
            log.info("taking over task", metadata: ["task": "\(task.id)", "status": "\(task.lastStatus.rawValue)"])
            do {
                begin(try makeSupervisor(known))
            } catch {
                await cannotRun(task.id, because: error)
            }
            if known.isBeingAttached { try await network.resumeAttachments(of: task) }
        }
    }

    /// Another configuration is for tasks that come from now on.
    func configurationChanged(_ difference: ConfigurationDifference) {
        do {
            settings = try EngineSettings(configuration.value)
        } catch {
            log.error("the engine goes on with its old settings", metadata: ["error": "\(error)"])
        }
    }

    /// Answers when the engine is not stuck.
    func proveAlive() async throws {}

    /// Supervises the tasks until the daemon is to end.
    func run() async throws {
        if stopsTasksAtEnd {
            await withGracefulShutdownHandler {
                await supervise()
            } onGracefulShutdown: {
                Task { await self.stopAll() }
            }
        } else {
            await cancelWhenGracefulShutdown { await self.supervise() }
        }
    }

    private func supervise() async {
        await withDiscardingTaskGroup { group in
            for await supervisor in arrivals {
                // A thousand tasks that are taken over must not keep callers waiting: nothing is waiting for them.
                group.addTask(priority: supervisor.isTakenOver ? .utility : nil) {
                    await Blocking.inOnePlace { await supervisor.run() }
                    await self.left(supervisor)
                }
            }
        }
    }

    private func left(_ supervisor: TaskSupervisor) {
        supervisors[supervisor.taskID] = nil
        tellOfEnd(of: supervisor.taskID)
    }

    private func tellOfEnd(of taskID: String) {
        network.traces.end(taskID)
        stoppedTasks.stopped(taskID)
        restarts.wake()
    }

    /// Asks every task to end, and takes no new ones; `supervise` returns when the last has.
    private func stopAll() {
        log.notice("stopping all tasks", metadata: ["count": "\(supervisors.count)"])
        arrive.finish()
        for supervisor in supervisors.values {
            supervisor.send(
                .stopRequested(.init(code: .terminationNotice, reason: "tasknetd ended, and its tasks with it")))
        }
    }
}

// MARK: - Tasks

extension TaskEngine {
    /// What a task's containers start with, and refuse to.
    var images: ImageCatalog { settings.images }

    /// Begins to run a task whose records are in the store. One that cannot be run is stopped, with the reason.
    func begin(_ taskID: String) async {
        beginning[taskID] = .some(nil)
        do {
            let known = try await store.read { try $0.knownTask(id: taskID) }
            guard let known else { throw APIError.taskNotFound }
            let supervisor = try makeSupervisor(known)
            begin(supervisor)
            if let stop = beginning.removeValue(forKey: taskID) ?? nil { supervisor.send(.stopRequested(stop)) }
        } catch {
            beginning[taskID] = nil
            await cannotRun(taskID, because: error)
        }
    }

    private func begin(_ supervisor: TaskSupervisor) {
        supervisors[supervisor.taskID] = supervisor
        arrive.yield(supervisor)
    }

    private func cannotRun(_ taskID: String, because error: any Error) async {
        log.error("task cannot be run", metadata: ["task": "\(taskID)", "error": "\(error)"])
        await giveUp(taskID, because: error)
    }

    /// Asks a task to end. One that has ended, or is about to, is left alone.
    func stop(_ taskID: String, reason: String) {
        let stop = TaskProgress.Stop(code: .userInitiated, reason: reason)
        if let supervisor = supervisors[taskID] {
            supervisor.send(.stopRequested(stop))
        } else if beginning[taskID] != nil {
            beginning[taskID] = stop
        }
    }

    /// Ends a task without a supervisor. Of one that an earlier daemon began, containers may run: never the network first.
    private func giveUp(_ taskID: String, because error: any Error) async {
        do {
            guard let task = try await store.read({ try $0.task(id: taskID) }) else { return }
            await parts.endPauseProcess(of: task)
            await network.release(task)
            _ = try await store.write { store in
                for container in try store.containers(taskID: taskID) where container.lastStatus != .stopped {
                    try store.updateContainer(container.name, ofTask: taskID) { container in
                        container.lastStatus = .stopped
                        container.process = nil
                        guard container.startedAt != nil else { return }
                        container.reason = container.reason ?? "The task was given up, and the container with it"
                        container.finishedAt = container.finishedAt ?? .now()
                    }
                }
                try store.updateTask(taskID) { task in
                    task.lastStatus = .stopped
                    task.desiredStatus = .stopped
                    task.stopCode = task.stopCode ?? .taskFailedToStart
                    task.stoppedReason = task.stoppedReason ?? "\(error)"
                    task.executionStoppedAt = task.executionStoppedAt ?? .now()
                    task.stoppedAt = .now()
                }
            }
            tellOfEnd(of: taskID)
        } catch {
            log.error("task not given up", metadata: ["task": "\(taskID)", "error": "\(error)"])
        }
    }

    private var parts: TaskEngineParts {
        TaskEngineParts(store: store, network: network, settings: settings, log: log)
    }

    private func makeSupervisor(_ known: KnownTask) throws -> TaskSupervisor {
        guard let definition = known.definition else { throw APIError.taskDefinitionNotFound }
        return TaskSupervisor(known, definition: try definition.applying(known.task.overrides), parts: parts)
    }
}

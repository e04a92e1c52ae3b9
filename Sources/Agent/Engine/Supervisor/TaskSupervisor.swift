// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import Linux
import Logging
import Pause
import SystemPackage
import TaskDefinitions
import TaskNetworking
import VPC

/// Runs one task from PROVISIONING to STOPPED: takes one event after the other, lets the task's progress say what
/// follows, writes that down, and does it. What takes time runs beside the loop and comes back as an event, so a stop is
/// heard at any moment.
///
/// Ending the loop early (the daemon goes) leaves the task as it is; a new supervisor over the same records takes it
/// over, because every action can be repeated.
actor TaskSupervisor {
    nonisolated let taskID: String
    /// Whether an earlier daemon began it.
    nonisolated let isTakenOver: Bool
    let definition: TaskDefinition
    let parts: TaskEngineParts
    let log: Logger
    var task: TaskRecord
    var containers: [ContainerRecord]
    var progress: TaskProgress
    var pause: PauseConnection?
    var commands = RunningCommands()
    /// What kept each container's last health check from being run.
    var healthCheckFailures: [String: String] = [:]
    /// What the store has.
    var recorded: (task: TaskRecord, containers: [ContainerRecord])
    /// Writes what could not be written.
    var rewriting: Task<Void, Never>?
    /// Whether the loop has ended, and nothing is to be begun any more.
    private(set) var isAbandoned = false

    private let events: AsyncStream<TaskProgress.Event>
    private let inbox: AsyncStream<TaskProgress.Event>.Continuation
    private var provisioning: Task<Void, Never>?
    private var listening: Task<Void, Never>?
    private var watching: Task<Void, Never>?
    private var timers: [TaskProgress.Timer: Task<Void, Never>] = [:]
    private var healthChecks: [String: Task<Void, Never>] = [:]
    /// From the first container's SIGTERM on.
    private var ending: TraceSpan?

    /// - Parameter definition: with the overrides of the run applied.
    init(_ known: KnownTask, definition: TaskDefinition, parts: TaskEngineParts) {
        task = known.task
        containers = known.containers
        taskID = task.id
        isTakenOver = task.pause != nil
        self.definition = definition
        self.parts = parts
        var log = parts.log
        log[metadataKey: "task"] = "\(task.id)"
        self.log = log
        progress = TaskProgress(
            resuming: task, containers: containers, definition: definition, isNetworkMade: known.isNetworkMade,
            defaultStopTimeout: parts.settings.containerStopTimeout)
        recorded = (task, containers)
        (events, inbox) = AsyncStream.makeStream()
        // Ahead of anything that somebody else may say.
        inbox.yield(.begin)
    }

    /// Tells the supervisor that something happened.
    nonisolated func send(_ event: TaskProgress.Event) {
        inbox.yield(event)
    }

    /// Runs the task to its end, or until it is cancelled.
    func run() async {
        for await event in events {
            // By a child: a Swift task keeps the memory of the deepest step that it has ever taken, and this one is there as
            // long as the task is.
            async let goesOn = handle(event)
            guard await goesOn else { break }
        }
        abandon()
    }

    /// - Returns: whether another event may come.
    private func handle(_ event: TaskProgress.Event) async -> Bool {
        let actions = progress.handle(event)
        log.debug("event", metadata: ["event": "\(event)", "actions": "\(actions)"])
        return await Trace.follow(way) { await perform(actions) }
    }

    /// Writes down what an event made of the task, and does what follows from it.
    /// - Returns: whether another event may come.
    private func perform(_ actions: [TaskProgress.Action]) async -> Bool {
        await record()
        // What was not written down is not done: the next daemon hears of it again.
        if Task.isCancelled { return false }
        for action in actions { perform(action) }
        guard actions.contains(.finish) else { return true }
        try? await untilRecorded()
        return false
    }

    /// The trace of the way that the task is on, to RUNNING or to its end. Of one that an earlier daemon began, only the
    /// second.
    private var way: Trace? {
        let start = parts.traces[taskID]?.start
        guard progress.stop != nil || progress.phase > .active else { return start }
        start?.end()
        return parts.traces.begin(.stop, of: taskID)
    }

    /// Hears a pause process from now on; when it ends without being told to, it is lost.
    func listen(to connection: PauseConnection, of process: ProcessHandle) {
        pause = connection
        // Detached: they are there as long as the task is, and would hold on to what their maker was about.
        listening = Task.detached { [self] in
            for await event in connection.events { await hear(event) }
            if Task.isCancelled { return }
            // Its sockets are closed some moments before it counts as ended.
            let isAlive = await !process.exited(within: Self.endingTime)
            if !Task.isCancelled { send(isAlive ? .pauseDisconnected : .pauseLost) }
        }
        // Somebody else may hold its end of the connection: a container that is just being born.
        watching = Task.detached {
            await process.exited()
            // What it said at last is read before.
            guard (try? await Task.sleep(for: Self.endingTime)) != nil else { return }
            connection.close()
        }
    }

    private static let endingTime = Duration.milliseconds(500)

    func stopListening() {
        listening?.cancel()
        listening = nil
        watching?.cancel()
        watching = nil
        commands.abandon()
    }

    /// Stops everything that would act for the task later. What runs in the kernel goes on running.
    private func abandon() {
        isAbandoned = true
        provisioning?.cancel()
        rewriting?.cancel()
        stopListening()
        timers.values.forEach { $0.cancel() }
        healthChecks.values.forEach { $0.cancel() }
        timers = [:]
        healthChecks = [:]
        pause = nil
    }

    private func perform(_ action: TaskProgress.Action) {
        switch action {
        case .provisionNetwork:
            provisioning = Blocking.task { [self] in await provisionNetwork() }
        case .cancelProvisioning:
            provisioning?.cancel()
        case .startPause:
            Blocking.task { [self] in await traced(.pause) { await startPause() } }
        case .replacePause:
            log.warning("the pause process ended; another one is started in its place")
            stopListening()
            pause = nil
            task.pause = nil
            Task { await startPause() }
        case .startContainer(let name):
            let place = definition.containerDefinitions.firstIndex { $0.name == name }
            Blocking.task { [self] in await traced(.container, subject: place) { await startContainer(name) } }
        case .terminate(let name):
            ending = ending ?? TraceSpan(.containersEnd)
            Task { await signal(name, SIGTERM) }
        case .kill(let name):
            log.warning("container did not end within its stopTimeout", metadata: ["container": "\(name)"])
            Task { await signal(name, SIGKILL) }
        case .startHealthChecks(let name):
            healthChecks[name]?.cancel()
            healthChecks[name] = Trace.leave { Task { await checkHealth(of: name) } }
        case .stopHealthChecks(let name):
            healthChecks.removeValue(forKey: name)?.cancel()
        case .armTimer(let timer, let duration):
            timers[timer]?.cancel()
            timers[timer] = Task {
                guard (try? await Task.sleep(for: duration)) != nil else { return }
                send(.timerFired(timer))
            }
        case .disarmTimer(let timer):
            timers.removeValue(forKey: timer)?.cancel()
        case .stopPause:
            ending?.end()
            Blocking.task { [self] in await traced(.pauseEnd) { await stopPause() } }
        case .releaseNetwork:
            ending?.end()
            Blocking.task { [self] in await releaseNetwork() }
        case .finish:
            log.info("task stopped", metadata: ["reason": "\(task.stoppedReason ?? "-")"])
        }
    }
}

// MARK: - Network

extension TaskSupervisor {
    private func provisionNetwork() async {
        // Whoever has a Swift task that is over keeps all the memory of its steps, half of what an ECS task takes.
        defer { provisioning = nil }
        do {
            try Directory.make(parts.settings.runtimeDirectory(taskID), mode: 0o700)
            try await traced(.network) { try await parts.network.provision(task) }
            send(.networkReady)
        } catch is CancellationError {
            send(.networkFailed(reason: "stopped while its network was being made"))
        } catch {
            log.error("network not provisioned", metadata: ["error": "\(error)"])
            send(.networkFailed(reason: "ResourceInitializationError: \(error)"))
        }
    }

    private func releaseNetwork() async {
        stopListening()
        pause = nil
        await parts.endPauseProcess(of: task)
        // The addresses are others' after it: the next daemon must not take the task for one that has them.
        guard (try? await untilRecorded()) != nil else { return }
        await traced(.networkRelease) { _ = await parts.network.release(task) }
        await traced(.files) { removeRuntimeDirectory() }
        send(.networkReleased)
    }

    private func removeRuntimeDirectory() {
        let path = parts.settings.runtimeDirectory(taskID).string
        guard FileManager.default.fileExists(atPath: path) else { return }
        do {
            try FileManager.default.removeItem(atPath: path)
        } catch {
            log.warning("runtime files stay", metadata: ["path": "\(path)", "error": "\(error)"])
        }
    }
}

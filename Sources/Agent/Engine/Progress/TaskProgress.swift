// SPDX-License-Identifier: Apache-2.0
import TaskDefinitions
import VPC

/// The life of one task, as a value: it takes what happened and answers with what to do next. It does nothing itself,
/// so every order of events can be tested without a kernel, and a restarted daemon goes on with the same rules.
///
/// The order is the one of ECS: network, pause process, containers by their dependencies; and back: containers,
/// those that depend on others first, then the pause process, then the network. Never the network first.
struct TaskProgress: Hashable, Sendable {
    enum Phase: Int, Hashable, Sendable, Comparable {
        case provisioning, startingPause, active, stoppingPause, deprovisioning, stopped

        static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
    }

    /// Why a task ends.
    struct Stop: Hashable, Sendable {
        var code: TaskStopCode
        var reason: String
    }

    private static let reconnectDelay = Duration.seconds(1)
    /// Of a pause process, in a row: what ends it will most likely end the next.
    private static let mostReplacements = 3

    enum Timer: Hashable, Sendable {
        case reconnect
        case start(container: String)
        case stop(container: String)
    }

    enum Event: Hashable, Sendable {
        case begin
        case networkReady
        case networkFailed(reason: String)
        case pauseReady(children: [ChildReport])
        case pauseFailed(reason: String)
        /// The pause process ended without being told to, and every container with it.
        case pauseLost
        /// The pause process lives, but the connection to it is gone.
        case pauseDisconnected
        case containerStarted(String)
        case containerFailedToStart(String, reason: String)
        case containerExited(String, exitCode: Int?)
        case healthChanged(String, HealthStatus)
        case timerFired(Timer)
        case stopRequested(Stop)
        case pauseStopped
        case networkReleased
    }

    /// What a pause process that was found alive says about one container.
    struct ChildReport: Hashable, Sendable {
        var container: String
        /// Nil while it runs.
        var exitCode: Int?
    }

    enum Action: Hashable, Sendable {
        case provisionNetwork
        case cancelProvisioning
        case startPause
        /// Another pause process in the place of one that ended, in the same namespace.
        case replacePause
        case startContainer(String)
        case terminate(String)
        case kill(String)
        case startHealthChecks(String)
        case stopHealthChecks(String)
        case armTimer(Timer, Duration)
        case disarmTimer(Timer)
        case stopPause
        case releaseNetwork
        case finish
    }

    private(set) var phase: Phase = .provisioning
    private(set) var stop: Stop?
    private(set) var containers: [ContainerProgress]
    /// Whether every container that had no reason to wait has run: the task is RUNNING, and stays that.
    private(set) var hasBeenRunning = false
    private var isProvisioning = false
    private var isTakenOver = false
    private var replacements = 0

    init(containers: [ContainerRules]) {
        self.containers = containers.map(ContainerProgress.init)
    }

    /// What is known of a task that an earlier daemon began. Everything else is found out anew, because every step can
    /// be repeated.
    struct Resumption: Hashable, Sendable {
        struct Container: Hashable, Sendable {
            /// Nil while it may still run; then the pause process knows.
            var end: ContainerProgress.End?
            var hasStarted = false
            var health = HealthStatus.unknown
        }

        var stop: Stop?
        var containers: [String: Container] = [:]
        var hasBeenRunning = false
        /// Whether containers may run in it: then no failure of the new daemon's is a reason to end them.
        var hasPauseProcess = false
        /// Whether its network was made to the end, and need not be made again.
        var isNetworkMade = false
        /// Whether its network was being taken down, or was not to be made any more: it is not made again, because its
        /// addresses may be others' by now.
        var isReleasing = false
    }

    init(containers: [ContainerRules], resuming known: Resumption) {
        self.init(containers: containers)
        stop = known.stop
        hasBeenRunning = known.hasBeenRunning
        isTakenOver = known.hasPauseProcess
        for index in self.containers.indices {
            guard let container = known.containers[self.containers[index].rules.name] else { continue }
            self.containers[index].hasStarted = container.hasStarted
            self.containers[index].health = container.health
            if let end = container.end { self.containers[index].phase = .stopped(end) }
        }
        if known.isReleasing {
            endAllContainers(reason: nil)
            phase = .deprovisioning
        } else if known.isNetworkMade {
            phase = .startingPause
        }
    }

    subscript(name: String) -> ContainerProgress? {
        containers.first { $0.rules.name == name }
    }

    mutating func handle(_ event: Event) -> [Action] {
        switch event {
        case .begin:
            if phase == .deprovisioning { return [.releaseNetwork] }
            if phase == .startingPause { return [.startPause] }
            guard phase == .provisioning, !isProvisioning else { return [] }
            isProvisioning = true
            return [.provisionNetwork]
        case .networkReady:
            guard phase == .provisioning else { return [] }
            isProvisioning = false
            phase = .startingPause
            return [.startPause]
        case .networkFailed(let reason):
            guard phase == .provisioning else { return [] }
            isProvisioning = false
            if isTakenOver {
                // Its containers run, whatever a repair of their network comes to.
                phase = .startingPause
                return [.startPause]
            }
            return fail(.init(code: .taskFailedToStart, reason: reason))
        case .pauseReady(let children):
            guard phase == .startingPause else { return [] }
            phase = .active
            isTakenOver = true
            return adopt(children) + advance()
        case .pauseFailed(let reason):
            guard phase == .startingPause else { return [] }
            if isTakenOver { return stop == nil ? [.armTimer(.reconnect, Self.reconnectDelay)] : stopUnheard() }
            return fail(.init(code: .taskFailedToStart, reason: reason))
        case .pauseDisconnected:
            guard phase == .active else { return [] }
            phase = .startingPause
            return [.startPause]
        case .timerFired(.reconnect):
            return phase == .startingPause ? [.startPause] : []
        case .pauseLost:
            return pauseLost()
        case .stopRequested(let stop):
            return request(stop)
        case .pauseStopped:
            guard phase == .stoppingPause else { return [] }
            endAllContainers(reason: "The task's pause process was ended, and the container with it")
            phase = .deprovisioning
            return [.releaseNetwork]
        case .networkReleased:
            guard phase == .deprovisioning else { return [] }
            phase = .stopped
            return [.finish]
        case .containerStarted, .containerFailedToStart, .containerExited, .healthChanged, .timerFired:
            guard phase == .active else { return [] }
            return handleContainer(event)
        }
    }
}

// MARK: - Containers

extension TaskProgress {
    private mutating func handleContainer(_ event: Event) -> [Action] {
        switch event {
        case .containerStarted(let name):
            return containerStarted(name)
        case .containerFailedToStart(let name, let reason):
            return containerEnded(name, exitCode: nil, reason: reason)
        case .containerExited(let name, let exitCode):
            return containerEnded(name, exitCode: exitCode, reason: nil)
        case .healthChanged(let name, let health):
            guard let index = index(of: name), containers[index].isAlive else { return [] }
            containers[index].health = health
            return advance()
        case .timerFired(.start(let name)):
            return startTimedOut(name)
        case .timerFired(.stop(let name)):
            guard let container = self[name], container.isAlive else { return [] }
            return [.kill(name)]
        default:
            return []
        }
    }

    private mutating func containerStarted(_ name: String) -> [Action] {
        guard let index = index(of: name), containers[index].phase == .starting else { return [] }
        containers[index].phase = .running
        containers[index].hasStarted = true
        let rules = containers[index].rules
        return (rules.hasHealthCheck ? [.startHealthChecks(name)] : []) + advance()
    }

    private mutating func containerEnded(_ name: String, exitCode: Int?, reason: String?) -> [Action] {
        guard let index = index(of: name), !containers[index].isStopped else { return [] }
        return recordEnd(at: index, exitCode: exitCode, reason: reason) + advance()
    }

    private mutating func recordEnd(at index: Int, exitCode: Int?, reason: String?) -> [Action] {
        let rules = containers[index].rules
        let name = rules.name
        // An exit can be told before the answer to the start that it followed.
        containers[index].hasStarted = containers[index].hasStarted || reason == nil
        noteRunning()
        containers[index].phase = .stopped(.init(exitCode: exitCode, reason: reason))
        var actions: [Action] = []
        if rules.hasHealthCheck { actions.append(.stopHealthChecks(name)) }
        actions += disarmStopTimer(at: index)
        if rules.isEssential, stop == nil {
            stop =
                reason == nil
                ? Stop(code: .essentialContainerExited, reason: "Essential container in task exited")
                : Stop(code: .taskFailedToStart, reason: "Task failed to start")
        }
        return actions
    }

    /// A task is RUNNING once all that can start has.
    private mutating func noteRunning() {
        if containers.contains(where: \.isAlive), containers.allSatisfy({ $0.hasStarted || $0.isStopped }) {
            hasBeenRunning = true
        }
    }

    /// A container took longer than its `startTimeout` to reach what others wait for: they are not started any more.
    private mutating func startTimedOut(_ name: String) -> [Action] {
        guard stop == nil, let container = self[name] else { return [] }
        for index in containers.indices where containers[index].phase == .waiting {
            let unmet = containers[index].rules.dependencies.first {
                $0.container == name && container.outcome(of: $0.condition) != .met
            }
            guard let unmet else { continue }
            giveUp(
                at: index,
                because: "container '\(name)' did not reach \(unmet.condition.rawValue) within its startTimeout")
        }
        return advance()
    }

    /// Ends a container that was never started, and with it the task where the container is essential.
    private mutating func giveUp(at index: Int, because reason: String) {
        let rules = containers[index].rules
        containers[index].phase = .stopped(.init(exitCode: nil, reason: "DependencyError: \(reason)"))
        if rules.isEssential, stop == nil {
            stop = Stop(code: .taskFailedToStart, reason: "Container '\(rules.name)' was not started: \(reason)")
        }
    }

    /// Takes over what a pause process has already: after a daemon's restart, its word counts, not the store's. All of
    /// it before anything is done, or a container that runs already would be started beside itself.
    private mutating func adopt(_ children: [ChildReport]) -> [Action] {
        var actions: [Action] = []
        for child in children {
            guard let index = index(of: child.container), !containers[index].isStopped else { continue }
            containers[index].hasStarted = true
            if let exitCode = child.exitCode {
                actions += recordEnd(at: index, exitCode: exitCode, reason: nil)
            } else {
                let rules = containers[index].rules
                // Also what was told to end: the signal may have been lost with the connection, and so may the kill have
                // been that was due meanwhile. The stop begins anew.
                containers[index].phase = .running
                actions += disarmStopTimer(at: index)
                if rules.hasHealthCheck { actions.append(.startHealthChecks(rules.name)) }
                if let startTimeout = rules.startTimeout, !hasBeenRunning, hasDependents(rules.name) {
                    actions.append(.armTimer(.start(container: rules.name), startTimeout))
                }
            }
        }
        // Asked for over a connection that is gone, and never heard of.
        for index in containers.indices where containers[index].phase == .starting {
            containers[index].phase = .waiting
            actions += disarmStopTimer(at: index)
        }
        return actions
    }

    private mutating func disarmStopTimer(at index: Int) -> [Action] {
        guard containers[index].hasStopTimer else { return [] }
        containers[index].hasStopTimer = false
        return [.disarmTimer(.stop(container: containers[index].rules.name))]
    }

    private func index(of name: String) -> Int? {
        containers.firstIndex { $0.rules.name == name }
    }
}

// MARK: - Start and stop

extension TaskProgress {
    /// Does all that has become possible: starts what has nothing left to wait for, or, when the task is to end, ends
    /// what nothing else depends on any more.
    private mutating func advance() -> [Action] {
        guard phase == .active else { return [] }
        return stop == nil ? advanceStart() : advanceStop()
    }

    private mutating func advanceStart() -> [Action] {
        var actions: [Action] = []
        for index in containers.indices where containers[index].phase == .waiting {
            let rules = containers[index].rules
            var isReady = true
            for dependency in rules.dependencies {
                switch self[dependency.container]?.outcome(of: dependency.condition) ?? .impossible("is not known") {
                case .met:
                    continue
                case .pending:
                    isReady = false
                case .impossible(let why):
                    giveUp(at: index, because: "container '\(dependency.container)' \(why)")
                    return actions + advance()
                }
            }
            guard isReady else { continue }
            containers[index].phase = .starting
            actions.append(.startContainer(rules.name))
            if let startTimeout = rules.startTimeout, hasDependents(rules.name) {
                actions.append(.armTimer(.start(container: rules.name), startTimeout))
            }
        }
        noteRunning()
        if containers.allSatisfy(\.isStopped) {
            // Only where no container is essential, which validation rules out: a task without a process is over.
            stop = Stop(code: .essentialContainerExited, reason: "All containers in task exited")
            return actions + advanceStop()
        }
        return actions
    }

    private mutating func advanceStop() -> [Action] {
        var actions: [Action] = []
        for index in containers.indices {
            let rules = containers[index].rules
            switch containers[index].phase {
            case .waiting:
                containers[index].phase = .stopped(.init(exitCode: nil, reason: nil))
            case .starting where !containers[index].hasStopTimer:
                // Told to end when it has started; killed if that takes too long.
                containers[index].hasStopTimer = true
                actions.append(.armTimer(.stop(container: rules.name), rules.stopTimeout))
            case .running where !hasLivingDependents(rules.name):
                containers[index].phase = .stopping
                containers[index].hasStopTimer = true
                if rules.hasHealthCheck { actions.append(.stopHealthChecks(rules.name)) }
                actions.append(.terminate(rules.name))
                actions.append(.armTimer(.stop(container: rules.name), rules.stopTimeout))
            default:
                continue
            }
        }
        guard containers.allSatisfy(\.isStopped) else { return actions }
        phase = .stoppingPause
        return actions + [.stopPause]
    }

    private mutating func request(_ requested: Stop) -> [Action] {
        guard stop == nil else { return [] }
        stop = requested
        switch phase {
        case .provisioning:
            if isProvisioning { return [.cancelProvisioning] }
            phase = .deprovisioning
            endAllContainers(reason: nil)
            return [.releaseNetwork]
        case .active:
            return advance()
        case .startingPause, .stoppingPause, .deprovisioning, .stopped:
            // A pause process that is just coming up is taken over by `pauseReady`, and ended from there; one that cannot
            // be reached is ended by the next `pauseFailed`.
            return []
        }
    }

    /// Ends a task of which no process runs.
    private mutating func fail(_ cause: Stop) -> [Action] {
        if stop == nil { stop = cause }
        endAllContainers(reason: nil)
        phase = .deprovisioning
        return [.releaseNetwork]
    }

    /// Ends a pause process that lives and cannot be reached. Its containers end with it: nobody can tell them before.
    private mutating func stopUnheard() -> [Action] {
        phase = .stoppingPause
        return stopAllHealthChecks() + [.stopPause]
    }

    /// The namespace lives on, so nothing of a task is lost in which no essential container had been started: it gets
    /// another pause process. Any other is over.
    private mutating func pauseLost() -> [Action] {
        guard phase == .active || phase == .startingPause else { return [] }
        let health = stopAllHealthChecks()
        let isWhole = !containers.contains { $0.rules.isEssential && ($0.hasStarted || $0.isStopped) }
        if stop == nil, isWhole, replacements < Self.mostReplacements {
            replacements += 1
            return health + endStartedContainers() + replacePause()
        }
        endAllContainers(reason: Self.endedWithPause)
        if stop == nil { stop = Stop(code: .essentialContainerExited, reason: "The task's pause process ended") }
        phase = .deprovisioning
        return health + [.releaseNetwork]
    }

    private static let endedWithPause = "The task's pause process ended, and the container with it"

    private mutating func replacePause() -> [Action] {
        phase = .startingPause
        // None of its containers runs, whatever becomes of the next one.
        isTakenOver = false
        return [.replacePause]
    }

    /// Ends what had been started, and nothing else: what was only asked for is asked for again.
    private mutating func endStartedContainers() -> [Action] {
        var actions: [Action] = []
        for index in containers.indices where !containers[index].isStopped {
            actions += disarmStopTimer(at: index)
            if containers[index].hasStarted {
                containers[index].phase = .stopped(.init(exitCode: nil, reason: Self.endedWithPause))
            } else {
                containers[index].phase = .waiting
            }
        }
        return actions
    }

    private func stopAllHealthChecks() -> [Action] {
        containers.filter { $0.rules.hasHealthCheck && $0.isAlive }.map { .stopHealthChecks($0.rules.name) }
    }

    private mutating func endAllContainers(reason: String?) {
        for index in containers.indices where !containers[index].isStopped {
            containers[index].phase = .stopped(.init(exitCode: nil, reason: containers[index].isAlive ? reason : nil))
        }
    }

    private func hasDependents(_ name: String) -> Bool {
        containers.contains { $0.rules.dependencies.contains { $0.container == name } }
    }

    private func hasLivingDependents(_ name: String) -> Bool {
        containers.contains { container in
            container.isAlive && container.rules.dependencies.contains { $0.container == name }
        }
    }
}

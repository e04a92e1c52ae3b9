// SPDX-License-Identifier: Apache-2.0
import TaskDefinitions
import VPC

/// What a task's life needs to know of one of its containers: its place in the order, and how patient to be with it.
struct ContainerRules: Hashable, Sendable {
    struct Dependency: Hashable, Sendable {
        var container: String
        var condition: ContainerDependency.Condition
    }

    var name: String
    var isEssential: Bool
    var dependencies: [Dependency] = []
    /// How long others wait for this container to reach what they depend on; without it, they wait for ever.
    var startTimeout: Duration?
    /// How long this container may take to end after SIGTERM before it is killed.
    var stopTimeout: Duration
    var hasHealthCheck = false
}

/// Where one container is in its life.
struct ContainerProgress: Hashable, Sendable {
    enum Phase: Hashable, Sendable {
        /// Not yet started: something that it depends on has not happened.
        case waiting
        /// Its start has been asked for.
        case starting
        case running
        /// Told to end.
        case stopping
        /// Ended, or never to be started.
        case stopped(End)
    }

    struct End: Hashable, Sendable {
        /// Nil where no process ever ran, or its end was not seen.
        var exitCode: Int?
        var reason: String?
    }

    let rules: ContainerRules
    var phase: Phase = .waiting
    var health: HealthStatus = .unknown
    /// Whether a process of it ever ran.
    var hasStarted = false
    /// Whether it is to be killed when it has not ended by a certain time.
    var hasStopTimer = false

    init(rules: ContainerRules) {
        self.rules = rules
    }

    var isStopped: Bool {
        if case .stopped = phase { true } else { false }
    }

    /// Whether a process of it runs now, as far as is known.
    var isAlive: Bool {
        switch phase {
        case .starting, .running, .stopping: true
        case .waiting, .stopped: false
        }
    }

    var exitCode: Int? {
        if case .stopped(let end) = phase { end.exitCode } else { nil }
    }

    /// What another container's dependency on this one has come to.
    enum DependencyOutcome: Hashable, Sendable {
        case met
        case pending
        /// It can never be met any more, and why.
        case impossible(String)
    }

    func outcome(of condition: ContainerDependency.Condition) -> DependencyOutcome {
        switch (condition, phase) {
        case (.start, .running), (.start, .stopping):
            return .met
        case (.start, .stopped):
            return hasStarted ? .met : .impossible("never started")
        case (.complete, .stopped(let end)):
            return end.exitCode == nil ? .impossible("ended without an exit code") : .met
        case (.success, .stopped(let end)):
            guard let exitCode = end.exitCode else { return .impossible("ended without an exit code") }
            return exitCode == 0 ? .met : .impossible("did not exit successfully (exit code \(exitCode))")
        case (.healthy, .stopped):
            return .impossible("ended before it was healthy")
        case (.healthy, .running):
            // An unhealthy container may recover; how long others wait for that is its startTimeout's matter.
            return health == .healthy ? .met : .pending
        default:
            return .pending
        }
    }
}

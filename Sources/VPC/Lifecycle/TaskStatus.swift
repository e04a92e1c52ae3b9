// SPDX-License-Identifier: Apache-2.0

/// Where a task is in its life, in the order of that life.
package enum TaskStatus: String, LifecycleStatus {
    /// Its network is being made.
    case provisioning = "PROVISIONING"
    /// Its containers are being started.
    case pending = "PENDING"
    /// Its containers run, and something else has to be done before it counts as running.
    case activating = "ACTIVATING"
    case running = "RUNNING"
    /// What `activating` did is undone.
    case deactivating = "DEACTIVATING"
    /// Its containers are being stopped.
    case stopping = "STOPPING"
    /// Its network is being taken down.
    case deprovisioning = "DEPROVISIONING"
    case stopped = "STOPPED"

    package static var subject: String { "a task" }

    /// Up goes step by step (only `activating` may be left out), down may leave steps out, and nothing goes back.
    package func mayBecome(_ next: TaskStatus) -> Bool {
        switch next {
        case .provisioning: false
        case .pending: self == .provisioning
        case .activating: self == .pending
        case .running: self == .pending || self == .activating
        case .deactivating, .stopping, .deprovisioning, .stopped: next.rank > rank
        }
    }

    /// Whether the task is on its way down or has arrived there.
    package var isStopping: Bool { rank >= Self.deactivating.rank }

    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

/// What a task or a container is meant to be.
package enum DesiredStatus: String, APIEnumeration {
    case running = "RUNNING"
    case pending = "PENDING"
    case stopped = "STOPPED"

    package static var noun: String { "desired status" }
    package static var failureKind: ValidationFailure.Kind { .invalidParameter }
}

/// Why a task stopped.
package enum TaskStopCode: String, Hashable, Sendable, Codable, CaseIterable {
    case taskFailedToStart = "TaskFailedToStart"
    case essentialContainerExited = "EssentialContainerExited"
    case userInitiated = "UserInitiated"
    case serviceSchedulerInitiated = "ServiceSchedulerInitiated"
    case spotInterruption = "SpotInterruption"
    case terminationNotice = "TerminationNotice"
}

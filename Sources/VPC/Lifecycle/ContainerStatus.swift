// SPDX-License-Identifier: Apache-2.0

/// Where a container is in its life, as the ECS API tells it.
package enum ContainerStatus: String, LifecycleStatus {
    case pending = "PENDING"
    case running = "RUNNING"
    case stopped = "STOPPED"

    package static var subject: String { "a container" }

    package func mayBecome(_ next: ContainerStatus) -> Bool {
        switch next {
        case .pending: false
        case .running: self == .pending
        case .stopped: true
        }
    }
}

/// What a container's health check says; `unknown` without one, and until it has said something.
package enum HealthStatus: String, Hashable, Sendable, Codable, CaseIterable {
    case healthy = "HEALTHY"
    case unhealthy = "UNHEALTHY"
    case unknown = "UNKNOWN"

    /// The health of a task: unhealthy when one of its essential containers is, healthy when all are that have a check.
    package init(ofTaskWith essentialContainers: some Sequence<HealthStatus>) {
        var result = HealthStatus.healthy
        var isEmpty = true
        for status in essentialContainers {
            isEmpty = false
            if status == .unhealthy { result = .unhealthy }
            if status == .unknown, result == .healthy { result = .unknown }
        }
        self = isEmpty ? .unknown : result
    }
}

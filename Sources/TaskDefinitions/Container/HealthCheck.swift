// SPDX-License-Identifier: Apache-2.0
import VPC

/// How it is found out whether a container is healthy.
package struct HealthCheck: Hashable, Sendable, Codable {
    /// `CMD` and a program with its arguments, or `CMD-SHELL` and a line for the shell.
    package var command: [String]
    /// Seconds between two checks.
    package var interval: Int?
    /// Seconds that one check may take.
    package var timeout: Int?
    /// How many failures in a row make the container unhealthy.
    package var retries: Int?
    /// Seconds after the start in which failures do not count.
    package var startPeriod: Int?

    package init(
        command: [String], interval: Int? = nil, timeout: Int? = nil, retries: Int? = nil, startPeriod: Int? = nil
    ) {
        self.command = command
        self.interval = interval
        self.timeout = timeout
        self.retries = retries
        self.startPeriod = startPeriod
    }

    package static let defaultInterval = 30
    package static let defaultTimeout = 5
    package static let defaultRetries = 3
}

/// What a container waits for before it starts.
package struct ContainerDependency: Hashable, Sendable, Codable {
    package enum Condition: String, APIEnumeration {
        /// The other one has been started.
        case start = "START"
        /// The other one has ended.
        case complete = "COMPLETE"
        /// The other one has ended with exit code 0.
        case success = "SUCCESS"
        /// The other one's health check passes.
        case healthy = "HEALTHY"

        package static var noun: String { "container condition" }
    }

    package var containerName: String
    package var condition: Condition

    package init(containerName: String, condition: Condition) {
        self.containerName = containerName
        self.condition = condition
    }
}

// SPDX-License-Identifier: Apache-2.0
import VPC

/// Turns the outcomes of a container's health checks into its health status, by the rules of ECS (and of Docker, whose
/// they are): one success is healthy; `retries` failures in a row are unhealthy; a failure within the start period does
/// not count unless a check has already succeeded.
struct HealthTracker: Hashable, Sendable {
    let retries: Int
    let startPeriod: Duration
    private(set) var status: HealthStatus
    private var failuresInARow = 0
    private var hasSucceeded: Bool

    /// - Parameter status: what an earlier daemon came to.
    init(retries: Int, startPeriod: Duration, status: HealthStatus = .unknown) {
        self.retries = retries
        self.startPeriod = startPeriod
        self.status = status
        hasSucceeded = status != .unknown
    }

    /// Takes the outcome of one check that ended `age` after the container's start.
    /// - Returns: the status, if this check changed it.
    mutating func record(success: Bool, age: Duration) -> HealthStatus? {
        let before = status
        if success {
            failuresInARow = 0
            hasSucceeded = true
            status = .healthy
        } else if hasSucceeded || age >= startPeriod {
            failuresInARow += 1
            if failuresInARow >= retries { status = .unhealthy }
        }
        return status == before ? nil : status
    }
}

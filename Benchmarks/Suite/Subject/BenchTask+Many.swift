// SPDX-License-Identifier: Apache-2.0
import ControlClient
import ECSAPI
import ECSClient
import Glibc
import VPC

extension BenchTask {
    /// As many as RunTask starts and StopTask takes with one call's worth of patience.
    private static let most = 10

    /// Runs as many, and waits until all are running.
    ///
    /// - Parameter others: how many run already.
    static func runMany(_ count: Int, beside others: Int = 0, _ daemon: BenchDaemon) throws -> [BenchTask] {
        var tasks: [BenchTask] = []
        while tasks.count < count { tasks += try run(daemon, count: min(most, count - tasks.count)) }
        try waitUntilRunning(others + count, daemon)
        return tasks
    }

    static func stopMany(_ tasks: [BenchTask], _ daemon: BenchDaemon) throws {
        _ = try Workers.run(4, over: tasks, for: nil) { try $0.stop(daemon) }
        try waitUntilRunning(0, daemon)
        for task in tasks { try task.wait(for: .stopped, daemon) }
    }

    static func waitUntilRunning(_ count: Int, _ daemon: BenchDaemon) throws {
        let deadline = ContinuousClock.now.advanced(by: .seconds(300))
        while ContinuousClock.now < deadline {
            let clusters = try daemon.client.call(DescribeClusters.self, .init()).clusters
            if clusters?.first?.runningTasksCount == count { return }
            usleep(20000)
        }
        throw BenchFailure("there are no \(count) running tasks after 300 s")
    }
}

// SPDX-License-Identifier: Apache-2.0
import ControlClient
import ECSAPI
import ECSClient
import Glibc
import SystemPackage
import TaskDefinitions
import VPC

/// A task that the daemon runs: one container, whose first doing is to send a datagram to the host.
struct BenchTask: Sendable {
    static let port = 7654
    static let family = "bench"
    static let echoFamily = "bench-echo"
    /// In the subnet of `BenchDaemon`.
    private static let gateway = "10.64.0.1"

    let arn: String

    static func register(_ daemon: BenchDaemon, _ host: BenchHost) throws {
        try register(family, ["hello", gateway, String(port)], daemon, host)
    }

    /// A task that sends datagrams back.
    static func registerEcho(_ daemon: BenchDaemon, _ host: BenchHost) throws {
        try register(echoFamily, ["echo", "0.0.0.0", String(port)], daemon, host)
    }

    private static func register(
        _ family: String, _ arguments: [String], _ daemon: BenchDaemon, _ host: BenchHost
    ) throws {
        let packets = host.floorPrograms.appending("packets").string
        var container = ContainerDefinition(name: "main", image: "host", command: [packets] + arguments)
        container.memory = 16
        container.stopTimeout = 5
        _ = try daemon.client.call(
            RegisterTaskDefinition.self,
            .init(family: family, containerDefinitions: [container], networkMode: .awsvpc))
    }

    static func run(
        _ daemon: BenchDaemon, _ family: String = BenchTask.family, count: Int = 1
    ) throws -> [BenchTask] {
        var input = RunTask.Input(taskDefinition: family)
        input.count = count
        input.networkConfiguration = NetworkConfiguration(awsvpcConfiguration: .init(subnets: [BenchDaemon.subnet]))
        let output = try daemon.client.call(RunTask.self, input)
        let tasks = (output.tasks ?? []).map { BenchTask(arn: $0.taskArn) }
        guard tasks.count == count else { throw BenchFailure("RunTask: \(output.failures ?? [])") }
        return tasks
    }

    func stop(_ daemon: BenchDaemon) throws {
        _ = try daemon.client.call(StopTask.self, .init(task: arn, reason: "measured"))
    }

    /// Of its ENI.
    func address(_ daemon: BenchDaemon) throws -> String {
        let task = try daemon.client.call(DescribeTasks.self, .init(tasks: [arn])).tasks?.first
        guard let address = task?.containers?.first?.networkInterfaces?.first?.privateIpv4Address else {
            throw BenchFailure("\(arn) has no address")
        }
        return address
    }

    func wait(for status: TaskStatus, _ daemon: BenchDaemon) throws {
        let deadline = ContinuousClock.now.advanced(by: .seconds(30))
        while ContinuousClock.now < deadline {
            let task = try daemon.client.call(DescribeTasks.self, .init(tasks: [arn])).tasks?.first
            if task?.lastStatus == status { return }
            if task?.lastStatus == .stopped { throw BenchFailure("task stopped: \(task?.stoppedReason ?? "")") }
            usleep(2000)
        }
        throw BenchFailure("\(arn) is not \(status) within 30 s")
    }

    /// Where its time went, as the daemon tells.
    func trace(_ daemon: BenchDaemon) throws -> TaskTrace {
        try daemon.client.call(TaskNetworkAPI.DescribeTaskTrace.self, .init(task: arn))
    }
}

extension TaskTrace {
    /// How long all steps of that name took together, in a path (`start`, `stop`).
    func total(_ step: String, of path: String) throws -> Duration {
        let found = steps.filter { $0.path == path && $0.name == step }
        guard !found.isEmpty else { throw BenchFailure("a task's trace has no step \(step) on the path \(path)") }
        return .microseconds(found.reduce(0) { $0 + ($1.durationMicroseconds ?? 0) })
    }
}

// SPDX-License-Identifier: Apache-2.0
import ControlClient
import ECSAPI
import ECSClient
import VPC

/// What the daemon says that there is.
struct APISurvey: Sendable {
    /// Those that have stopped are among them.
    var tasks: [ECSTask] = []
    var interfaces: [NetworkInterfaceDescription] = []
    var subnets: [SubnetDescription] = []
    var groups: [SecurityGroupDescription] = []
    /// Of the packet filter, in the daemon's own eyes.
    var filterDrift: [String] = []

    init(_ client: ControlClient) throws(ControlError) {
        tasks = try Self.tasks(client)
        var token: String?
        repeat {
            var input = TaskNetworkAPI.ListNetworkInterfaces.Input()
            input.nextToken = token
            let page = try client.call(TaskNetworkAPI.ListNetworkInterfaces.self, input)
            interfaces += page.networkInterfaces ?? []
            token = page.nextToken
        } while token != nil
        subnets = try client.call(TaskNetworkAPI.ListSubnets.self, .init()).subnets ?? []
        groups = try client.call(TaskNetworkAPI.DescribeSecurityGroups.self, .init()).securityGroups ?? []
        filterDrift = try client.call(TaskNetworkAPI.DescribePacketFilter.self, .init()).drift
    }

    private static func tasks(_ client: ControlClient) throws(ControlError) -> [ECSTask] {
        var arns: [String] = []
        for status in [DesiredStatus.running, .stopped] {
            var token: String?
            repeat {
                var input = ListTasks.Input(desiredStatus: status)
                input.nextToken = token
                let page = try client.call(ListTasks.self, input)
                arns += page.taskArns ?? []
                token = page.nextToken
            } while token != nil
        }
        // One may have changed sides between the two lists.
        arns = Set(arns).sorted()
        var tasks: [ECSTask] = []
        while !arns.isEmpty {
            tasks += try client.call(DescribeTasks.self, .init(tasks: Array(arns.prefix(100)))).tasks ?? []
            arns.removeFirst(min(100, arns.count))
        }
        return tasks
    }

    /// Those that are in the middle of something, in words.
    var unsettled: [String] {
        tasks.compactMap { task in
            let status = task.lastStatus ?? .provisioning
            return [.running, .stopped].contains(status) ? nil : "\(task.label) (\(task.id)) is \(status.rawValue)"
        }
            + interfaces.compactMap { interface in
                [.attached, .failed, nil].contains(interface.status)
                    ? nil : "\(interface.networkInterfaceId) is \(interface.status?.rawValue ?? "")"
            }
    }

    /// Running tasks by their ids.
    var running: [String: ECSTask] {
        Dictionary(
            tasks.filter { $0.lastStatus == .running }.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    }
}

extension ECSTask {
    var id: String { taskArn.split(separator: "/").last.map(String.init) ?? taskArn }
    /// What the trial calls it.
    var label: String { startedBy ?? "?" }
}

extension NetworkInterfaceDescription {
    var addresses: [String] { privateIpv4Addresses + ipv6Addresses }
    var taskID: String? { taskArn?.split(separator: "/").last.map(String.init) }
}

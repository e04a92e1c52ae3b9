// SPDX-License-Identifier: Apache-2.0

import ControlClient
import ECSAPI
import ECSClient
import JSON
import VPC

/// The security groups and prefix lists that the daemon knows, found by what people call them.
struct SecurityGroupCatalog {
    let client: ControlClient
    let groups: [SecurityGroupDescription]

    init(client: ControlClient) throws(ControlError) {
        self.client = client
        groups = try client.call(TaskNetworkAPI.DescribeSecurityGroups.self, .init()).securityGroups ?? []
    }

    /// By id or name.
    func group(_ text: String) throws(CommandFailure) -> SecurityGroupDescription {
        if let group = groups.first(where: { $0.groupId == text }) ?? groups.first(where: { $0.groupName == text }) {
            return group
        }
        let names = groups.map { EscapedText.of($0.groupName) }.listed
        throw CommandFailure(
            "there is no security group \(EscapedText.quoted(text.utf8, limit: 120)); there are: \(names)", .notFound)
    }

    /// `web` of its id; the id where it is not known.
    func name(ofGroup id: String) -> String { groups.first { $0.groupId == id }?.groupName ?? id }

    /// The rules of a group with their counters.
    func rules(ofGroup id: String) throws(ControlError) -> [SecurityGroupRuleDescription] {
        try client.call(
            TaskNetworkAPI.DescribeSecurityGroupRules.self, .init(filters: [.init(name: "group-id", values: [id])])
        ).securityGroupRules ?? []
    }

    /// The ENIs that are in a group.
    func members(ofGroup id: String) throws(ControlError) -> [NetworkInterfaceDescription] {
        try client.networkInterfaces(.init()).filter { eni in
            (eni.securityGroups ?? []).contains { $0.groupId == id }
        }
    }
}

extension ControlClient {
    /// All pages of a list of ENIs.
    func networkInterfaces(
        _ input: TaskNetworkAPI.ListNetworkInterfaces.Input
    ) throws(ControlError) -> [NetworkInterfaceDescription] {
        var input = input
        var interfaces: [NetworkInterfaceDescription] = []
        repeat {
            let page = try call(TaskNetworkAPI.ListNetworkInterfaces.self, input)
            interfaces += page.networkInterfaces ?? []
            input.nextToken = page.nextToken
        } while input.nextToken != nil
        return interfaces
    }
}

// SPDX-License-Identifier: Apache-2.0
package import VPC

extension SecurityGroup {
    /// The id of a group that is only named in a configuration.
    package static func derivedID(_ name: String, vpcID: String) -> String {
        name == defaultName ? Self.default(vpcID: vpcID).id : ResourceID.derived("sg", from: "\(vpcID)/\(name)")
    }

    /// What EC2 gives a new group in one direction.
    func initialRules(_ direction: SecurityGroupRule.Direction) -> [SecurityGroupRule] {
        switch direction {
        case .ingress where name == Self.defaultName:
            [SecurityGroupRule(groupID: id, direction: .ingress, ipProtocol: .all, peer: .group(id))]
        case .ingress: []
        case .egress: Self.defaultEgressRules(groupID: id)
        }
    }
}

extension AgentConfiguration {
    /// The VPC's `default` group where the file does not change it.
    package var defaultSecurityGroup: SecurityGroup { .default(vpcID: vpc.id) }

    /// The groups with whether the file gives `default`: what is compared and taken as one.
    struct Groups: Equatable, Sendable {
        var groups: [SecurityGroup]
        var givesDefault: Bool
    }

    var groupsOfFile: Groups {
        get { Groups(groups: securityGroups, givesDefault: givesDefaultGroup) }
        set { (securityGroups, givesDefaultGroup) = (newValue.groups, newValue.givesDefault) }
    }

    /// Whether the file gives it, and so alone can change it.
    func gives(_ group: SecurityGroup) -> Bool {
        securityGroups.contains { $0.id == group.id }
            && (givesDefaultGroup || group.name != SecurityGroup.defaultName)
    }

    package var securityGroupLimits: SecurityGroupLimits {
        SecurityGroupLimits(groupsPerInterface: securityGroupsPerInterface, rulesPerGroup: rulesPerSecurityGroup)
    }
}

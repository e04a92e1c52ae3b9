// SPDX-License-Identifier: Apache-2.0

import ControlClient
import ECSAPI
import JSON
import VPC

/// A security group in full, for people.
struct SecurityGroupView {
    let group: SecurityGroupDescription
    let catalog: SecurityGroupCatalog
    let rules: [SecurityGroupRuleDescription]
    let members: [NetworkInterfaceDescription]

    init(_ group: SecurityGroupDescription, catalog: SecurityGroupCatalog) throws(ControlError) {
        self.group = group
        self.catalog = catalog
        rules = try catalog.rules(ofGroup: group.groupId)
        members = try catalog.members(ofGroup: group.groupId)
    }

    /// The daemon's documents together.
    var json: JSONNode {
        get throws {
            [
                "SecurityGroups": try JSONNode(encoding: [group]),
                "SecurityGroupRules": try JSONNode(encoding: rules),
                "NetworkInterfaces": try JSONNode(encoding: members),
            ]
        }
    }

    func lines(styled: Bool) -> [String] {
        var lines = ValuePairs([
            ("Group", group.groupId), ("Name", group.groupName), ("Description", group.description),
            ("VPC", group.vpcId), ("Made by", madeBy), ("Members", membersText),
            ("Enforced", notEnforced),
        ]).lines()
        for isEgress in [false, true] {
            let rules = rules.filter { $0.isEgress == isEgress }
            lines += ["", heading(isEgress ? "Outbound rules" : "Inbound rules", styled)]
            if rules.isEmpty {
                lines.append(isEgress ? "  none: members may speak to nobody" : "  none: members hear nobody")
            } else {
                lines += RuleTable(catalog: catalog, isEgress: isEgress).table(rules)
                    .lines(styled: styled, indentation: 2)
            }
        }
        if !members.isEmpty {
            lines += ["", heading("Members", styled)] + memberTable.lines(styled: styled, indentation: 2)
        }
        return lines
    }

    private var madeBy: String? {
        guard let isConfigured = group.isConfigured else { return nil }
        if isConfigured { return "the configuration file, which alone can change it" }
        return group.groupName == SecurityGroup.defaultName ? "the VPC, which always has it" : "the API"
    }

    /// Without counters there is nothing that counts.
    private var notEnforced: String? {
        group.ruleCounters == nil ? "no: the packet filter has no tables of tasknet's; see tasknet doctor" : nil
    }

    private var membersText: String {
        var parts: [String] = []
        if !members.isEmpty {
            let loose = members.count { $0.enforced == false }
            let count = members.count == 1 ? "1 ENI" : "\(members.count) ENIs"
            parts.append(loose == 0 ? count : "\(count), of which \(loose) not enforced")
        }
        if group.includesHost == true { parts.append("the host") }
        return parts.isEmpty ? "none" : parts.joined(separator: ", ")
    }

    private var memberTable: Table {
        var table = Table("ENI", "OWNER", "KIND", "ADDRESS", ">DROPPED", "ENFORCED")
        for eni in members {
            table.rows.append(
                [
                    eni.networkInterfaceId, ENICommand.List.owner(of: eni), eni.interfaceType?.rawValue ?? "",
                    (eni.privateIpv4Addresses + eni.ipv6Addresses).joined(separator: ", "),
                    eni.drops.map { String($0.packets) } ?? "", eni.enforced.map { $0 ? "yes" : "no" } ?? "",
                ].map { Table.Cell($0) })
        }
        return table
    }

    private func heading(_ text: String, _ styled: Bool) -> String {
        styled ? Style.bold.painted(text) : text
    }
}

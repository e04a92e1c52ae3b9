// SPDX-License-Identifier: Apache-2.0

import ECSAPI
import VPC

/// Rules of one direction, for people.
struct RuleTable {
    let catalog: SecurityGroupCatalog
    let isEgress: Bool

    func table(_ rules: [SecurityGroupRuleDescription]) -> Table {
        let showsCounters = rules.contains { $0.packets != nil }
        var table = Table(
            ["RULE", "PROTOCOL", "PORTS", isEgress ? "TO" : "FROM"] + (showsCounters ? [">PACKETS", ">BYTES"] : [])
                + ["DESCRIPTION"])
        for rule in rules {
            var cells = [rule.securityGroupRuleId, protocolText(rule), ports(rule), peer(rule)]
            if showsCounters { cells += [rule.packets, rule.bytes].map { $0.map { String($0) } ?? "" } }
            cells.append(rule.description ?? "")
            table.rows.append(cells.map { Table.Cell($0) })
        }
        return table
    }

    private func protocolText(_ rule: SecurityGroupRuleDescription) -> String {
        rule.ipProtocol == "-1" ? "all" : rule.ipProtocol
    }

    private func ports(_ rule: SecurityGroupRuleDescription) -> String {
        let ipProtocol = IPProtocol(rule.ipProtocol)
        if ipProtocol?.hasTypes == true {
            if rule.fromPort == -1 { return "all types" }
            return "type \(rule.fromPort)" + (rule.toPort == -1 ? "" : " code \(rule.toPort)")
        }
        guard ipProtocol?.hasPorts == true, (rule.fromPort, rule.toPort) != (0, 65535) else { return "all" }
        return rule.fromPort == rule.toPort ? String(rule.fromPort) : "\(rule.fromPort)-\(rule.toPort)"
    }

    private func peer(_ rule: SecurityGroupRuleDescription) -> String {
        if let block = rule.cidrIpv4 ?? rule.cidrIpv6 { return block }
        if let list = rule.prefixListId { return list }
        guard let id = rule.referencedGroupInfo?.groupId else { return "" }
        let name = catalog.name(ofGroup: id)
        return name == id ? id : "\(name) (\(id))"
    }
}

// SPDX-License-Identifier: Apache-2.0
import ECSAPI
import VPC

extension ConfigurationReading {
    /// Prefix lists and security groups. Those that are named by others are named by id or name, so all names are read
    /// before the first rule.
    mutating func readSecurityGroups(into configuration: inout AgentConfiguration) {
        readList(.prefixLists, into: &configuration.prefixLists) { value throws(ConfigurationProblem) in
            try Self.prefixList(value)
        }
        // By the VPC as it is called now.
        let standard = configuration.defaultSecurityGroup
        var drafts: [SecurityGroupDraft] = []
        let (vpcID, accountID) = (configuration.vpc.id, configuration.accountID)
        readList(.securityGroups, into: &drafts) { value throws(ConfigurationProblem) in
            try SecurityGroupDraft(value, vpcID: vpcID, accountID: accountID)
        }
        configuration.givesDefaultGroup = drafts.contains { $0.group.name == standard.name }
        let others = configuration.givesDefaultGroup ? [] : [standard]
        let references = SecurityGroupReferences(
            securityGroups: drafts.map(\.group) + others, prefixLists: configuration.prefixLists, accountID: accountID)
        configuration.securityGroups = []
        for draft in drafts {
            let (group, problems) = draft.group(references)
            configuration.securityGroups.append(group)
            note(problems, of: .securityGroups)
        }
        configuration.securityGroups += others
        readHostSecurityGroups(into: &configuration)
    }

    private mutating func readHostSecurityGroups(into configuration: inout AgentConfiguration) {
        let references = SecurityGroupReferences(securityGroups: configuration.securityGroups)
        var ids = configuration.defaultGroupIDs
        readList(.hostSecurityGroups, into: &ids) { value throws(ConfigurationProblem) in
            let text = try value.string()
            do throws(ValidationFailure) {
                return try references.securityGroup(named: text).id
            } catch {
                throw value.problem(error)
            }
        }
        configuration.hostSecurityGroupIDs = ids
    }

    mutating func readSecuritySettings(into configuration: inout AgentConfiguration) {
        func count(_ value: ConfigurationValue) throws(ConfigurationProblem) -> Int {
            try value.parsed(as: "a number", example: "a whole number such as 5") { Int($0) }
        }
        func truth(_ value: ConfigurationValue) throws(ConfigurationProblem) -> Bool {
            try value.parsed(as: "a truth value", example: "true or false", Self.truth)
        }
        read(.securityGroupsPerInterface, into: &configuration.securityGroupsPerInterface, count)
        read(.rulesPerSecurityGroup, into: &configuration.rulesPerSecurityGroup, count)
        read(.endRevokedConnections, into: &configuration.endsRevokedConnections, truth)
        read(.manageForwarding, into: &configuration.managesForwarding, truth)
    }

    private static func prefixList(_ value: ConfigurationValue) throws(ConfigurationProblem) -> PrefixList {
        let document: PrefixListDocument = try value.decoded()
        guard let name = document.name ?? document.id else {
            throw value.problem("has neither a name nor an id", "add one such as name: offices")
        }
        var list = PrefixList(id: document.id ?? ResourceID.derived("pl", from: name), name: name, entries: [])
        for (index, entry) in document.entries.enumerated() {
            do throws(ValidationFailure) {
                list.entries.append(try entry.entry())
            } catch {
                throw (value.child("entries")?.child(index) ?? value).problem(error)
            }
        }
        return list
    }
}

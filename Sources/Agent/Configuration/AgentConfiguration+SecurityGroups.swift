// SPDX-License-Identifier: Apache-2.0
import Addressing
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
        readList(.securityGroups, into: &drafts) { [vpcID = configuration.vpc.id] value throws(ConfigurationProblem) in
            try SecurityGroupDraft(value, vpcID: vpcID)
        }
        configuration.givesDefaultGroup = drafts.contains { $0.group.name == standard.name }
        let others = configuration.givesDefaultGroup ? [] : [standard]
        let names = RuleNames(groups: drafts.map(\.group) + others, prefixLists: configuration.prefixLists)
        configuration.securityGroups = []
        for draft in drafts {
            let (group, problems) = draft.group(names)
            configuration.securityGroups.append(group)
            note(problems, of: .securityGroups)
        }
        configuration.securityGroups += others
        readHostSecurityGroups(into: &configuration)
    }

    private mutating func readHostSecurityGroups(into configuration: inout AgentConfiguration) {
        let names = RuleNames(groups: configuration.securityGroups, prefixLists: [])
        var ids = names.groups.named(SecurityGroup.defaultName).map { [$0.id] } ?? []
        readList(.hostSecurityGroups, into: &ids) { value throws(ConfigurationProblem) in try names.groupID(value) }
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
        let members = try value.members(known: ["id", "name", "entries"])
        let id = try members["id"]?.string()
        guard let name = try members["name"]?.string() ?? id else {
            throw value.problem("has neither a name nor an id", "add one such as name: offices")
        }
        var entries: [PrefixList.Entry] = []
        for element in try members["entries"]?.elements() ?? [] {
            let entry = try element.members(known: ["cidr", "description"])
            guard let cidr = entry["cidr"] else { throw element.problem("has no cidr", "add cidr: 10.0.0.0/8") }
            entries.append(
                PrefixList.Entry(block: try block(cidr), entryDescription: try entry["description"]?.string()))
        }
        return PrefixList(id: id ?? ResourceID.derived("pl", from: name), name: name, entries: entries)
    }
}

/// What rules refer to.
struct RuleNames {
    var groups: [SecurityGroup]
    var prefixLists: [PrefixList]

    func groupID(_ value: ConfigurationValue) throws(ConfigurationProblem) -> String {
        let text = try value.string()
        guard let group = groups.named(text) else {
            let known = groups.map { "\($0.name) (\($0.id))" }.joined(separator: ", ")
            throw value.problem(
                "there is no security group \"\(text.shortened)\"",
                "name one that the file has, by id or name: \(known)")
        }
        return group.id
    }

    func prefixListID(_ value: ConfigurationValue) throws(ConfigurationProblem) -> String {
        let text = try value.string()
        guard let list = prefixLists.named(text) else {
            let known = prefixLists.map { "\($0.name) (\($0.id))" }.joined(separator: ", ")
            throw value.problem(
                "there is no prefix list \"\(text.shortened)\"",
                known.isEmpty ? "add it to prefixLists" : "name one of prefixLists, by id or name: \(known)")
        }
        return list.id
    }
}

extension ConfigurationValue {
    /// The members of a mapping that has these and no others. EC2's spelling with a capital is the same.
    func members(known: [String]) throws(ConfigurationProblem) -> [String: ConfigurationValue] {
        var result: [String: ConfigurationValue] = [:]
        for (name, member) in try members() {
            let folded = name.prefix(1).lowercased() + name.dropFirst()
            guard known.contains(folded) else {
                throw .unknownKey(member.path, at: member.source, known: known.map { "\(path).\($0)" })
            }
            guard result[folded] == nil else {
                throw member.problem("is there twice, as \(folded) too", "leave one of the two out")
            }
            if !member.isNull { result[folded] = member }
        }
        return result
    }
}

// SPDX-License-Identifier: Apache-2.0
import VPC

extension ConfigurationCheck {
    /// The most that EC2 can be asked to raise its limits to.
    private static let possibleGroupsPerInterface = 1...16
    private static let possibleRulesPerGroup = 1...1000

    mutating func securitySettings() {
        let groups = configuration.securityGroupsPerInterface
        require(
            Self.possibleGroupsPerInterface.contains(groups), .securityGroupsPerInterface, "is \(groups)",
            mend: "write 1 to 16")
        let rules = configuration.rulesPerSecurityGroup
        require(
            Self.possibleRulesPerGroup.contains(rules), .rulesPerSecurityGroup, "is \(rules)", mend: "write 1 to 1000")
        let host = configuration.hostSecurityGroupIDs
        require(
            !host.isEmpty, .hostSecurityGroups, "is empty", mend: "leave the key out for the default group")
        require(
            host.count <= max(groups, 1), .hostSecurityGroups,
            "are \(host.count), and securityGroupsPerInterface is \(groups)",
            mend: "name fewer, or raise that")
        require(
            Set(host).count == host.count, .hostSecurityGroups, "names a group twice", mend: "name each once")
    }

    mutating func prefixLists() {
        var seen: Set<String> = []
        for (index, list) in configuration.prefixLists.enumerated() {
            let place = "[\(index)]"
            if let failure = list.failure { refuse(failure, .prefixLists, at: place) }
            require(
                seen.insert(list.id).inserted && (list.name == list.id || seen.insert(list.name).inserted),
                .prefixLists, at: place, "another prefix list has the same name or id", mend: "rename one")
        }
    }

    mutating func securityGroups() {
        var seen: Set<String> = []
        var limits = configuration.securityGroupLimits
        // What the limit is said to be otherwise is told with its own key.
        if !Self.possibleRulesPerGroup.contains(limits.rulesPerGroup) { limits.rulesPerGroup = .max }
        for (index, group) in configuration.securityGroups.enumerated() {
            let place = "[\(index)]"
            if let failure = group.failure(limits) {
                refuse(failure, .securityGroups, at: place)
            }
            require(
                seen.insert(group.id).inserted && (group.name == group.id || seen.insert(group.name).inserted),
                .securityGroups, at: place, "another security group has the same name or id", mend: "rename one")
        }
    }

    private mutating func refuse(_ failure: ValidationFailure, _ key: ConfigurationKey, at place: String) {
        require(false, key, at: place, failure.message, mend: failure.detail ?? "")
    }
}

extension PrefixList {
    fileprivate var failure: ValidationFailure? {
        do throws(ValidationFailure) { try validate() } catch { return error }
        return nil
    }
}

extension SecurityGroup {
    fileprivate func failure(_ limits: SecurityGroupLimits) -> ValidationFailure? {
        do throws(ValidationFailure) { try validate(limits: limits) } catch { return error }
        return nil
    }
}

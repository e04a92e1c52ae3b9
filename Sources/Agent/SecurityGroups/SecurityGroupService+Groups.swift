// SPDX-License-Identifier: Apache-2.0
import ECSAPI
import Firewall
import VPC

extension SecurityGroupService {
    /// Makes a group, which may speak to anyone and hears nobody.
    func create(_ input: TaskNetworkAPI.CreateSecurityGroup.Input) async throws -> SecurityGroup {
        try input.validate()
        let configuration = configuration
        let vpcID = configuration.vpc.id
        if let wanted = input.vpcId, wanted != vpcID {
            throw ValidationFailure(
                .vpcNotFound, "The vpc ID '\(wanted.shortened)' does not exist", detail: "this host's is \(vpcID)")
        }
        var generator = SystemRandomNumberGenerator()
        let id = ResourceID.random("sg", using: &generator)
        let group = SecurityGroup(
            id: id, name: input.groupName, groupDescription: input.description, vpcID: vpcID,
            rules: SecurityGroup.defaultEgressRules(groupID: id))
        _ = try await inTurn {
            try await make { store in
                let known = try store.securityGroupModel(configuration).securityGroups
                guard !known.contains(where: { $0.name == group.name }) else {
                    throw ValidationFailure(
                        .groupDuplicate, "The security group '\(group.name)' already exists for VPC '\(vpcID)'",
                        detail: "use it, or choose another name")
                }
                try store.insert(SecurityGroupRecord(group: group, createdAt: .now()))
                return group
            } kernel: {
                try $0.put($1)
            } refused: {
                try $0.deleteSecurityGroup($1.id)
            }
        }
        return group
    }

    /// Deletes a group that nobody is in and no rule names.
    func delete(_ input: TaskNetworkAPI.DeleteSecurityGroup.Input) async throws -> SecurityGroup {
        let configuration = configuration
        return try await inTurn {
            try await make { store in
                let model = try store.securityGroupModel(configuration)
                let group = try model.references.securityGroup(groupId: input.groupId, groupName: input.groupName)
                if group.name == SecurityGroup.defaultName {
                    throw ValidationFailure(
                        .cannotDelete, "the specified group: \"\(group.id)\" name: \"\(group.name)\" cannot be deleted",
                        detail: "every VPC has it")
                }
                try model.refuseConfigured(group)
                try store.refuseDependents(of: group, model)
                guard let record = try store.securityGroups().first(where: { $0.group.id == group.id }) else {
                    throw SecurityGroupError.notEnforced("the group is gone already")
                }
                try store.deleteSecurityGroup(group.id)
                return record
            } kernel: {
                try $0.deleteGroup($1.group.id)
            } refused: {
                try $0.insert($1)
            }.group
        }
    }

    /// Adds rules to a group, all or none.
    func authorize(
        _ direction: SecurityGroupRule.Direction, _ input: TaskNetworkAPI.AuthorizeSecurityGroupInput
    ) async throws -> (group: SecurityGroup, rules: [SecurityGroupRule]) {
        let limits = configuration.securityGroupLimits
        return try await setRules { model in
            let (group, added) = try input.applied(direction, in: model.references, limits: limits)
            return (group, added)
        }
    }

    /// Takes rules from a group, all or none.
    func revoke(
        _ direction: SecurityGroupRule.Direction, _ input: TaskNetworkAPI.RevokeSecurityGroupInput
    ) async throws -> (group: SecurityGroup, rules: [SecurityGroupRule]) {
        try await setRules { model in
            let (group, removed) = try input.applied(direction, in: model.references)
            return (group, removed)
        }
    }

    private func setRules(
        _ change: @escaping @Sendable (NetworkModel) throws -> (group: SecurityGroup, rules: [SecurityGroupRule])
    ) async throws -> (group: SecurityGroup, rules: [SecurityGroupRule]) {
        let configuration = configuration
        let result = try await inTurn {
            try await make { store in
                let model = try store.securityGroupModel(configuration)
                let (group, rules) = try change(model)
                try model.refuseConfigured(group)
                let old = model.securityGroups.first { $0.id == group.id }
                let stored = try store.updateSecurityGroup(group.id) { $0.group = group }
                // `default` is in the store from its first change on.
                if stored == nil { try store.insert(SecurityGroupRecord(group: group, createdAt: .now())) }
                return RuleChange(old: stored == nil ? nil : old, new: group, rules: rules)
            } kernel: {
                try $0.put($1.new)
            } refused: { store, change in
                guard let old = change.old else { return try store.deleteSecurityGroup(change.new.id) }
                try store.updateSecurityGroup(old.id) { $0.group = old }
            }
        }
        try await endRevokedConnections()
        return (result.new, result.rules)
    }

    private struct RuleChange: Sendable {
        /// Nil for one that was not in the store.
        var old: SecurityGroup?
        var new: SecurityGroup
        var rules: [SecurityGroupRule]
    }

    /// Makes a change in this one's turn that a caller is promised, or refused.
    private func make<Change: Sendable>(
        intent: @Sendable @escaping (StoreTransaction) throws -> Change,
        kernel: @Sendable @escaping (Firewall, Change) throws -> Void,
        refused: @Sendable @escaping (StoreTransaction, Change) throws -> Void
    ) async throws -> Change {
        try await journal.make(
            .securityGroups, durability: .host, intent: intent,
            kernel: { _, intended in
                try await change { try kernel($0, intended) }
                return intended
            },
            refused: refused, outcome: { $1 })
    }
}

extension NetworkModel {
    fileprivate func refuseConfigured(_ group: SecurityGroup) throws(ValidationFailure) {
        guard isConfigured(group) else { return }
        throw ValidationFailure(
            .invalidParameter, "Security group \(group.label) is the configuration's, and cannot be changed by the API",
            detail: "change securityGroups in tasknet.yaml, and reload tasknetd")
    }
}

extension StoreTransaction {
    fileprivate func refuseDependents(of group: SecurityGroup, _ model: NetworkModel) throws {
        var dependents = try networkInterfaceIDs(inSecurityGroup: group.id)
        for other in model.securityGroups where other.id != group.id {
            if other.rules.contains(where: { $0.peer == .group(group.id) }) {
                dependents.append("rules of \(other.label)")
            }
        }
        if model.configuration.hostSecurityGroupIDs.contains(group.id) { dependents.append("the host") }
        guard !dependents.isEmpty else { return }
        throw ValidationFailure(
            .dependencyViolation, "resource \(group.id) has a dependent object", detail: dependents.listed)
    }
}

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
        try await inTurn {
            try await store.write(.host) { store in
                if try store.securityGroupModel(configuration).securityGroups.contains(where: { $0.name == group.name })
                {
                    throw ValidationFailure(
                        .groupDuplicate, "The security group '\(group.name)' already exists for VPC '\(vpcID)'",
                        detail: "use it, or choose another name")
                }
                try store.insert(SecurityGroupRecord(group: group, createdAt: .now()))
            }
            do {
                try await change { try $0.put(group) }
            } catch {
                try await store.write(.host) { try $0.deleteSecurityGroup(group.id) }
                throw error
            }
        }
        return group
    }

    /// Deletes a group that nobody is in and no rule names.
    func delete(_ input: TaskNetworkAPI.DeleteSecurityGroup.Input) async throws -> SecurityGroup {
        let configuration = configuration
        return try await inTurn {
            let record = try await store.write(.host) { store in
                let model = try store.securityGroupModel(configuration)
                let group = try model.references.securityGroup(groupId: input.groupId, groupName: input.groupName)
                if group.name == SecurityGroup.defaultName {
                    throw ValidationFailure(
                        .cannotDelete, "the specified group: \"\(group.id)\" name: \"\(group.name)\" cannot be deleted",
                        detail: "every VPC has it")
                }
                try model.refuseConfigured(group)
                try store.refuseDependents(of: group, model)
                let record = try store.securityGroups().first { $0.group.id == group.id }
                try store.deleteSecurityGroup(group.id)
                return record
            }
            guard let record else { throw SecurityGroupError.notEnforced("the group is gone already") }
            do {
                try await change { try $0.deleteGroup(record.group.id) }
            } catch {
                try await store.write(.host) { try $0.insert(record) }
                throw error
            }
            return record.group
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
            let (old, new, rules, wasStored) = try await store.write(.host) { store in
                let model = try store.securityGroupModel(configuration)
                let (group, rules) = try change(model)
                try model.refuseConfigured(group)
                let old = model.securityGroups.first { $0.id == group.id }
                let stored = try store.updateSecurityGroup(group.id) { $0.group = group }
                // `default` is in the store from its first change on.
                if stored == nil { try store.insert(SecurityGroupRecord(group: group, createdAt: .now())) }
                return (old, group, rules, stored != nil)
            }
            do {
                try await self.change { try $0.put(new) }
            } catch {
                if !wasStored {
                    try await store.write(.host) { try $0.deleteSecurityGroup(new.id) }
                } else if let old {
                    _ = try await store.write(.host) { try $0.updateSecurityGroup(old.id) { $0.group = old } }
                }
                throw error
            }
            return (new, rules)
        }
        try await endRevokedConnections()
        return result
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

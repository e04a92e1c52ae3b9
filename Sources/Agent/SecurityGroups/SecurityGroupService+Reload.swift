// SPDX-License-Identifier: Apache-2.0
import Logging
import VPC

/// A change of the configuration that would take away what ENIs or rules stand on.
enum SecurityGroupRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    case inUse(group: String, by: [String])
    case listInUse(list: String, by: [String])
    case taken(group: String, by: String)

    var description: String {
        switch self {
        case .inUse(let group, let owners):
            """
            security group \(group) is to go, and is in use by \(owners.listed): \
            put those into other groups first, or leave the group as it is
            """
        case .listInUse(let list, let owners):
            """
            prefix list \(list) is to go, and is in use by \(owners.listed): \
            revoke those first, or leave the list as it is
            """
        case .taken(let group, let other):
            "security group \(group) has the name or id of \(other), which was made by the API: rename it, or delete that one"
        }
    }
}

extension SecurityGroupService {
    /// Asked before a reload changes anything.
    func checkReload(to new: AgentConfiguration) async throws {
        let old = configuration
        let (all, interfaces) = try await store.read { (try $0.securityGroups(), try $0.liveNetworkInterfaces()) }
        // The file's `default` takes the place of what the API made of it.
        let made = all.filter { !new.givesDefaultGroup || $0.group.name != SecurityGroup.defaultName }
        for group in new.securityGroups where new.gives(group) {
            for other in made.map(\.group) where other.id == group.id || other.name == group.name {
                throw SecurityGroupRefusal.taken(group: group.label, by: other.label)
            }
        }
        for group in old.securityGroups where !new.securityGroups.contains(where: { $0.id == group.id }) {
            // One that names no group is in whatever is called `default` then.
            let members = interfaces.filter { $0.networkInterface.securityGroupIDs?.contains(group.id) == true }
            let owners = members.map(\.owner) + Self.rules(of: made, naming: .group(group.id))
            if !owners.isEmpty { throw SecurityGroupRefusal.inUse(group: group.label, by: owners) }
        }
        for list in old.prefixLists where !new.prefixLists.contains(where: { $0.id == list.id }) {
            let owners = Self.rules(of: made, naming: .prefixList(list.id))
            if !owners.isEmpty { throw SecurityGroupRefusal.listInUse(list: list.label, by: owners) }
        }
    }

    /// What a reload would have refused, and a start takes as it is, because tasks run already: it is told.
    func danglingReferences() async throws -> [String] {
        let configuration = configuration
        let (made, interfaces) = try await store.read { store in
            (try store.securityGroups().map(\.group), try store.liveNetworkInterfaces())
        }
        let known = Set(configuration.securityGroups.map(\.id) + made.map(\.id))
        let lists = Set(configuration.prefixLists.map(\.id))
        var dangling: [String] = []
        for group in configuration.securityGroups where configuration.gives(group) {
            for other in made where other.id == group.id || other.name == group.name {
                dangling.append("\(SecurityGroupRefusal.taken(group: group.label, by: other.label))")
            }
        }
        for interface in interfaces {
            for id in interface.networkInterface.securityGroupIDs ?? [] where !known.contains(id) {
                dangling.append(
                    "\(interface.owner) is in the security group \(id), which is gone from the configuration")
            }
        }
        for group in made {
            for rule in group.rules {
                switch rule.peer {
                case .group(let id) where !known.contains(id), .prefixList(let id) where !lists.contains(id):
                    dangling.append("a rule of \(group.label) names \(id), which is gone from the configuration")
                default: break
                }
            }
        }
        return dangling
    }

    /// Forgets what the API made of `default` once the file gives it: it would come back with the file's next change.
    func supersedeDefault() async throws {
        let configuration = configuration
        guard configuration.givesDefaultGroup else { return }
        let superseded = try await store.write(.host) { store in
            let found = try store.securityGroups().map(\.group).filter { $0.name == SecurityGroup.defaultName }
            for group in found { try store.deleteSecurityGroup(group.id) }
            return found
        }
        for group in superseded {
            log.notice(
                "the configuration's security group takes the place of what the API made of it, which is forgotten",
                metadata: [
                    "group": "\(group.label)", "forgotten": "\(group.rules.map(\.summary).joined(separator: ", "))",
                ])
        }
    }

    private static func rules(of made: [SecurityGroupRecord], naming peer: SecurityGroupRule.Peer) -> [String] {
        made.map(\.group).filter { $0.rules.contains { $0.peer == peer } }.map { "rules of \($0.label)" }
    }
}

extension NetworkInterfaceRecord {
    /// "eni-... of task 0123"
    fileprivate var owner: String {
        let owner = taskID.map { "task \($0)" } ?? sandbox.map { "\($0.key)" }
        return id + (owner.map { " of \($0)" } ?? "")
    }
}

// SPDX-License-Identifier: Apache-2.0
import Addressing

extension VPCNetwork {
    /// A step in words for people, without what to do about it.
    package func text(_ step: JudgementStep) -> String {
        switch step {
        case .source(let address, .nobody):
            "\(address) is an address of the VPC that no ENI has: nobody may send with it"
        case .source(let address, let place): "from \(text(place, address))"
        case .destination(let address, .nobody(let subnetID)):
            "no ENI has \(address)\(subnetID.map { " of \(subnetText($0))" } ?? ", and it is in no subnet")"
        case .destination(let address, let place): "to \(text(place, address))"
        case .instanceMetadata(let address, let isBlocked):
            isBlocked
                ? "\(address) is the instance metadata service, which is kept from tasks"
                : "\(address) is the instance metadata service, which tasks may use"
        case .route(let id, let route, let way): "\(subnetText(id)): \(Self.text(route, way))"
        case .egress(let groups), .ingress(let groups): text(groups)
        }
    }

    /// A rule with the names of what it refers to: `tcp port 80 from sg-0123456789abcdef0 (web)`.
    package func text(_ rule: SecurityGroupRule) -> String {
        let name: String? =
            switch rule.peer {
            case .group(let id): groupsByID[id]?.label
            case .prefixList(let id): prefixListsByID[id]?.label
            case .ipv4, .ipv6: nil
            }
        let word = rule.direction == .ingress ? "from" : "to"
        return name.map { "\(rule.trafficText) \(word) \($0)" } ?? rule.summary
    }

    private func text(_ place: JudgementStep.Place, _ address: IPAddress) -> String {
        switch place {
        case .networkInterface(let id): "\(id), \(address)"
        case .host: "the host, \(address)"
        case .outside: "\(address), which is outside the VPC"
        case .nobody: "\(address), which nobody has"
        case .unroutable: "\(address), which no router passes on here"
        }
    }

    private func subnetText(_ id: String) -> String {
        subnetsByID[id].map { $0.name == id ? "subnet \(id)" : "subnet \(id) (\($0.name))" } ?? "subnet \(id)"
    }

    private static func text(_ route: SubnetRoute, _ way: JudgementStep.Way) -> String {
        switch (route, way) {
        case (.nat, .leaving): "its route is nat: leaves with the host's address"
        case (.public, .leaving): "its route is public: leaves as it is"
        case (.none, .leaving): "its route is none: nothing leaves the VPC"
        case (.public, .arriving): "its route is public: may be reached from outside"
        case (.nat, .arriving): "its route is nat: nothing outside begins a connection to it"
        case (.none, .arriving): "its route is none: nothing arrives from outside the VPC"
        }
    }

    private func text(_ groups: GroupDecision) -> String {
        let word = groups.direction.rawValue
        let decision: String
        if let match = groups.allowing {
            decision =
                """
                \(word) rule \(match.rule.id) of \(match.groupID) (\(match.groupName)) lets it through: \
                \(text(match.rule))
                """
        } else {
            let names = groups.groupIDs.map { groupsByID[$0]?.label ?? $0 }.joined(separator: ", ")
            decision =
                groups.groupIDs.isEmpty
                ? "it is in no security group"
                : groups.hasRules ? "no \(word) rule of \(names) lets it through" : "\(names) has no \(word) rules"
        }
        return groups.isEnforced ? decision : "\(decision); not enforced, because it does not cross the host's stack"
    }
}

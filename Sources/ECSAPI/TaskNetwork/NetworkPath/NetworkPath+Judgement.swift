// SPDX-License-Identifier: Apache-2.0
import Addressing
package import VPC

extension TaskNetworkAPI.AnalyzeNetworkPath.Output {
    /// What the model alone says. What the kernel and a probe say is added by whoever asks them.
    package init(_ judgement: Judgement, in network: VPCNetwork) {
        self.init(networkPathFound: judgement.verdict != .denied)
        `protocol` = judgement.flow.ipProtocol.description
        destinationPort = judgement.flow.destinationPort
        forwardPathComponents = judgement.steps.enumerated().map { index, step in
            NetworkPath.Step(
                sequenceNumber: index + 1, component: network.component(of: step),
                verdict: step.code != nil ? .stops : step.groups?.isAllowed == false ? .notEnforced : .passes,
                text: network.text(step),
                securityGroupRule: step.groups?.allowing.map {
                    SecurityGroupRuleDescription($0.rule, groupID: $0.groupID)
                })
        }
        explanations = judgement.steps.compactMap { network.explanation(of: $0) }
        drift = []
        source = .init(
            component: network.component(of: network.place(of: judgement.flow.source), judgement.flow.source),
            address: judgement.flow.source.description)
        destination = .init(
            component: network.component(of: network.place(of: judgement.flow.destination), judgement.flow.destination),
            address: judgement.flow.destination.description)
        remarks = []
        if judgement.verdict == .unjudged {
            remarks?.append("nothing on this way is enforced here: the host's own routes and rules decide")
        }
        if judgement.steps.contains(where: { $0.groups?.isEnforced == false }) {
            remarks?.append("security groups are enforced on ENIs of the kind veth alone")
        }
    }
}

extension VPCNetwork {
    fileprivate func component(of step: JudgementStep) -> NetworkPath.Component {
        switch step {
        case .source(let address, let place), .destination(let address, let place):
            return component(of: place, address)
        case .instanceMetadata(let address, _): return .init(.instanceMetadata, id: address.description)
        case .route(let id, _, _): return .init(.subnet, id: id, name: subnets.named(id)?.name)
        case .egress(let groups), .ingress(let groups):
            if let match = groups.allowing { return .init(.securityGroup, id: match.groupID, name: match.groupName) }
            let id = groups.suggestedGroupID ?? groups.groupIDs.first ?? ""
            return .init(.securityGroup, id: id, name: securityGroups.named(id)?.name)
        }
    }

    fileprivate func component(of place: JudgementStep.Place, _ address: IPAddress) -> NetworkPath.Component {
        switch place {
        case .networkInterface(let id): .init(.networkInterface, id: id)
        case .host: .init(.host, id: "host")
        case .outside: .init(.internet, id: address.description)
        case .nobody, .unroutable: .init(.address, id: address.description)
        }
    }

    fileprivate func explanation(of step: JudgementStep) -> NetworkPath.Explanation? {
        guard let code = step.code else { return nil }
        let nearest = (step.groups?.nearest ?? []).map { match in
            let mismatches = match.mismatches.map(\.rawValue).joined(separator: ", ")
            return "\(match.rule.id) of \(match.groupID) (\(match.groupName)): \(text(match.rule)) (\(mismatches))"
        }
        return .init(
            explanationCode: code.rawValue, text: text(step), mend: mend(step, code),
            nearest: nearest.isEmpty ? nil : nearest)
    }

    private func mend(_ step: JudgementStep, _ code: ExplanationCode) -> String? {
        switch code {
        case .groupRulesMismatch, .groupHasNoRules:
            guard let groups = step.groups, let rule = groups.suggestion, let id = groups.suggestedGroupID else {
                return "put it into a security group"
            }
            return rule.authorizeCommand(group: id)
        case .noRouteToDestination: return "give the subnet the route nat or public in the configuration"
        case .noPublicAddress: return "give the subnet the route public in the configuration"
        case .noPossibleDestination: return "tasknet eni lists the addresses that there are"
        case .spoofedSource: return "send from the ENI's own address"
        case .instanceMetadataBlocked: return "set blockInstanceMetadata to false in the configuration"
        case .cannotRoute: return "use two addresses of one IP version that are not link-local, multicast or loopback"
        }
    }
}

extension SecurityGroupRule {
    /// The command that adds this rule to a group.
    package func authorizeCommand(group id: String) -> String {
        var words = ["tasknet sg authorize", id]
        if direction == .egress { words.append("--egress") }
        words.append("--protocol \(ipProtocol == .all ? "all" : ipProtocol.description)")
        if ipProtocol.hasPorts, let from = fromPort, let to = toPort {
            words.append("--port \(from == to ? "\(from)" : "\(from)-\(to)")")
        }
        if ipProtocol.hasTypes, let type = fromPort {
            words.append("--icmp-type \(type)\(toPort.map { "/\($0)" } ?? "")")
        }
        switch peer {
        case .ipv4(let block): words.append("--cidr \(block)")
        case .ipv6(let block): words.append("--cidr \(block)")
        case .group(let id): words.append("--source-group \(id)")
        case .prefixList(let id): words.append("--prefix-list \(id)")
        }
        return words.joined(separator: " ")
    }
}

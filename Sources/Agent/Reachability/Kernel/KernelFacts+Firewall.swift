// SPDX-License-Identifier: Apache-2.0
import Firewall
import Netfilter
import VPC

extension KernelFacts {
    /// Adds what the packet filter has of a judgement, and what its deciding rules have counted.
    mutating func add(
        _ firewall: Firewall, _ judgement: Judgement, _ state: FirewallState, hostName: (String) -> String?
    ) throws {
        let check = try firewall.check(from: judgement.flow.source, to: judgement.flow.destination, in: state)
        // Once is enough, where there is a step for it.
        for part in FirewallPathCheck.Part.allCases {
            for drift in check.drift[part] ?? [] { add(Part(part), .differs("\(drift)", mend: Mend.restart)) }
        }
        for step in judgement.steps {
            switch step {
            case .egress(let groups): try add(.egress, firewall, groups, hostName)
            case .ingress(let groups): try add(.ingress, firewall, groups, hostName)
            case .route(_, .none, .leaving): try add(.route, firewall, .noRoute, "refused")
            case .route(_, .nat, .arriving), .route(_, .none, .arriving):
                try add(.route, firewall, .notPublic, "dropped")
            case .route(_, let route, _) where check.drift[.route] == nil:
                add(.route, .asItShould("the subnet's blocks are in the set of \(route.rawValue)"))
            case .instanceMetadata(_, isBlocked: true):
                try add(.instanceMetadata, firewall, .blockedMetadata, "dropped")
            default: break
            }
        }
    }

    private mutating func add(
        _ part: Part, _ firewall: Firewall, _ groups: GroupDecision, _ hostName: (String) -> String?
    ) throws {
        guard groups.isEnforced else { return }
        if let match = groups.allowing {
            let counter = try firewall.counter(ofRule: match.rule.id)
            packets[part] = counter?.packets
            return add(part, .asItShould("rule \(match.rule.id) has let \(Self.text(counter, "first packet")) through"))
        }
        let isEgress = groups.direction == .egress
        guard let id = groups.networkInterfaceID else {
            return try add(part, firewall, isEgress ? .hostDeniedEgress : .hostDeniedIngress, "dropped")
        }
        guard let name = hostName(id) else { return }
        let counters = try firewall.counters(of: name)
        let counter = isEgress ? counters.deniedEgress : counters.deniedIngress
        packets[part] = counter.packets
        add(part, .asItShould("\(Self.text(counter)) \(isEgress ? "from" : "to") \(name) dropped for that so far"))
    }

    private mutating func add(
        _ part: Part, _ firewall: Firewall, _ general: FirewallCounters.General, _ word: String
    ) throws {
        let counter = try firewall.counter(general)
        packets[part] = counter?.packets
        add(part, .asItShould("\(Self.text(counter)) \(word) for that so far, of all ENIs"))
    }

    private static func text(_ counter: Counter?, _ noun: String = "packet") -> String {
        switch counter?.packets {
        case nil: "an unknown number of \(noun)s"
        case 1: "1 \(noun)"
        case let packets?: "\(packets) \(noun)s"
        }
    }
}

extension KernelFacts.Part {
    fileprivate init(_ part: FirewallPathCheck.Part) {
        switch part {
        case .base: self = .forward
        case .source: self = .source
        case .instanceMetadata: self = .instanceMetadata
        case .egress: self = .egress
        case .route: self = .route
        case .ingress: self = .ingress
        case .destination: self = .destination
        }
    }
}

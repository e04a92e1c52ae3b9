// SPDX-License-Identifier: Apache-2.0
package import Addressing

extension SecurityGroupRule {
    /// Why a rule does not let a flow through.
    package enum Mismatch: String, Hashable, Sendable, CaseIterable {
        /// The rule is for another protocol, or for the same one of the other IP version (`icmp` judges IPv4 alone,
        /// `icmpv6` IPv6 alone).
        case `protocol` = "another protocol"
        case port = "other ports"
        case type = "another type or code"
        case peer = "other addresses"
    }

    /// What of the rule does not fit `flow`; empty when the rule lets it through.
    ///
    /// - Parameter isPeer: Whether an address is one of the rule's peer.
    package func mismatches(_ flow: Flow, isPeer: (Peer, IPAddress) -> Bool) -> [Mismatch] {
        var result: [Mismatch] = []
        if !fitsProtocol(of: flow) {
            result.append(.protocol)
        } else if !fitsPorts(of: flow) {
            result.append(ipProtocol.hasTypes ? .type : .port)
        }
        if !isPeer(peer, flow.peer(of: direction)) { result.append(.peer) }
        return result
    }

    private func fitsProtocol(of flow: Flow) -> Bool {
        switch ipProtocol {
        case .all: true
        case .icmp: flow.ipProtocol == .icmp && flow.source.family == .v4
        case .icmpv6: flow.ipProtocol == .icmpv6 && flow.source.family == .v6
        case .tcp, .udp, .other: flow.ipProtocol == ipProtocol
        }
    }

    private func fitsPorts(of flow: Flow) -> Bool {
        guard fromPort != nil || toPort != nil else { return true }
        if ipProtocol.hasPorts {
            guard let port = flow.destinationPort else { return isEveryPort }
            return (fromPort ?? 0) <= port && port <= (toPort ?? Self.ports.upperBound)
        }
        if ipProtocol.hasTypes {
            guard let (type, code) = flow.typeAndCode else { return false }
            return (fromPort ?? type) == type && (toPort ?? code) == code
        }
        return true
    }

    /// 0 to 65535
    package static let ports = 0...65535

    /// Whether ports do not matter.
    package var isEveryPort: Bool { (fromPort ?? 0) <= 0 && (toPort ?? Self.ports.upperBound) >= Self.ports.upperBound }
}

extension SecurityGroupRule.Peer {
    /// Whether the peer's blocks hold `address`; nil for groups and prefix lists, whose addresses stand elsewhere.
    package func contains(_ address: IPAddress) -> Bool? {
        switch (self, address) {
        case (.ipv4(let block), .v4(let address)): block.contains(address)
        case (.ipv6(let block), .v6(let address)): block.contains(address)
        case (.ipv4, .v6), (.ipv6, .v4): false
        case (.group, _), (.prefixList, _): nil
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
import Addressing

extension SecurityGroupRule {
    /// What it lets through: `tcp port 80`, `udp ports 1000-2000`, `icmp type 8 code 0`, `all traffic`.
    package var trafficText: String {
        if ipProtocol == .all { return "all traffic" }
        if ipProtocol.hasTypes {
            guard let fromPort else { return ipProtocol.description }
            return "\(ipProtocol) type \(fromPort)" + (toPort.map { " code \($0)" } ?? "")
        }
        guard ipProtocol.hasPorts else { return "protocol \(ipProtocol)" }
        if isEveryPort { return ipProtocol.description }
        let (from, to) = (fromPort ?? Self.ports.lowerBound, toPort ?? Self.ports.upperBound)
        return from == to ? "\(ipProtocol) port \(from)" : "\(ipProtocol) ports \(from)-\(to)"
    }

    /// `tcp port 80 from 10.0.0.0/8`, `all traffic to sg-0123456789abcdef0`
    package var summary: String { "\(trafficText) \(direction == .ingress ? "from" : "to") \(peer)" }
}

extension SecurityGroupRule.Peer: CustomStringConvertible {
    /// The block, or the group's or list's id.
    package var description: String {
        switch self {
        case .ipv4(let block): block.description
        case .ipv6(let block): block.description
        case .group(let id), .prefixList(let id): id
        }
    }
}

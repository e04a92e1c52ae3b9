// SPDX-License-Identifier: Apache-2.0
import Addressing
import VPC

/// Groups and rules that tests are made of.
enum Sample {
    static let vpcID = "vpc-00000001"

    static func id(_ prefix: String, _ number: Int) -> String {
        let digits = String(number, radix: 16)
        return "\(prefix)-" + String(repeating: "0", count: 8 - digits.count) + digits
    }

    static func group(_ number: Int, _ rules: [SecurityGroupRule] = []) -> SecurityGroup {
        SecurityGroup(
            id: id("sg", number), name: "group\(number)", groupDescription: "", vpcID: vpcID, rules: rules)
    }

    static func rule(
        _ number: Int, _ direction: SecurityGroupRule.Direction, _ ipProtocol: IPProtocol = .all, _ from: Int? = nil,
        _ to: Int? = nil, _ peer: SecurityGroupRule.Peer
    ) -> SecurityGroupRule {
        SecurityGroupRule(
            id: id("sgr", number), direction: direction, ipProtocol: ipProtocol, fromPort: from, toPort: to, peer: peer)
    }

    static func peer(_ block: String) throws -> SecurityGroupRule.Peer {
        switch try CIDRBlock(parsing: block) {
        case .v4(let block): .ipv4(block)
        case .v6(let block): .ipv6(block)
        }
    }

    /// All out, in both families: rules `number` and `number + 1`.
    static func allOut(_ number: Int) throws -> [SecurityGroupRule] {
        [
            rule(number, .egress, .all, nil, nil, try peer("0.0.0.0/0")),
            rule(number + 1, .egress, .all, nil, nil, try peer("::/0")),
        ]
    }

    /// All in, from anywhere: rules `number` and `number + 1`.
    static func allIn(_ number: Int) throws -> [SecurityGroupRule] {
        [
            rule(number, .ingress, .all, nil, nil, try peer("0.0.0.0/0")),
            rule(number + 1, .ingress, .all, nil, nil, try peer("::/0")),
        ]
    }
}

// SPDX-License-Identifier: Apache-2.0
import VPC

/// EC2's: one protocol and range of ports with all peers that it is allowed for. Written as the AWS CLI prints it.
package struct IpPermission: Hashable, Sendable {
    package struct IpRange: Hashable, Sendable {
        package var cidrIp: String?
        package var description: String?

        package init(cidrIp: String?, description: String? = nil) {
            self.cidrIp = cidrIp
            self.description = description
        }
    }

    package struct Ipv6Range: Hashable, Sendable {
        package var cidrIpv6: String?
        package var description: String?

        package init(cidrIpv6: String?, description: String? = nil) {
            self.cidrIpv6 = cidrIpv6
            self.description = description
        }
    }

    package struct UserIdGroupPair: Hashable, Sendable {
        /// In requests also a name.
        package var groupId: String?
        package var groupName: String?
        /// The group's account: this host's.
        package var userId: String?
        /// The group's VPC: this host's.
        package var vpcId: String?
        package var description: String?

        package init(
            groupId: String?, groupName: String? = nil, userId: String? = nil, vpcId: String? = nil,
            description: String? = nil
        ) {
            self.groupId = groupId
            self.groupName = groupName
            self.userId = userId
            self.vpcId = vpcId
            self.description = description
        }
    }

    package struct PrefixListId: Hashable, Sendable {
        /// In requests also a name.
        package var prefixListId: String?
        package var description: String?

        package init(prefixListId: String?, description: String? = nil) {
            self.prefixListId = prefixListId
            self.description = description
        }
    }

    /// `tcp`, `udp`, `icmp`, `icmpv6`, a number, or `-1` for all.
    package var ipProtocol: String?
    /// The first port, or the ICMP type; -1 is all types.
    package var fromPort: Int?
    /// The last port, or the ICMP code; -1 is all codes.
    package var toPort: Int?
    package var ipRanges: [IpRange] = []
    package var ipv6Ranges: [Ipv6Range] = []
    package var userIdGroupPairs: [UserIdGroupPair] = []
    package var prefixListIds: [PrefixListId] = []

    package init(ipProtocol: String?, fromPort: Int? = nil, toPort: Int? = nil) {
        self.ipProtocol = ipProtocol
        self.fromPort = fromPort
        self.toPort = toPort
    }
}

extension IpPermission: Codable {
    private enum CodingKeys: String, CodingKey, CaseIterable {
        case ipProtocol = "IpProtocol"
        case fromPort = "FromPort"
        case toPort = "ToPort"
        case ipRanges = "IpRanges"
        case ipv6Ranges = "Ipv6Ranges"
        case userIdGroupPairs = "UserIdGroupPairs"
        case prefixListIds = "PrefixListIds"
    }

    package init(from decoder: any Decoder) throws {
        let members = try EC2Members(decoder, CodingKeys.allCases.map(\.rawValue))
        self.init(
            ipProtocol: try members.text(CodingKeys.ipProtocol.rawValue),
            fromPort: try members.number(CodingKeys.fromPort.rawValue),
            toPort: try members.number(CodingKeys.toPort.rawValue))
        ipRanges = try members.list(CodingKeys.ipRanges.rawValue)
        ipv6Ranges = try members.list(CodingKeys.ipv6Ranges.rawValue)
        userIdGroupPairs = try members.list(CodingKeys.userIdGroupPairs.rawValue)
        prefixListIds = try members.list(CodingKeys.prefixListIds.rawValue)
    }
}

extension IpPermission.IpRange: Codable {
    private enum CodingKeys: String, CodingKey {
        case cidrIp = "CidrIp"
        case description = "Description"
    }

    package init(from decoder: any Decoder) throws {
        let members = try EC2Members(decoder, ["CidrIp", "Description"])
        self.init(cidrIp: try members.optional("CidrIp"), description: try members.text("Description"))
    }
}

extension IpPermission.Ipv6Range: Codable {
    private enum CodingKeys: String, CodingKey {
        case cidrIpv6 = "CidrIpv6"
        case description = "Description"
    }

    package init(from decoder: any Decoder) throws {
        let members = try EC2Members(decoder, ["CidrIpv6", "Description"])
        self.init(cidrIpv6: try members.optional("CidrIpv6"), description: try members.text("Description"))
    }
}

extension IpPermission.UserIdGroupPair: Codable {
    private enum CodingKeys: String, CodingKey {
        case groupId = "GroupId"
        case groupName = "GroupName"
        case userId = "UserId"
        case vpcId = "VpcId"
        case description = "Description"
    }

    package init(from decoder: any Decoder) throws {
        let members = try EC2Members(decoder, ["GroupId", "GroupName", "UserId", "VpcId", "Description"])
        self.init(
            groupId: try members.text("GroupId"), groupName: try members.text("GroupName"),
            userId: try members.text("UserId"), vpcId: try members.optional("VpcId"),
            description: try members.text("Description"))
    }
}

extension IpPermission.PrefixListId: Codable {
    private enum CodingKeys: String, CodingKey {
        case prefixListId = "PrefixListId"
        case description = "Description"
    }

    package init(from decoder: any Decoder) throws {
        let members = try EC2Members(decoder, ["PrefixListId", "Description"])
        self.init(prefixListId: try members.text("PrefixListId"), description: try members.text("Description"))
    }
}

// SPDX-License-Identifier: Apache-2.0
package import VPC

/// A security group as a configuration has it: what EC2 prints of one, the first letters small or not.
package struct SecurityGroupDocument: Hashable, Sendable, Decodable {
    /// nil derives one from the name.
    package var id: String?
    package var name: String?
    package var description: String?
    package var vpcId: String?
    package var ownerId: String?
    /// nil: as EC2's new groups begin.
    package var ipPermissions: [IpPermission]?
    package var ipPermissionsEgress: [IpPermission]?

    /// What is printed of a group and cannot be given.
    private static let readOnly = [
        "SecurityGroupArn", "Tags", "RuleCounters", "NetworkInterfaceCount", "UnenforcedNetworkInterfaceCount",
        "IncludesHost", "IsConfigured",
    ]

    package init(from decoder: any Decoder) throws {
        let members = try EC2Members(
            decoder, ["Id", "Name", "Description", "IpPermissions", "IpPermissionsEgress"],
            others: ["GroupId", "GroupName", "VpcId", "OwnerId"] + Self.readOnly)
        id = try members.text("Id", or: "GroupId")
        name = try members.text("Name", or: "GroupName")
        description = try members.text("Description")
        vpcId = try members.text("VpcId")
        ownerId = try members.text("OwnerId")
        ipPermissions = try members.optional("IpPermissions")
        ipPermissionsEgress = try members.optional("IpPermissionsEgress")
    }

    /// nil where the document says nothing of the direction.
    package func permissions(_ direction: SecurityGroupRule.Direction) -> [IpPermission]? {
        direction == .ingress ? ipPermissions : ipPermissionsEgress
    }

    /// Checks that it is a group of this VPC and account.
    package func validate(vpcID: String, accountID: String) throws(ValidationFailure) {
        if let vpcId, vpcId != vpcID {
            throw ValidationFailure(
                .vpcNotFound, "The vpc ID '\(vpcId.shortened)' does not exist",
                detail: "VpcId is \(vpcID) here: write that, or leave it out")
        }
        if let ownerId, ownerId != accountID {
            throw ValidationFailure(
                .parameterValue, "The group is of account '\(ownerId.shortened)'",
                detail: "OwnerId is \(accountID) here: write that, or leave it out")
        }
    }
}

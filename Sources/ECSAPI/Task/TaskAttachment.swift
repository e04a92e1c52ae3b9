// SPDX-License-Identifier: Apache-2.0
import Addressing
package import TaskDefinitions
package import VPC

/// What is attached to a task or a cluster: `Attachment` of the ECS API.
package struct TaskAttachment: Hashable, Sendable, Codable {
    package var id: String?
    package var type: String?
    package var status: AttachmentStatus?
    package var details: [KeyValuePair]?

    package init(id: String, type: String, status: AttachmentStatus, details: [KeyValuePair]) {
        self.id = id
        self.type = type
        self.status = status
        self.details = details
    }

    package static let networkInterfaceType = "ElasticNetworkInterface"

    /// The attachment of an ENI. Before the ENI is made, only its subnet is told, as AWS does.
    ///
    /// - Parameter reason: Why it has this status, where that is not as it was meant.
    package init(_ eni: NetworkInterface, status: AttachmentStatus, because reason: String? = nil) {
        var details = [KeyValuePair(name: Detail.subnetID, value: eni.subnetID)]
        if status != .precreated {
            details += [
                KeyValuePair(name: Detail.networkInterfaceID, value: eni.id),
                KeyValuePair(name: Detail.macAddress, value: eni.macAddress.description),
                KeyValuePair(name: Detail.privateDNSName, value: eni.privateDNSName),
                KeyValuePair(name: Detail.privateIPv4Address, value: eni.primaryIPv4?.description),
                KeyValuePair(name: Detail.ipv6Address, value: eni.primaryIPv6?.description),
            ]
        }
        details.append(KeyValuePair(name: Detail.statusReason, value: reason))
        self.init(
            id: eni.attachmentID, type: Self.networkInterfaceType, status: status,
            details: details.filter { $0.value != nil })
    }

    /// The value of a detail by its name.
    package func detail(_ name: String) -> String? { details?.first { $0.name == name }?.value }

    /// The names of an ENI's details.
    package enum Detail {
        package static let subnetID = "subnetId"
        package static let networkInterfaceID = "networkInterfaceId"
        package static let macAddress = "macAddress"
        package static let privateDNSName = "privateDnsName"
        package static let privateIPv4Address = "privateIPv4Address"
        package static let ipv6Address = "ipv6Address"
        /// Ours: AWS does not tell why an attachment failed.
        package static let statusReason = "statusReason"
    }
}

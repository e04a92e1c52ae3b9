// SPDX-License-Identifier: Apache-2.0
package import Addressing
package import VPC

/// An ENI and its attachment.
package struct NetworkInterfaceRecord: Codable, Sendable, Equatable {
    package var networkInterface: NetworkInterface
    /// Nil while it waits for its task, and in a sandbox.
    package var taskID: String?
    package var status: AttachmentStatus
    /// Why it is FAILED.
    package var statusReason: String?
    package var origin: Origin
    package var kind: Kind
    /// The NIC under a macvlan, ipvlan or branch.
    package var parentInterface: String?
    /// In bytes; the configuration's when nil.
    package var mtu: Int?
    /// When a device that has not shown up is given up.
    package var expiresAt: Timestamp?
    package var createdAt: Timestamp
    package var attachedAt: Timestamp?
    /// Where it is, with `Origin.sandbox`.
    package var sandbox: SandboxRecord?

    package enum Origin: String, Codable, Sendable {
        /// Made by the daemon for a task, and gone with it.
        case daemon
        /// Came from outside, with the task.
        case given
        /// Came from outside, to a task that ran already.
        case attached
        /// Made by the daemon for a namespace of somebody else's runtime.
        case sandbox
    }

    package enum Kind: String, Codable, Sendable {
        case veth, device, dummy, branch, macvlan, ipvlan
    }

    package init(
        networkInterface: NetworkInterface, taskID: String?, status: AttachmentStatus = .precreated, origin: Origin,
        kind: Kind, createdAt: Timestamp
    ) {
        self.networkInterface = networkInterface
        self.taskID = taskID
        self.status = status
        self.origin = origin
        self.kind = kind
        self.createdAt = createdAt
    }

    package var id: String { networkInterface.id }
}

/// An address of a subnet that an ENI has.
package struct AddressLease: Sendable, Equatable {
    package var address: IPAddress
    package var subnetID: String
    package var networkInterfaceID: String

    package init(address: IPAddress, subnetID: String, networkInterfaceID: String) {
        self.address = address
        self.subnetID = subnetID
        self.networkInterfaceID = networkInterfaceID
    }
}

extension NetworkInterfaceRecord.Kind {
    init(_ type: InterfaceType) {
        switch type {
        case .veth: self = .veth
        case .dummy: self = .dummy
        case .macvlan: self = .macvlan
        case .ipvlan: self = .ipvlan
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package import Addressing

/// Why a subnet did not give an address.
package struct AddressPoolError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Kind: Hashable, Sendable {
        case full(IPFamily)
        case taken(IPAddress)
        case reserved(IPAddress, Subnet.ReservedPurpose)
        case outside(IPAddress, CIDRBlock)
    }

    package let subnetID: String
    package let subnetName: String
    package let kind: Kind

    /// The code that EC2 answers in the same case, for reasons that programs read.
    package var code: String {
        switch kind {
        case .full: "InsufficientFreeAddressesInSubnet"
        case .taken: "InvalidIPAddress.InUse"
        case .reserved, .outside: "InvalidParameterValue"
        }
    }

    package var description: String {
        let subnet = subnetName == subnetID ? "subnet \(subnetID)" : "subnet \(subnetID) (\(subnetName))"
        switch kind {
        case .full(let family):
            return "\(subnet) has no free \(family) address left: stop a task in it, or use a larger or another subnet"
        case .taken(let address):
            return "address \(address) of \(subnet) is in use: choose another, or stop the task that has it"
        case .reserved(let address, let purpose):
            return """
                address \(address) of \(subnet) is reserved (\(purpose.rawValue)): \
                choose one between the first four and the last
                """
        case .outside(let address, let block):
            return "address \(address) is outside \(subnet), which is \(block): choose an address in it"
        }
    }
}

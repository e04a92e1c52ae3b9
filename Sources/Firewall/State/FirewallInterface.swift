// SPDX-License-Identifier: Apache-2.0
package import Addressing
package import VPC

/// An ENI whose traffic passes the host's stack, by a link of ours.
package struct FirewallInterface: Hashable, Sendable {
    package var eniID: String
    /// The host's end: `tn-...`.
    package var hostName: String
    /// The ENI's own, inside the task.
    package var macAddress: MACAddress
    /// The ENI's. That of its link in IPv6 (fe80::...) follows from the MAC and is not among them.
    package var addresses: [IPAddress]
    package var securityGroupIDs: [String]

    package init(
        eniID: String, hostName: String, macAddress: MACAddress, addresses: [IPAddress], securityGroupIDs: [String]
    ) {
        self.eniID = eniID
        self.hostName = hostName
        self.macAddress = macAddress
        self.addresses = addresses
        self.securityGroupIDs = securityGroupIDs
    }

    /// - Parameter hostName: `NetworkInterface.hostInterfaceName`.
    package init(_ eni: NetworkInterface, hostName: String, securityGroupIDs: [String]) {
        self.init(
            eniID: eni.id, hostName: hostName, macAddress: eni.macAddress, addresses: eni.addresses,
            securityGroupIDs: securityGroupIDs)
    }
}

extension FirewallInterface {
    /// All that the kernel has to know of it, but for its groups.
    var elements: [(set: SetName, element: FirewallElement)] {
        let interface = FirewallElement.Field.interface(hostName)
        var elements: [(SetName, FirewallElement)] = [
            (.spoofed, FirewallElement(interface)), (.arpSpoofed, FirewallElement(interface)),
            (.deniedEgress, FirewallElement(interface)), (.deniedIngress, FirewallElement(interface)),
        ]
        for address in addresses {
            elements.append((.enis(address.family), FirewallElement(.address(address))))
        }
        for address in sources {
            elements.append(
                (.addresses(address.family), FirewallElement(interface, .mac(macAddress), .address(address))))
            elements.append((.own(address.family), FirewallElement(interface, .bits(address))))
            if address.family == .v4 {
                elements.append((.arpAddresses, FirewallElement(interface, .mac(macAddress), .address(address))))
            }
        }
        if addresses.contains(where: { $0.family == .v4 }) {
            elements.append((.arpAddresses, FirewallElement(interface, .mac(macAddress), .address(.v4(.any)))))
        }
        return elements
    }

    /// What it may send from.
    private var sources: [IPAddress] {
        addresses + (addresses.contains { $0.family == .v6 } ? [.v6(.linkLocal(of: macAddress))] : [])
    }

    /// Its places in the sets of its groups' members.
    func memberships(_ groupIDs: some Sequence<String>) -> [(set: SetName, element: FirewallElement)] {
        groupIDs.flatMap { group in addresses.map { (.members(group, $0.family), FirewallElement(.address($0))) } }
    }
}

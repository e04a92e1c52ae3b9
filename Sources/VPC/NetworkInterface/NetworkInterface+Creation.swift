// SPDX-License-Identifier: Apache-2.0
package import Addressing

extension NetworkInterface {
    /// The domain that private names get where the configuration names none.
    package static let defaultDomainName = "tasknet.internal"

    /// A new ENI with these addresses of `subnet`, whose gateway, DNS server and name follow from the subnet.
    ///
    /// - Parameters:
    ///   - macAddress: nil makes one.
    ///   - domainName: Of the private name.
    ///   - searchDomains: The search list; nil is the private name's domain alone.
    ///   - domainNameServers: nil takes the subnet's own DNS server.
    package init(
        in subnet: Subnet, index: Int = 0, macAddress: MACAddress? = nil, ipv4Address: IPv4Address? = nil,
        ipv6Address: IPv6Address? = nil, domainName: String = defaultDomainName, searchDomains: [String]? = nil,
        domainNameServers: [IPAddress]? = nil, using generator: inout some RandomNumberGenerator
    ) {
        let id = ResourceID.random("eni", using: &generator)
        self.init(
            id: id, attachmentID: ResourceID.uuid(using: &generator), index: index,
            macAddress: macAddress ?? .random(using: &generator),
            ipv4Addresses: ipv4Address.map { [.init(address: $0, primary: true)] } ?? [],
            ipv6Addresses: ipv6Address.map { [.init(address: $0, primary: true)] } ?? [],
            subnetID: subnet.id,
            subnetGatewayIPv4: ipv4Address == nil ? nil : subnet.gatewayIPv4,
            subnetGatewayIPv6: ipv6Address == nil ? nil : subnet.gatewayIPv6,
            domainNames: searchDomains ?? [domainName],
            domainNameServers: domainNameServers ?? [subnet.dnsIPv4.map(IPAddress.v4)].compactMap(\.self),
            privateDNSName: Self.privateDNSName(
                id: id, ipv4Address: ipv4Address, domainName: domainName))
    }

    /// `ip-10-0-4-128.<domain>`; an ENI with no IPv4 address is named by its id, as AWS names IPv6-only resources.
    package static func privateDNSName(id: String, ipv4Address: IPv4Address?, domainName: String) -> String {
        guard let ipv4Address else { return "\(id).\(domainName)" }
        return "ip-\(ipv4Address.bytes.map(String.init).joined(separator: "-")).\(domainName)"
    }
}

// SPDX-License-Identifier: Apache-2.0
import Addressing
import ECSAPI
import VPC

extension TaskNetworkService {
    /// ENIs as messages describe them, with all their addresses taken: of each, those that it names and those that a
    /// subnet of ours gives it.
    ///
    /// - Parameter milliseconds: how long their devices are waited for.
    /// - Throws: `AddressPoolError` where a subnet has not as many left; `APIError` for an address that is taken, reserved
    ///   or of another subnet, `ValidationFailure`. Nothing is taken then.
    func take(
        _ messages: [ElasticNetworkInterface], origin: NetworkInterfaceRecord.Origin, waiting milliseconds: Int?
    ) throws -> (interfaces: [NetworkInterfaceRecord], leases: [AddressLease]) {
        let before = pools
        do {
            var taken: (interfaces: [NetworkInterfaceRecord], leases: [AddressLease]) = ([], [])
            for message in messages {
                let interface = try NetworkInterfaceRecord(
                    try completed(message), origin: origin, waiting: milliseconds, subnets: configuration.subnets)
                taken.leases += try claim(addressesOf: [interface])
                taken.interfaces.append(interface)
            }
            return taken
        } catch {
            pools = before
            throw error
        }
    }

    /// A message with what its subnet says where it is silent.
    private func completed(_ message: ElasticNetworkInterface) throws -> ElasticNetworkInterface {
        var message = try message.withAssignments()
        guard let text = message.subnetId, !text.isEmpty else {
            guard message.secondaryPrivateIpAddressCount == nil else {
                throw APIError.invalidParameter(
                    "secondaryPrivateIpAddressCount needs a subnet to take the addresses from: give subnetId too")
            }
            return message
        }
        // An unknown one is refused where the message is read.
        guard let subnet = configuration.subnets.named(text) else { return message }
        try addAddresses(of: subnet, to: &message)
        if message.subnetGatewayIpv4Address?.isEmpty ?? true, !(message.ipv4Addresses ?? []).isEmpty {
            message.subnetGatewayIpv4Address = subnet.gatewayIPv4?.description
        }
        if message.isMadeHere { name(&message) }
        return message
    }

    private func addAddresses(of subnet: Subnet, to message: inout ElasticNetworkInterface) throws {
        let isSilent = (message.ipv4Addresses ?? []).isEmpty && (message.ipv6Addresses ?? []).isEmpty
        let secondary = message.secondaryPrivateIpAddressCount ?? 0
        var missing = (v4: secondary, v6: 0)
        if isSilent { missing.v6 = 1 }
        if isSilent || secondary > 0 && (message.ipv4Addresses ?? []).isEmpty { missing.v4 += 1 }
        if secondary > 0, subnet.ipv4CIDRBlock == nil {
            throw APIError.invalidParameter(
                "secondaryPrivateIpAddressCount is of IPv4 addresses, and subnet \(subnet.id) has none: leave it out")
        }
        let given = (message.ipv4Addresses ?? []).compactMap { $0.privateAddress.flatMap { IPAddress($0) } }
        for address in try pools.next(missing.v4, .v4, of: subnet.id, besides: given) {
            message.ipv4Addresses = (message.ipv4Addresses ?? []) + [.init(primary: nil, privateAddress: "\(address)")]
        }
        for address in try pools.next(missing.v6, .v6, of: subnet.id, besides: []) {
            message.ipv6Addresses = (message.ipv6Addresses ?? []) + [.init(address: "\(address)")]
        }
    }

    /// What the daemon's own ENIs have, too.
    private func name(_ message: inout ElasticNetworkInterface) {
        var generator = SystemRandomNumberGenerator()
        let dns = configuration.dns
        let domain = configuration.privateDNSDomain
        let id = message.ec2Id ?? ResourceID.random("eni", using: &generator)
        message.ec2Id = id
        message.macAddress = message.macAddress ?? MACAddress.random(using: &generator).description
        message.domainName = message.domainName ?? (dns.searchDomains.isEmpty ? [domain] : dns.searchDomains)
        message.domainNameServers =
            message.domainNameServers
            ?? (dns.servers.isEmpty ? HostResolver.servers() : dns.servers).map(\.description)
        let primary = message.ipv4Addresses?.first { $0.primary ?? false } ?? message.ipv4Addresses?.first
        message.privateDnsName =
            message.privateDnsName
            ?? NetworkInterface.privateDNSName(
                id: id, ipv4Address: primary?.privateAddress.flatMap { IPv4Address($0) }, domainName: domain)
    }
}

extension ElasticNetworkInterface {
    /// Whether there is nothing of it before the daemon makes it: somebody else's device has its own names.
    fileprivate var isMadeHere: Bool { ![.device, .branch].contains(effectiveInterfaceType) }

    /// With its short form of addresses as the long one.
    fileprivate func withAssignments() throws -> ElasticNetworkInterface {
        var message = self
        if let count = secondaryPrivateIpAddressCount, !(0...Self.mostAddresses).contains(count) {
            throw APIError.invalidParameter(
                "secondaryPrivateIpAddressCount must be 0 to \(Self.mostAddresses); it is \(count)")
        }
        guard let addresses = privateIpv4Addresses else { return message }
        guard (ipv4Addresses ?? []).isEmpty else {
            throw APIError.invalidParameter("privateIpv4Addresses and ipv4Addresses say the same: leave one out")
        }
        message.ipv4Addresses = addresses.enumerated().map { .init(primary: $0 == 0, privateAddress: $1) }
        message.privateIpv4Addresses = nil
        return message
    }

    /// Besides the primary one.
    private static let mostAddresses = 49
}

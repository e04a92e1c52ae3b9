// SPDX-License-Identifier: Apache-2.0
import Addressing
package import VPC

extension ElasticNetworkInterface {
    /// The ENI as the model has it. What is wrong with it is told in the ECS agent's words.
    ///
    /// - Parameter generator: Makes the attachment's id where the message has none.
    package func networkInterface(
        using generator: inout some RandomNumberGenerator
    ) throws(ValidationFailure) -> NetworkInterface {
        let ipv4 = try ipv4Assignments()
        let ipv6 = try ipv6Assignments()
        if ipv4.isEmpty, ipv6.isEmpty {
            throw Self.failure("no ipv4 addresses in the message", "nor ipv6 addresses: give the interface an address")
        }
        let gateway = try ipv4.isEmpty ? nil : ipv4Gateway()
        if let gateway { try Self.validate(ipv4.map(\.address), behind: gateway) }
        let mac = try unicastMAC()
        let id = try interfaceID()
        let association = try association()
        try validateNames()
        var result = NetworkInterface(
            id: id, attachmentID: try attachmentID() ?? ResourceID.uuid(using: &generator), index: try deviceIndex(),
            macAddress: mac, ipv4Addresses: ipv4, ipv6Addresses: ipv6, association: association)
        try validateMTU(of: result)
        result.subnetID = subnetId
        result.subnetGatewayIPv4 = gateway
        result.subnetGatewayIPv6 = try ipv6Gateway()
        result.domainNames = domainName ?? []
        result.domainNameServers = try nameServers()
        result.privateDNSName = privateDnsName.flatMap { $0.isEmpty ? nil : $0 }
        return result
    }

    private static func failure(_ message: String, _ detail: String? = nil) -> ValidationFailure {
        ValidationFailure(.invalidParameter, message, detail: detail)
    }

    private static func parsed<Value>(
        _ message: String, _ body: () throws(AddressError) -> Value
    ) throws(ValidationFailure) -> Value {
        do { return try body() } catch { throw failure("\(message) \(error.input.shortened)", error.reason) }
    }

    private func ipv4Assignments() throws(ValidationFailure) -> [NetworkInterface.AssignedAddress<IPv4Address>] {
        var result: [NetworkInterface.AssignedAddress<IPv4Address>] = []
        for assignment in ipv4Addresses ?? [] {
            let address = try Self.parsed("invalid ipv4 address") { () throws(AddressError) in
                try IPv4Address(parsing: assignment.privateAddress ?? "")
            }
            if address.isUnspecified || address.isLoopback || address.isMulticast || address == .broadcast {
                throw Self.failure("invalid ipv4 address \(address)", "it is not the address of one interface")
            }
            result.append(.init(address: address, primary: assignment.primary ?? false))
        }
        try Self.validate(result, family: "ipv4")
        if !result.isEmpty, !result.contains(where: \.primary) { result[0].primary = true }
        return result
    }

    private func ipv6Assignments() throws(ValidationFailure) -> [NetworkInterface.AssignedAddress<IPv6Address>] {
        var result: [NetworkInterface.AssignedAddress<IPv6Address>] = []
        for assignment in ipv6Addresses ?? [] {
            let address = try Self.parsed("invalid ipv6 address") { () throws(AddressError) in
                try IPv6Address(parsing: assignment.address ?? "")
            }
            if address.isUnspecified || address.isLoopback || address.isMulticast || address.isLinkLocal
                || address.mappedIPv4 != nil
            {
                throw Self.failure("invalid ipv6 address \(address)", "it is not the global address of one interface")
            }
            result.append(.init(address: address, primary: assignment.primary ?? false))
        }
        try Self.validate(result, family: "ipv6")
        if !result.isEmpty, !result.contains(where: \.primary) { result[0].primary = true }
        return result
    }

    private static func validate<Address>(
        _ addresses: [NetworkInterface.AssignedAddress<Address>], family: String
    ) throws(ValidationFailure) {
        if addresses.count > 50 { throw failure("too many \(family) addresses in the message", "\(addresses.count)") }
        if addresses.count(where: \.primary) > 1 {
            throw failure("more than one primary \(family) address in the message")
        }
        var seen: Set<Address> = []
        for assigned in addresses where !seen.insert(assigned.address).inserted {
            throw failure("duplicate \(family) address \(assigned.address.description) in the message")
        }
    }

    private func ipv4Gateway() throws(ValidationFailure) -> InterfaceAddress {
        guard let text = subnetGatewayIpv4Address, !text.isEmpty else {
            throw Self.failure(
                "no subnet gateway ipv4 address in the message", "give it with the prefix length: 10.0.4.1/24")
        }
        let gateway = try Self.parsed("invalid subnet gateway ipv4 address") { () throws(AddressError) in
            try InterfaceAddress(parsing: text)
        }
        if gateway.family != .v4 || gateway.address.isUnspecified {
            throw Self.failure(
                "invalid subnet gateway ipv4 address \(text)", "give an IPv4 address such as 10.0.4.1/24")
        }
        return gateway
    }

    /// Before anything waits for the ENI's device: with such addresses no plan can be made.
    private static func validate(
        _ addresses: [IPv4Address], behind gateway: InterfaceAddress
    ) throws(ValidationFailure) {
        for address in addresses {
            if gateway.address == .v4(address) {
                throw failure("invalid ipv4 address \(address)", "it is the subnet gateway's: choose another")
            }
            if let block = gateway.network, !block.contains(.v4(address)) {
                throw failure(
                    "invalid ipv4 address \(address)",
                    "it is outside the gateway's subnet, \(block): choose an address in it")
            }
        }
    }

    private func ipv6Gateway() throws(ValidationFailure) -> IPv6Address? {
        guard let text = subnetGatewayIpv6Address, !text.isEmpty else { return nil }
        // Some senders give it with the prefix length as for IPv4.
        let address = text.split(separator: "/", maxSplits: 1).first.map(String.init) ?? text
        return try Self.parsed("invalid subnet gateway ipv6 address") { () throws(AddressError) in
            try IPv6Address(parsing: address)
        }
    }

    private func unicastMAC() throws(ValidationFailure) -> MACAddress {
        guard let text = macAddress, !text.isEmpty else { throw Self.failure("empty eni mac address in the message") }
        return try Self.mac(text, "invalid eni mac address")
    }

    private static func mac(_ text: String, _ message: String) throws(ValidationFailure) -> MACAddress {
        let address = try parsed(message) { () throws(AddressError) in try MACAddress(parsing: text) }
        if !address.isUnicast { throw failure("\(message) \(text)", "it is not the address of one interface") }
        return address
    }

    private func interfaceID() throws(ValidationFailure) -> String {
        guard let id = ec2Id, !id.isEmpty else { throw Self.failure("empty eni id in the message") }
        // Its end becomes part of an interface's name on the host.
        guard ResourceID.isValid(id, prefix: "eni") else {
            throw Self.failure(
                "invalid eni id \(id.shortened)", "it is \"eni-\" and 8 to 17 hexadecimal digits in lower case")
        }
        return id
    }

    private func attachmentID() throws(ValidationFailure) -> String? {
        guard let text = attachmentArn, !text.isEmpty else { return nil }
        let id = AttachmentARN(text)?.id ?? text
        let isValid =
            (1...64).contains(id.utf8.count)
            && id.utf8.allSatisfy { byte in
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "-")
                    || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte | 0x20)
            }
        if !isValid {
            throw Self.failure(
                "invalid attachment arn \(text.shortened)", "arn:aws:ecs:<region>:<account>:attachment/<uuid>")
        }
        return id
    }

    private func deviceIndex() throws(ValidationFailure) -> Int {
        let index = index ?? 0
        if !(0...255).contains(index) { throw Self.failure("invalid eni index \(index)", "it is 0 to 255") }
        return index
    }

    private func association() throws(ValidationFailure) -> NetworkInterface.Association {
        switch interfaceAssociationProtocol ?? "" {
        case "", "default": return .default
        case "vlan":
            guard let properties = interfaceVlanProperties, let text = properties.vlanId, !text.isEmpty,
                let trunk = properties.trunkInterfaceMacAddress, !trunk.isEmpty
            else { throw Self.failure("vlan interface properties missing", "give vlanId and trunkInterfaceMacAddress") }
            guard text.utf8.allSatisfy((UInt8(ascii: "0")...UInt8(ascii: "9")).contains), let id = Int(text),
                (1...4094).contains(id)
            else { throw Self.failure("invalid vlan id \(text.shortened)", "it is 1 to 4094") }
            return .vlan(id: id, trunkMAC: try Self.mac(trunk, "invalid trunk interface mac address"))
        case let other:
            throw Self.failure("invalid interface association protocol: \(other.shortened)", "it is default or vlan")
        }
    }

    private func nameServers() throws(ValidationFailure) -> [IPAddress] {
        var result: [IPAddress] = []
        for text in domainNameServers ?? [] {
            result.append(
                try Self.parsed("invalid domain name server") { () throws(AddressError) in try IPAddress(parsing: text)
                })
        }
        return result
    }

    /// Names that end up in files of the task and in the kernel.
    private func validateNames() throws(ValidationFailure) {
        for name in domainName ?? [] where !DomainName.isValid(name) {
            throw Self.failure("invalid domain name \(name.shortened.debugDescription)")
        }
        if let privateDnsName, !privateDnsName.isEmpty, !DomainName.isValid(privateDnsName) {
            throw Self.failure("invalid private dns name \(privateDnsName.shortened.debugDescription)")
        }
        for name in [name, parentInterface].compactMap(\.self) where !name.isEmpty && !Self.isInterfaceName(name) {
            throw Self.failure(
                "invalid interface name \(name.shortened.debugDescription)",
                "it has 1 to 15 printable characters, no slash, colon, percent sign or space")
        }
    }

    private func validateMTU(of interface: NetworkInterface) throws(ValidationFailure) {
        let possible = interface.possibleMTUs
        guard let mtu, !possible.contains(mtu) else { return }
        throw Self.failure(
            "invalid mtu \(mtu)",
            """
            it is \(possible.lowerBound) to \(possible.upperBound) bytes for an interface \
            \(interface.ipv6Addresses.isEmpty ? "without" : "with") IPv6
            """)
    }

    static func isInterfaceName(_ text: String) -> Bool {
        (1...15).contains(text.utf8.count) && text != "." && text != ".."
            && text.utf8.allSatisfy { (0x21...0x7E).contains($0) && !"/:%".utf8.contains($0) }
    }
}

/// The rules of host and domain names (RFC 1123, and the underscores that are in use).
enum DomainName {
    static func isValid(_ text: String) -> Bool {
        let text = text.hasSuffix(".") ? text.dropLast() : Substring(text)
        guard (1...253).contains(text.utf8.count) else { return false }
        return text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy { label in
            (1...63).contains(label.count) && label.first != UInt8(ascii: "-") && label.last != UInt8(ascii: "-")
                && label.allSatisfy { byte in
                    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                        || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) || "-_".utf8.contains(byte)
                }
        }
    }
}

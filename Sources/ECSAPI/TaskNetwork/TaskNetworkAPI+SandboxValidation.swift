// SPDX-License-Identifier: Apache-2.0
package import Addressing
package import VPC

extension TaskNetworkAPI.AddSandboxNetworkInterface.Input {
    /// The addresses that are asked for, one of a family at most.
    package struct RequestedAddresses: Hashable, Sendable {
        package var ipv4: IPv4Address?
        package var ipv6: IPv6Address?
    }

    /// Checks what can be checked without the configuration and the host.
    package func validate() throws(ValidationFailure) {
        try SandboxRules.validate(network: network)
        try SandboxRules.validate(containerId: containerId)
        try SandboxRules.validate(interfaceName: interfaceName)
        try SandboxRules.validate(networkNamespace: networkNamespace)
        _ = try requestedAddresses()
        let mac = try requestedMACAddress()
        // How many it may be in all is the daemon's to say.
        try NetworkConfiguration.AWSVPC.validate(securityGroups: securityGroups ?? [], most: 16)
        if let parentInterface { try SandboxRules.validate(interfaceName: parentInterface, member: "parentInterface") }
        if let waitTimeoutMs { try AttachmentRules.validate(waitTimeoutMs: waitTimeoutMs) }
        if let mtu {
            let possible = NetworkInterface.possibleMTUs(withIPv6: false)
            guard possible.contains(mtu) else {
                throw ValidationFailure(
                    .invalidParameter, "mtu must be \(possible.lowerBound) to \(possible.upperBound).",
                    detail: "it is \(mtu)")
            }
        }
        if interfaceType == .device, mac == nil {
            throw ValidationFailure(
                .invalidParameter, "macAddress can not be blank.", detail: "a device is found on the host by it")
        }
        _ = try branch()
        try dns?.validate()
        try RequestText.validate(podNamespace, member: "podNamespace", most: SandboxRules.longestName)
        try RequestText.validate(podName, member: "podName", most: SandboxRules.longestName)
    }

    /// A prefix length is read and left aside: an ENI has its subnet's.
    package func requestedAddresses() throws(ValidationFailure) -> RequestedAddresses {
        var result = RequestedAddresses()
        for text in ipAddresses ?? [] {
            switch try SandboxRules.address(text) {
            case .v4(let address):
                if let other = result.ipv4 { throw Self.second(.v4(address), beside: .v4(other)) }
                result.ipv4 = address
            case .v6(let address):
                if ipv6 == false {
                    throw ValidationFailure(
                        .invalidParameter, "ipAddresses contains \(address), and ipv6 is false.",
                        detail: "leave one of the two out")
                }
                if let other = result.ipv6 { throw Self.second(.v6(address), beside: .v6(other)) }
                result.ipv6 = address
            }
        }
        return result
    }

    private static func second(_ address: IPAddress, beside other: IPAddress) -> ValidationFailure {
        ValidationFailure(
            .invalidParameter, "ipAddresses can contain one \(address.family) address.",
            detail: "\(other) and \(address) are given")
    }

    package func requestedMACAddress() throws(ValidationFailure) -> MACAddress? {
        try macAddress.map { text throws(ValidationFailure) in try SandboxRules.mac(text, member: "macAddress") }
    }

    /// What a `branch` is; nil for another kind.
    package func branch() throws(ValidationFailure) -> NetworkInterface.Association? {
        guard interfaceType == .branch else {
            if interfaceVlanProperties == nil { return nil }
            throw ValidationFailure(
                .invalidParameter, "interfaceVlanProperties can only be given for the interfaceType branch.",
                detail: interfaceType.map { "it is \($0.rawValue)" } ?? "give interfaceType")
        }
        guard let vlan = interfaceVlanProperties?.vlanId, let trunk = interfaceVlanProperties?.trunkInterfaceMacAddress
        else {
            throw ValidationFailure(
                .invalidParameter, "interfaceVlanProperties can not be blank for the interfaceType branch.",
                detail: "give vlanId and trunkInterfaceMacAddress")
        }
        guard vlan.utf8.count <= 4, vlan.utf8.allSatisfy((UInt8(ascii: "0")...UInt8(ascii: "9")).contains),
            let id = Int(vlan), (1...4094).contains(id)
        else {
            throw ValidationFailure(
                .invalidParameter, "vlanId must be 1 to 4094.", detail: "it is \(vlan.shortened.debugDescription)")
        }
        return .vlan(id: id, trunkMAC: try SandboxRules.mac(trunk, member: "trunkInterfaceMacAddress"))
    }
}

extension SandboxAttachmentReference {
    /// A name that is only too long is one of what was never there.
    package func validate() throws(ValidationFailure) {
        try SandboxRules.validate(network: network, most: .max)
        try SandboxRules.validate(containerId: containerId, most: .max)
        try SandboxRules.validate(interfaceName: interfaceName)
    }
}

extension TaskNetworkAPI.CollectSandboxNetworkInterfaces.Input {
    /// What no attachment can be called is not looked at: it is none of those that there are.
    package func validate() throws(ValidationFailure) { try SandboxRules.validate(network: network) }
}

extension SandboxDNS {
    /// They become lines of a file in the sandbox.
    package func validate() throws(ValidationFailure) {
        for server in nameservers ?? [] where IPAddress(server) == nil {
            throw SandboxRules.failure("nameservers", server, "it is an IP address")
        }
        for name in [domain].compactMap(\.self) + (search ?? []) where !name.isEmpty && !DomainName.isValid(name) {
            throw SandboxRules.failure("dns", name, "it is a domain name")
        }
        for option in options ?? [] where !Self.isOption(option) {
            throw SandboxRules.failure("options", option, "it is one word of printable characters")
        }
    }

    private static func isOption(_ text: String) -> Bool {
        (1...SandboxRules.longestName).contains(text.utf8.count) && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    }
}

/// Rules of names that CNI's specification has, and limits where it has none.
enum SandboxRules {
    /// What libcni keeps of an attachment is a file named by its parts, so no longer ones are about.
    static let longestName = 255
    /// The corresponding C constant is `PATH_MAX` (less the closing zero).
    private static let longestPath = 4095

    static func validate(network: String, most: Int = longestName) throws(ValidationFailure) {
        try validate(network, member: "network", most: most)
    }

    static func validate(containerId: String, most: Int = longestName) throws(ValidationFailure) {
        try validate(containerId, member: "containerId", most: most)
    }

    private static func validate(_ name: String, member: String, most: Int) throws(ValidationFailure) {
        if name.isEmpty { throw ValidationFailure(.invalidParameter, "\(member) can not be blank.") }
        if name.utf8.count > most {
            throw ValidationFailure(
                .invalidParameter, "\(member) can have at most \(most) characters.",
                detail: "it has \(name.utf8.count)")
        }
        let isGood = name.utf8.allSatisfy { isAlphanumeric($0) || "_.-".utf8.contains($0) }
        guard isGood, name.utf8.first.map(isAlphanumeric) == true else {
            throw failure(
                member, name, "it begins with a letter or digit and has letters, digits, '_', '.' and '-' only")
        }
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }

    static func validate(interfaceName: String, member: String = "interfaceName") throws(ValidationFailure) {
        if interfaceName.isEmpty { throw ValidationFailure(.invalidParameter, "\(member) can not be blank.") }
        guard ElasticNetworkInterface.isInterfaceName(interfaceName), interfaceName != "lo" else {
            throw failure(
                member, interfaceName,
                "it has 1 to 15 printable characters, no slash, colon, percent sign or space, and is not lo")
        }
    }

    static func validate(networkNamespace: String) throws(ValidationFailure) {
        if networkNamespace.isEmpty {
            throw ValidationFailure(.invalidParameter, "networkNamespace can not be blank.")
        }
        let isPlain = networkNamespace.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
        guard networkNamespace.hasPrefix("/"), isPlain, networkNamespace.utf8.count <= longestPath else {
            throw failure(
                "networkNamespace", networkNamespace,
                "it is the absolute path of a network namespace, of at most \(longestPath) printable characters")
        }
    }

    static func address(_ text: String) throws(ValidationFailure) -> IPAddress {
        let address = text.contains("/") ? (try? InterfaceAddress(parsing: text))?.address : IPAddress(text)
        guard let address else {
            throw failure("ipAddresses", text, "it is an address, also with a prefix length: 10.0.4.9 or 10.0.4.9/24")
        }
        return address
    }

    static func mac(_ text: String, member: String) throws(ValidationFailure) -> MACAddress {
        guard let address = MACAddress(text), address.isUnicast else {
            throw failure(member, text, "it is the MAC address of one interface, as 0a:1b:2c:3d:4e:5f")
        }
        return address
    }

    static func failure(_ member: String, _ value: String, _ rule: String) -> ValidationFailure {
        ValidationFailure(
            .invalidParameter, "\(member) can not be \(value.shortened.debugDescription).", detail: rule)
    }
}

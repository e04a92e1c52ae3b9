// SPDX-License-Identifier: Apache-2.0
import Addressing
import CNI
import JSON

/// What `ipam` in a configuration says to ecs-ipam.
struct IPAMConfiguration {
    /// Whose addresses these are, in the caller's own words: the ECS agent has the ENI's MAC address here. Empty where
    /// there is none.
    var id: String
    var networks: [Network]

    /// One family's part.
    struct Network {
        var range: AddressRange
        /// One that is asked for, with the prefix length that it is to have.
        var address: InterfaceAddress?
        var gateway: IPAddress
        var routes: [Route]
    }

    struct Route {
        var destination: CIDRBlock
        var gateway: IPAddress?
    }

    /// - Throws: code 7, naming the key.
    init(_ configuration: NetworkConfiguration) throws(CNIError) {
        let ipam = try Self.section(configuration)
        id = try ipam.key("id").string() ?? ""
        networks = []
        for family in IPFamily.allCases {
            if let network = try Network(ipam, family) { networks.append(network) }
        }
        if networks.isEmpty {
            throw CNIError(
                .invalidConfiguration, "at least one subnet (ipv4 or ipv6) is required",
                details: "give ipam.ipv4-subnet or ipam.ipv6-subnet")
        }
    }

    static func section(_ configuration: NetworkConfiguration) throws(CNIError) -> ConfigurationKey {
        guard let ipam = try configuration.key("ipam").object() else {
            throw CNIError(
                .invalidConfiguration, "'IPAM' field missing in configuration", details: "give an object ipam")
        }
        return ipam
    }
}

/// What a DEL needs of the configuration. The rest may be wrong or missing: then nothing was given out by it.
struct ReleaseConfiguration {
    var id: String
    var addresses: [IPAddress]

    init(_ configuration: NetworkConfiguration) throws(CNIError) {
        let ipam = try IPAMConfiguration.section(configuration)
        id = try ipam.key("id").string() ?? ""
        addresses = []
        for family in IPFamily.allCases {
            let key = ipam.key("\(family.key)-address")
            if let address = try key.interfaceAddress(family) { addresses.append(address.address) }
        }
    }
}

extension IPAMConfiguration.Network {
    /// nil where the family has no subnet.
    fileprivate init?(_ ipam: ConfigurationKey, _ family: IPFamily) throws(CNIError) {
        let subnetKey = ipam.key("\(family.key)-subnet")
        guard let subnet = try subnetKey.interfaceAddress(family)?.network else { return nil }
        let longest = AddressRange.longestPrefix(family)
        guard subnet.prefixLength <= longest else {
            throw subnetKey.complaint("no available ip in the subnet", "the longest prefix is /\(longest)")
        }
        range = AddressRange(subnet)
        let addressKey = ipam.key("\(family.key)-address")
        address = try addressKey.interfaceAddress(family)
        if let address { try range.require(address.address, addressKey, "ip") }
        let gatewayKey = ipam.key("\(family.key)-gateway")
        gateway = try gatewayKey.address(family) ?? range.gateway
        if !gatewayKey.isMissing { try range.require(gateway, gatewayKey, "gateway") }
        if address?.address == gateway {
            throw addressKey.complaint("the address is the gateway's", "give another one, or none")
        }
        routes = []
        for route in try ipam.key("\(family.key)-routes").array() ?? [] {
            _ = try route.object()
            let destination = route.key("dst")
            guard let address = try destination.interfaceAddress(family), let block = address.network else {
                throw CNIError(.invalidConfiguration, "missing \(destination.path) in network config")
            }
            routes.append(.init(destination: block, gateway: try route.key("gw").address(family)))
        }
    }
}

extension AddressRange {
    fileprivate func require(_ address: IPAddress, _ key: ConfigurationKey, _ kind: String) throws(CNIError) {
        guard subnet.contains(address) else {
            throw key.complaint("\(kind) \(address) is not within the subnet \(subnet)", "")
        }
        guard contains(address) else {
            throw key.complaint(
                "\(kind) specified is reserved by default",
                "it is the subnet's \(address == subnet.firstAddress ? "network" : "broadcast") address")
        }
    }
}

extension ConfigurationKey {
    /// An address with a prefix length. Host bits may be set, as Go's parser lets them.
    fileprivate func interfaceAddress(_ family: IPFamily) throws(CNIError) -> InterfaceAddress? {
        guard let text = try string(), !text.isEmpty else { return nil }
        let address: InterfaceAddress
        do throws(AddressError) {
            address = try InterfaceAddress(parsing: text)
        } catch {
            throw complaint(error.reason, "it has to be as \(family.example)")
        }
        guard address.family == family else { throw complaint("it is \(address.family)", "the key is for \(family)") }
        return address
    }

    fileprivate func address(_ family: IPFamily) throws(CNIError) -> IPAddress? {
        guard let text = try string(), !text.isEmpty else { return nil }
        let address: IPAddress
        do throws(AddressError) {
            address = try IPAddress(parsing: text)
        } catch {
            throw complaint(error.reason, "it has to be an address without a prefix length")
        }
        guard address.family == family else { throw complaint("it is \(address.family)", "the key is for \(family)") }
        return address
    }

    /// The reason stands in the message: callers of old read nothing else.
    fileprivate func complaint(_ reason: String, _ details: String) -> CNIError {
        var error = refusal(details)
        error.message += ": \(reason)"
        return error
    }
}

extension IPFamily {
    fileprivate var key: String { self == .v4 ? "ipv4" : "ipv6" }
    fileprivate var example: String { self == .v4 ? "10.0.0.0/24" : "2001:db8::/64" }
}

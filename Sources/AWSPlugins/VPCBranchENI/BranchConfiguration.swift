// SPDX-License-Identifier: Apache-2.0

import Addressing
import CNI
import TaskNetworking

/// The configuration of `vpc-branch-eni`, with what CNI_ARGS has in its place for this one container.
struct BranchConfiguration {
    enum InterfaceType {
        /// For a container.
        case vlan
        /// For a virtual machine: a link that it opens, and whose user may.
        case tap(owner: UInt32, group: UInt32)
        /// For a virtual machine, without a bridge.
        case macvtap
    }

    let trunkMACAddress: MACAddress?
    let trunkName: InterfaceName?
    let vlanID: Int
    let macAddress: MACAddress
    let interfaceType: InterfaceType
    let settings: InterfaceSettings

    var trunkKey: String { trunkName == nil ? "trunkMACAddress" : "trunkName" }

    init(_ request: CNIRequest) throws(CNIError) {
        let configuration = request.configuration
        let texts = Texts(configuration: configuration, arguments: request.arguments)
        let trunkName = try configuration.text("trunkName")
        let trunkMAC = try configuration.text("trunkMACAddress")
        let vlanID = try texts.one("branchVlanID", argument: "BranchVlanID")
        let mac = try texts.one("branchMACAddress", argument: "BranchMACAddress")
        if trunkName == nil && trunkMAC == nil { throw Self.missing("trunkName or trunkMACAddress") }
        guard let vlanID else { throw Self.missing("branchVlanID") }
        guard let mac else { throw Self.missing("branchMACAddress") }

        interfaceType = try Self.interfaceType(configuration)
        self.trunkName = try trunkName?.linkName("invalid trunkName")
        trunkMACAddress = try trunkMAC?.macAddress("invalid trunkMACAddress")
        self.vlanID = try vlanID.number("invalid branchVlanID", 1...4094)
        macAddress = try mac.macAddress("invalid branchMACAddress")
        settings = InterfaceSettings(
            keys: InterfaceSettings.Keys(
                addresses: "ipAddresses", gateways: "gatewayIPAddresses",
                blocksInstanceMetadata: "blockInstanceMetadata"),
            addresses: try texts.list("ipAddresses", argument: "IPAddresses").map { text throws(CNIError) in
                try text.parsed("invalid ipAddress")
            },
            gateways: try texts.list("gatewayIPAddresses", argument: "GatewayIPAddresses").map {
                text throws(CNIError) in try text.parsed("invalid gatewayIPAddress")
            },
            blocksInstanceMetadata: try configuration.key("blockInstanceMetadata").boolean() ?? false)
    }

    private static func interfaceType(_ configuration: NetworkConfiguration) throws(CNIError) -> InterfaceType {
        let type = try configuration.text("interfaceType")?.text
        switch type {
        case "vlan": return .vlan
        case "macvtap": return .macvtap
        case nil, "tap":
            guard let owner = try configuration.text("uid") else { throw missing("uid") }
            guard let group = try configuration.text("gid") else { throw missing("gid") }
            // The last number is the kernel's for nobody.
            let range = 0...(UInt32.max - 1)
            return .tap(
                owner: try owner.number("invalid uid", range), group: try group.number("invalid gid", range))
        default:
            throw configuration.key("interfaceType").refusal("known are tap, vlan and macvtap")
        }
    }

    private static func missing(_ key: String) -> CNIError {
        CNIError(.invalidConfiguration, "missing required parameter \(key)")
    }
}

/// Texts of the configuration, or what CNI_ARGS has in their place. What is empty there is not there.
private struct Texts {
    let configuration: NetworkConfiguration
    let arguments: CNIArguments

    func one(_ key: String, argument: String) throws(CNIError) -> ConfigurationText? {
        if let override = override(argument) { return override }
        return try configuration.text(key)
    }

    func list(_ key: String, argument: String) throws(CNIError) -> [ConfigurationText] {
        guard let override = override(argument) else { return try configuration.texts(key) }
        return override.text.split(separator: ",", omittingEmptySubsequences: false).map {
            ConfigurationText(name: override.name, text: String($0))
        }
    }

    private func override(_ argument: String) -> ConfigurationText? {
        guard let text = arguments[argument], !text.isEmpty else { return nil }
        return ConfigurationText(name: "CNI_ARGS \(argument)", text: text)
    }
}

// SPDX-License-Identifier: Apache-2.0

import Addressing
package import CNI
import TaskNetworking

/// `ecs-eni`: moves the NIC with a MAC address into the container's namespace.
package struct ECSENI: AWSPlugin {
    package static let name = "ecs-eni"
    package static let origin = AWSOrigin.ecs
    package static let defaultLogFile = "/log/ecs-cni-eni-plugin.log"

    private let log: PluginLog

    package init(log: PluginLog) { self.log = log }

    package func add(_ request: CNIRequest) throws -> CNIResult {
        try attachment(request.configuration).add(request, log)
    }

    /// The original does nothing at all, and so never fails. This one gives the NIC back, and never fails either: its
    /// callers do not expect it to, and a namespace that ends gives the NIC back as well.
    package func del(_ request: CNIRequest) throws {
        do {
            try attachment(request.configuration).del(request, log)
        } catch {
            log.error("\(Self.name) DEL: passed over: \(error)")
        }
    }

    package func check(_ request: CNIRequest) throws { try attachment(request.configuration).check(request) }
    package func gc(_ request: CNIRequest) throws {}
    package func status(_ request: CNIRequest) throws {}

    private func attachment(_ configuration: NetworkConfiguration) throws(CNIError) -> DeviceAttachment {
        _ = try required("eni", configuration)
        let mac = try required("mac", configuration)
        let addresses = try configuration.texts("ip-addresses")
        if addresses.isEmpty { throw missing("ip-addresses") }

        var attachment = DeviceAttachment(
            macAddressKey: "mac", deviceNameKey: "mac",
            settings: InterfaceSettings(
                keys: InterfaceSettings.Keys(
                    addresses: "ip-addresses", gateways: "gateway-ip-addresses",
                    blocksInstanceMetadata: "block-instance-metadata")))
        attachment.macAddress = try mac.macAddress("malformatted mac address specified:")
        attachment.settings.addresses = try addresses.map { text throws(CNIError) in
            try text.parsed("malformed IP address specified:")
        }
        attachment.settings.gateways = try configuration.texts("gateway-ip-addresses").map { text throws(CNIError) in
            try text.parsed("unable to parse gateway ip address")
        }
        attachment.settings.blocksInstanceMetadata = try configuration.key("block-instance-metadata").boolean() ?? false
        attachment.staysDown = try configuration.key("stay-down").boolean() ?? false
        attachment.mtu = try mtu(configuration)
        return attachment
    }

    private func required(_ key: String, _ configuration: NetworkConfiguration) throws(CNIError) -> ConfigurationText {
        guard let text = try configuration.text(key) else { throw missing(key) }
        return text
    }

    private func missing(_ key: String) -> CNIError {
        CNIError(.invalidConfiguration, "missing required parameter in config: '\(key)'")
    }

    /// 0 is none.
    private func mtu(_ configuration: NetworkConfiguration) throws(CNIError) -> Int? {
        let key = configuration.key("mtu")
        guard let mtu = try key.integer(), mtu != 0 else { return nil }
        guard (68...65535).contains(mtu) else {
            throw key.refusal("it has to be 68 to 65535, or 0 for the device's own")
        }
        return mtu
    }
}

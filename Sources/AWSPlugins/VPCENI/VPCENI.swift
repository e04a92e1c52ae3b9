// SPDX-License-Identifier: Apache-2.0

import Addressing
package import CNI
import TaskNetworking

/// `vpc-eni`: moves a NIC, named or with a MAC address, into the container's namespace.
package struct VPCENI: AWSPlugin {
    package static let name = "vpc-eni"
    package static let origin = AWSOrigin.vpc
    package static let defaultLogFile = "/var/log/vpc-eni.log"

    private let log: PluginLog

    package init(log: PluginLog) { self.log = log }

    package func add(_ request: CNIRequest) throws -> CNIResult {
        if try usesExistingNetwork(request.configuration) { throw existingNetwork }
        return try attachment(request.configuration).add(request, log)
    }

    package func del(_ request: CNIRequest) throws {
        // No ADD with it has made anything.
        if try usesExistingNetwork(request.configuration) { return }
        try attachment(request.configuration).del(request, log)
    }

    package func check(_ request: CNIRequest) throws {
        if try usesExistingNetwork(request.configuration) { throw existingNetwork }
        try attachment(request.configuration).check(request)
    }

    package func gc(_ request: CNIRequest) throws {}
    package func status(_ request: CNIRequest) throws {}

    private func usesExistingNetwork(_ configuration: NetworkConfiguration) throws(CNIError) -> Bool {
        guard try configuration.key("useExistingNetwork").boolean() == true else { return false }
        if configuration.name.isEmpty {
            throw CNIError(.invalidConfiguration, "missing required parameter network name")
        }
        return true
    }

    private var existingNetwork: CNIError {
        CNIError(
            .unsupportedField, "useExistingNetwork: true is not supported on Linux",
            details: "it is about networks of Windows: leave it out, and name the ENI")
    }

    private func attachment(_ configuration: NetworkConfiguration) throws(CNIError) -> DeviceAttachment {
        let name = try configuration.text("eniName")
        let mac = try configuration.text("eniMACAddress")
        let addresses = try configuration.texts("eniIPAddresses")
        if name == nil && mac == nil {
            throw CNIError(.invalidConfiguration, "missing required parameter ENIName or ENIMACAddress")
        }
        if addresses.isEmpty {
            throw CNIError(.invalidConfiguration, "missing required parameter ENIIPAddresses")
        }
        var attachment = DeviceAttachment(
            macAddressKey: "eniMACAddress", deviceNameKey: "eniName",
            settings: InterfaceSettings(
                keys: InterfaceSettings.Keys(
                    addresses: "eniIPAddresses", gateways: "gatewayIPAddresses",
                    blocksInstanceMetadata: "blockInstanceMetadata")))
        attachment.macAddress = try mac?.macAddress("invalid ENIMACAddress")
        attachment.deviceName = try name?.linkName("invalid ENIName")
        attachment.settings.addresses = try addresses.map { text throws(CNIError) in
            try text.parsed("invalid ENIIPAddress")
        }
        attachment.settings.gateways = try configuration.texts("gatewayIPAddresses").map { text throws(CNIError) in
            try text.parsed("invalid GatewayIPAddress")
        }
        attachment.settings.blocksInstanceMetadata = try configuration.key("blockInstanceMetadata").boolean() ?? false
        attachment.staysDown = try configuration.key("opStateDown").boolean() ?? false
        return attachment
    }
}

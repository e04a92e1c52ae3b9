// SPDX-License-Identifier: Apache-2.0

import Addressing
import CNI
import Netlink
import TaskNetworking

/// An ENI that is a NIC of the host's: it goes into the container's namespace, and comes back.
struct DeviceAttachment {
    /// How the configuration names the NIC, and with which keys. One of the two is there.
    var macAddress: MACAddress?
    var deviceName: InterfaceName?
    let macAddressKey: String
    let deviceNameKey: String

    var settings: InterfaceSettings
    /// Nil leaves it as it is.
    var mtu: Int?
    /// Down, and without addresses and routes: for a virtual machine.
    var staysDown = false

    func add(_ request: CNIRequest, _ log: PluginLog) throws -> CNIResult {
        let container = try request.heldNamespace()
        let name = try request.linkName()
        let network = try TaskNetwork()
        let device = try device(on: network, before: container)
        log.info("\(deviceKey): the device is \(device.name), \(device.macAddress)")
        return try attachment(device, container, name).add(request, network, log)
    }

    func check(_ request: CNIRequest) throws {
        let container = try request.heldNamespace()
        let name = try request.linkName()
        let network = try TaskNetwork()
        let borrowed = try network.borrowedDevice(
            macAddress: macAddress, originalName: deviceName, as: name, in: container.namespace)
        guard let borrowed else {
            throw CNIError(.failed, "\(name) is not as it was made", details: "the device of \(deviceKey) is not there")
        }
        try attachment(borrowed.original, container, name).check(request, network)
    }

    /// Gives the NIC back. That it is back already, or gone with its host, is success.
    func del(_ request: CNIRequest, _ log: PluginLog) throws {
        let container = try request.heldNamespaceIfThere()
        let name = try request.linkName()
        let network = try TaskNetwork()
        let borrowed = try network.borrowedDevice(
            macAddress: macAddress, originalName: deviceName, as: name, in: container?.namespace)
        guard let borrowed else {
            log.info("\(deviceKey): the device is not in the namespace: there is nothing to give back")
            return
        }
        let outcome = network.giveBack(borrowed, from: container?.namespace)
        for remark in outcome.remarks { log.warn(remark) }
        if let error = outcome.errors.first { throw error }
        log.info("\(deviceKey): the device is back on the host as \(borrowed.original.name)")
    }

    private func attachment(
        _ device: HostDevice, _ container: HeldNamespace, _ name: InterfaceName
    ) -> Attachment {
        let requirement = DeviceRequirement(
            name: name, mtu: mtu, original: device, isUp: !staysDown, isMarked: true)
        return Attachment(
            container: container, name: name, macAddress: device.macAddress,
            link: [Attachment.Step(requirement: .device(requirement), key: deviceKey)], settings: settings,
            isConfigured: !staysDown)
    }

    private var deviceKey: String { deviceName == nil ? macAddressKey : deviceNameKey }

    private func device(on network: TaskNetwork, before container: HeldNamespace) throws -> HostDevice {
        do {
            if let deviceName {
                let device = try network.hostDevice(named: deviceName)
                guard macAddress == nil || macAddress == device.macAddress else {
                    throw CNIError(
                        .invalidConfiguration, "device \(deviceName) has the MAC address \(device.macAddress)",
                        details: "\(deviceNameKey) and \(macAddressKey) name two different devices")
                }
                return device
            }
            guard let macAddress else { throw CNIError(.invalidConfiguration, "missing \(macAddressKey)") }
            return try network.hostDevice(macAddress: macAddress)
        } catch let error as DeviceError {
            throw CNIError(.failed, "\(error)", details: try hint(container) ?? "this is for \(deviceKey)")
        }
    }

    /// Why it is not on the host, where that can be seen.
    private func hint(_ container: HeldNamespace) throws -> String? {
        guard let macAddress,
            let link = try NamespaceSurvey(container.namespace).links.first(where: {
                $0.macAddress == macAddress && !$0.flags.contains(.loopback)
            })
        else { return nil }
        return "the device of \(macAddressKey) is in the namespace already, as \(link.name): DEL comes first"
    }
}

// SPDX-License-Identifier: Apache-2.0
package import Addressing
package import Linux
import Netlink

extension TaskNetwork {
    /// The device that was moved into a namespace by a requirement with a mark, as the requirement that gives it back.
    ///
    /// It is looked for in the namespace, and where that has ended on the host, where the kernel has put it. There only one
    /// with its mark counts: a NIC that merely has the MAC address is the host's own.
    ///
    /// - Parameters:
    ///   - macAddress: its own; nil where only its name is known.
    ///   - originalName: the name that it had on the host.
    ///   - name: the name that it was given.
    ///   - namespace: nil for one that is gone.
    /// - Returns: nil when it is nowhere, or given back already.
    package func borrowedDevice(
        macAddress: MACAddress?, originalName: InterfaceName?, as name: InterfaceName, in namespace: NetworkNamespace?
    ) throws -> DeviceRequirement? {
        try withHost { host in
            let task = try namespace.map { try Side($0) }
            let search = BorrowedDevice(macAddress: macAddress, originalName: originalName, name: name)
            let original = try task.flatMap { try search.find(inTask: $0) } ?? search.find(on: host)
            return original.map { DeviceRequirement(name: name, mtu: nil, original: $0, isMarked: true) }
        }
    }
}

/// What is known of a device that was moved.
private struct BorrowedDevice {
    let macAddress: MACAddress?
    let originalName: InterfaceName?
    let name: InterfaceName

    func find(inTask task: Side) throws -> HostDevice? {
        let links = try task.connection.links()
        if let macAddress {
            let own = links.filter { $0.macAddress == macAddress }
            let best = own.first { $0.name == name.text } ?? own.first ?? links.first(where: isOurs)
            guard let link = best else { return nil }
            return try HostDevice(markOf: link)?.with(macAddress) ?? unmarked(link, macAddress)
        }
        return links.first(where: isOurs).flatMap(HostDevice.init(markOf:))
    }

    func find(on host: Side) throws -> HostDevice? {
        for link in try host.connection.links() where isOurs(link) {
            // What was written in a container must not lead to another link of the host's.
            if let device = HostDevice(markOf: link), device.macAddress == link.macAddress { return device }
        }
        return nil
    }

    private func isOurs(_ link: Link) -> Bool {
        guard let device = HostDevice(markOf: link) else { return false }
        return macAddress.map { $0 == device.macAddress } ?? (device.name == originalName)
    }

    /// One that another program moved, or whose mark somebody took away: under a name that is nobody else's.
    private func unmarked(_ link: Link, _ macAddress: MACAddress) throws -> HostDevice {
        let digits = "\(macAddress)".filter { $0 != ":" }
        return HostDevice(
            name: try InterfaceName("ecs" + digits), macAddress: macAddress, mtu: link.mtu, isUp: false)
    }
}

extension HostDevice {
    /// What is known from elsewhere counts more than what is written on the link.
    fileprivate func with(_ macAddress: MACAddress) -> HostDevice {
        HostDevice(name: name, macAddress: macAddress, mtu: mtu, isUp: isUp, index: index, alias: alias)
    }
}

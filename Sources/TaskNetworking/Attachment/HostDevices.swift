// SPDX-License-Identifier: Apache-2.0
package import Addressing
import Netlink

/// The host's links as ENIs: found by their MAC addresses.
enum HostDevices {
    static func links(_ macAddress: MACAddress, on host: Side) throws(NetlinkError) -> [Link] {
        try host.connection.links(macAddress: macAddress)
    }

    /// The one link with a MAC address that can be taken away from the host.
    static func one(_ macAddress: MACAddress, on host: Side) throws -> Link {
        let links = try links(macAddress, on: host)
        guard let link = links.first else { throw DeviceError.notFound(macAddress) }
        if links.count > 1 { throw DeviceError.several(macAddress, names: links.map(\.name)) }
        return try movable(link, on: host)
    }

    /// The link that others with the same MAC address stand on: a trunk has branches, which are given its own at first.
    static func lowest(_ macAddress: MACAddress, on host: Side) throws -> Link {
        let links = try links(macAddress, on: host)
        guard !links.isEmpty else { throw DeviceError.notFound(macAddress) }
        let indexes = Set(links.map(\.index))
        let lowest = links.filter { link in
            let standsOnAnother = link.parentNamespaceID == nil && link.parent.map(indexes.contains) == true
            return !standsOnAnother && !links.contains { $0.master == link.index }
        }
        guard let link = lowest.first, lowest.count == 1 else {
            throw DeviceError.several(macAddress, names: links.map(\.name))
        }
        return link
    }

    static func named(_ name: InterfaceName, on host: Side) throws -> Link {
        guard let link = try host.link(named: name) else { throw DeviceError.noneNamed(name) }
        return link
    }

    /// - Throws: `DeviceError` for a link that cannot be taken away from the host.
    static func movable(_ link: Link, on host: Side) throws -> Link {
        if link.flags.contains(.loopback) { throw DeviceError.loopback(name: link.name) }
        if let master = link.master {
            let name = try host.link(index: master)?.name ?? "link \(master)"
            throw DeviceError.enslaved(name: link.name, master: name)
        }
        return link
    }

    /// What a link is to be given back as: as it is now, or as it was before, when the kernel has given it back from a
    /// namespace that ended.
    static func original(_ link: Link, on host: Side) throws -> HostDevice {
        if let marked = HostDevice(markOf: link), marked.macAddress == link.macAddress { return marked }
        return try record(link, on: host)
    }

    /// A link as it is now.
    static func record(_ link: Link, on host: Side) throws -> HostDevice {
        guard let macAddress = link.macAddress else { throw DeviceError.loopback(name: link.name) }
        let addresses = try host.connection.addresses(linkIndex: link.index)
            .filter { $0.flags.contains(.permanent) && !$0.address.address.isLinkLocal }
        return HostDevice(
            name: try InterfaceName(link.name), macAddress: macAddress, mtu: link.mtu, isUp: link.isUp,
            addresses: addresses.map(HostAddress.init), index: link.index, alias: link.alias)
    }
}

/// Why no device can be had for an ENI.
package enum DeviceError: Error, Hashable, Sendable, CustomStringConvertible {
    case notFound(MACAddress)
    case noneNamed(InterfaceName)
    case notFoundInTime(MACAddress, waited: Duration)
    case several(MACAddress, names: [String])
    case loopback(name: String)
    case enslaved(name: String, master: String)

    private static let mendOfMissing = "attach it to this host, or correct the MAC address (see ip link)"

    package var description: String {
        switch self {
        case .notFound(let mac):
            "device with mac address not found: \(mac): \(Self.mendOfMissing)"
        case .noneNamed(let name):
            "no device has the name \(name): attach it to this host, or correct the name (see ip link)"
        case .notFoundInTime(let mac, let waited):
            "device with mac address not found: \(mac) (waited \(waited)): \(Self.mendOfMissing)"
        case .several(let mac, let names):
            "\(names.count) devices have the MAC address \(mac): \(names.joined(separator: ", ")): change all but one"
        case .loopback(let name):
            "device \(name) is a loopback device and stays on the host: give another one's MAC address"
        case .enslaved(let name, let master):
            "device \(name) is part of \(master): take it out of there first"
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
import Addressing
import Linux
package import Netlink
import VPC

/// One interface of a task, checked and with all names and numbers decided.
struct InterfacePlan {
    let taskID: String
    let eni: NetworkInterface
    let kind: AttachmentKind
    let position: Int
    let name: InterfaceName
    let mtu: Int
    /// Nothing else leads out of the namespace.
    let isAlone: Bool
    let host: HostFacts
    /// With the subnet's prefix for IPv4, /128 for IPv6, as AWS hands them out.
    let addresses: [InterfaceAddress]
    /// With its prefix, as the ENI says it.
    let ipv4Gateway: InterfaceAddress?
    let ipv6Gateway: IPv6Address?
    /// The other end of a veth pair.
    let hostName: InterfaceName
    /// Of the other end.
    let linkGroup: UInt32?

    init(
        taskID: String, request: InterfaceRequest, position: Int, isAlone: Bool, host: HostFacts
    ) throws(PlanError) {
        let eni = request.networkInterface
        let text = eni.id
        if eni.ipv4Addresses.isEmpty && eni.ipv6Addresses.isEmpty { throw .noAddress(eni: text) }
        if !eni.ipv6Addresses.isEmpty && !host.hasIPv6 { throw .noIPv6(eni: text) }
        self.taskID = taskID
        self.eni = eni
        self.kind = request.attachment
        self.position = position
        self.isAlone = isAlone
        self.host = host
        linkGroup = request.linkGroup
        do throws(NameError) {
            name = if let name = request.name { name } else { try InterfaceName("eth\(position)") }
            hostName = try Self.hostName(eni: text)
        } catch {
            throw .name(error)
        }
        mtu = try Self.mtu(request, host)
        (addresses, ipv4Gateway) = try Self.addresses(eni)
        ipv6Gateway = eni.ipv6Addresses.isEmpty ? nil : eni.subnetGatewayIPv6 ?? Subnet.linkLocalGateway
        switch request.attachment {
        case .device(let device) where device.macAddress != eni.macAddress:
            throw .deviceHasOtherMAC(
                eni: text, device: device.name.text, found: device.macAddress.description,
                expected: eni.macAddress.description)
        case .branch(_, let id) where !(1...4094).contains(id): throw .vlanID(id, eni: text)
        default: break
        }
    }

    /// "tn-" and the last 12 characters of the ENI's id: told from other links at a glance, and as long as names can be.
    static func hostName(eni id: String) throws(NameError) -> InterfaceName {
        try InterfaceName(hostPrefix + String(id.suffix(12)))
    }

    static let hostPrefix = "tn-"

    private static func mtu(_ request: InterfaceRequest, _ host: HostFacts) throws(PlanError) -> Int {
        let allowed = request.networkInterface.possibleMTUs
        guard let mtu = request.mtu else {
            return min(max(host.uplinkMTU ?? HostFacts.defaultMTU, allowed.lowerBound), allowed.upperBound)
        }
        guard allowed.contains(mtu) else {
            throw .mtu(mtu, eni: request.networkInterface.id, allowed: allowed)
        }
        return mtu
    }

    private static func addresses(
        _ eni: NetworkInterface
    ) throws(PlanError) -> (addresses: [InterfaceAddress], gateway: InterfaceAddress?) {
        if !eni.ipv4Addresses.isEmpty && eni.ipv4SubnetCIDRBlock == nil { throw .noIPv4Gateway(eni: eni.id) }
        var addresses: [InterfaceAddress] = []
        for address in eni.addresses {
            guard let address4 = address.v4, let gateway = eni.subnetGatewayIPv4 else {
                addresses.append(InterfaceAddress(host: address))
                continue
            }
            let subnet = eni.ipv4SubnetCIDRBlock
            guard subnet?.contains(address4) == true,
                let full = InterfaceAddress(address: address, prefixLength: gateway.prefixLength)
            else {
                throw .addressOutsideSubnet(eni: eni.id, address: "\(address)", subnet: subnet?.description ?? "")
            }
            if address == gateway.address { throw .addressIsGateway(eni: eni.id, address: "\(address)") }
            addresses.append(full)
        }
        return (addresses, eni.ipv4Addresses.isEmpty ? nil : eni.subnetGatewayIPv4)
    }

    var families: Set<IPFamily> { Set(addresses.map(\.family)) }

    /// The routing table of the interface's own; nil for the main one, which is the primary interface's.
    var table: UInt32? { position == 0 ? nil : TaskNetworkPlanner.firstTable + UInt32(position) }

    func gateway(_ family: IPFamily) -> IPAddress? {
        switch family {
        case .v4: ipv4Gateway?.address
        case .v6: ipv6Gateway.map(IPAddress.v6)
        }
    }

    /// The MAC of the host's end of a veth pair: the ENI's with one bit turned over, local and unicast. Given and not
    /// left to the kernel so that the task can know its gateway from the start, and so that udev, which gives links
    /// with a random address another one, lets it be.
    var hostMACAddress: MACAddress { Self.hostMACAddress(of: eni.macAddress) }

    static func hostMACAddress(of address: MACAddress) -> MACAddress {
        let local = (address.rawValue | 0x02 << 40) & ~(0x01 << 40)
        return MACAddress(rawValue: local ^ 0x04 << 40) ?? address
    }

    /// An index for the host's end that is most likely free: one that is known need not be asked for. Far above those
    /// that the kernel gives out by itself.
    var hostIndexWish: Int32 { Self.hostIndexWish(eni: eni.id) }

    static func hostIndexWish(eni id: String) -> Int32 { Int32(0x0100_0000 + StableHash.of(id) % 0x0100_0000) }

    /// What `ip link` shows beside the host's end: whose it is.
    var alias: String { TaskMark(taskID: taskID, networkInterfaceID: eni.id).alias }
}

extension Link {
    /// The ENI that a link is the host's end of, by its alias.
    package var networkInterfaceID: String? { TaskMark(alias)?.networkInterfaceID }
}

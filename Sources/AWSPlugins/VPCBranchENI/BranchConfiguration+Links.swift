// SPDX-License-Identifier: Apache-2.0

import Addressing
import Netlink
import TaskNetworking

extension BranchConfiguration {
    /// What a VPC's links carry. A virtual machine's has it whatever the trunk has.
    private static let jumboMTU = 9001

    func attachment(trunk: InterfaceName, _ container: HeldNamespace, _ name: InterfaceName) throws -> Attachment {
        let names = try LinkNames(trunk: trunk, vlanID: vlanID)
        let isForContainer = if case .vlan = interfaceType { true } else { false }
        // It stays up: other branches stand on it, too.
        let trunkUp = Attachment.Step(
            requirement: .link(LinkRequirement(scope: .host, name: trunk)), key: trunkKey)
        var settings = settings
        if !isForContainer {
            // The machine's, which gets them in another way.
            settings.addresses = []
            settings.gateways = []
        }
        return Attachment(
            container: container, name: name, macAddress: macAddress, link: [trunkUp] + steps(name, names, on: trunk),
            settings: settings, isConfigured: isForContainer)
    }

    /// What of this there is in a namespace, and is this branch's: another trunk's may have the same number, and a VLAN of
    /// the container's own, too. Links that go by the number's name are told by the MAC that they were given; a VLAN's
    /// trunk is elsewhere.
    ///
    /// - Parameter trunk: nil where it is gone. It is only needed for a VLAN whose MAC somebody has changed.
    func links(_ name: InterfaceName, among links: [Link], trunk: HostDevice?) throws -> [Requirement] {
        let vlans = links.filter { $0.kind == .vlan(id: UInt16(vlanID)) && $0.parentNamespaceID != nil }
        let named = try trunk.map { try LinkNames(trunk: $0.name, vlanID: vlanID).vlan.text }
        let between =
            vlans.first { $0.macAddress == macAddressBetween }
            ?? vlans.first { $0.name == named && $0.parent == trunk?.index }
        let names = try LinkNames(vlan: InterfaceName(between?.name ?? "gone"), bridge: LinkNames.bridge(vlanID))
        let steps = steps(name, names, on: try InterfaceName("gone")).map(\.requirement)
        return steps.filter { requirement in
            guard case .madeLink(let link) = requirement else { return true }
            switch link.form {
            case .vlan: return vlans.contains { $0.name == link.name.text }
            case .bridge: return links.contains { $0.name == link.name.text && $0.macAddress == link.macAddress }
            default: return true
            }
        }
    }

    /// Of the VLAN, where it is not the link of that name itself.
    private var macAddressBetween: MACAddress {
        if case .tap = interfaceType { bridgeMACAddress } else { macAddress }
    }

    private func steps(_ name: InterfaceName, _ names: LinkNames, on trunk: InterfaceName) -> [Attachment.Step] {
        func made(
            _ name: InterfaceName, _ form: MadeLinkRequirement.Form, _ macAddress: MACAddress
        ) -> Attachment.Step {
            // A VLAN has its trunk's MTU, and a bridge the lowest of its ports'.
            let link = MadeLinkRequirement(name: name, macAddress: macAddress, mtu: nil, form: form)
            return Attachment.Step(requirement: .madeLink(link), key: "branchVlanID")
        }
        let vlan = MadeLinkRequirement.Form.vlan(parent: trunk, id: vlanID)
        switch interfaceType {
        case .vlan:
            return [made(name, vlan, macAddress)]
        case .macvtap:
            return [made(names.vlan, vlan, macAddress), made(name, .macvtap(parent: names.vlan), macAddress)]
        case .tap(let owner, let group):
            let tap = TAPRequirement(name: name, mtu: Self.jumboMTU, owner: owner, group: group)
            let ports = [names.vlan, name].map {
                Attachment.Step(
                    requirement: .bridgePort(BridgePortRequirement(scope: .task, link: $0, bridge: names.bridge)),
                    key: "interfaceType")
            }
            return [
                made(names.vlan, vlan, bridgeMACAddress),
                made(names.bridge, .bridge, bridgeMACAddress),
                Attachment.Step(requirement: .tap(tap), key: "interfaceType"),
            ] + ports
        }
    }

    /// The ENI's address is the virtual machine's alone: on the bridge or a port of it, it would be the bridge that gets
    /// what is sent there. So theirs is another one, local, with one bit turned over.
    private var bridgeMACAddress: MACAddress {
        let local = (macAddress.rawValue | 0x02 << 40) & ~(0x01 << 40)
        return MACAddress(rawValue: local ^ 0x04 << 40) ?? macAddress
    }
}

/// What stands between a trunk and a virtual machine's link, by the names that the original gives.
private struct LinkNames {
    let vlan: InterfaceName
    let bridge: InterfaceName

    init(vlan: InterfaceName, bridge: InterfaceName) {
        self.vlan = vlan
        self.bridge = bridge
    }

    /// `eth1.101`. A long trunk's name is cut.
    init(trunk: InterfaceName, vlanID: Int) throws(NameError) {
        let suffix = ".\(vlanID)"
        vlan = try InterfaceName(trunk.text.prefix(InterfaceName.maximumLength - suffix.utf8.count) + suffix)
        bridge = try Self.bridge(vlanID)
    }

    static func bridge(_ vlanID: Int) throws(NameError) -> InterfaceName { try InterfaceName("tapbr\(vlanID)") }
}

// SPDX-License-Identifier: Apache-2.0
import Addressing
import VPC

// What makes the interface itself, by attachment kind.
extension InterfacePlan {
    var linkRequirements: [Requirement] {
        switch kind {
        case .veth: vethRequirements
        case .device(let device):
            [.device(DeviceRequirement(name: name, mtu: mtu, original: device))] + innerSettings
        case .branch(let trunk, let id): made(.vlan(parent: trunk, id: id))
        case .macvlan(let parent, let mode): made(.macvlan(parent: parent, mode: mode))
        case .ipvlan(let parent, let mode): made(.ipvlan(parent: parent, mode: mode))
        case .dummy: made(.dummy)
        }
    }

    private func made(_ form: MadeLinkRequirement.Form) -> [Requirement] {
        [.madeLink(MadeLinkRequirement(name: name, macAddress: eni.macAddress, mtu: mtu, form: form))] + innerSettings
    }

    private var vethRequirements: [Requirement] {
        let pair = VethRequirement(
            name: name, macAddress: eni.macAddress, hostName: hostName, hostMACAddress: hostMACAddress, mtu: mtu,
            alias: alias, index: Int32(position) + 2, hostIndex: hostIndexWish, hostGroup: linkGroup)
        return [.veth(pair)] + innerSettings + hostEndIPv6 + [.link(hostEnd)]
    }

    /// Said before the other end comes up, and with it the link.
    private var innerSettings: [Requirement] {
        // Where there are several ways out, an answer may come in by another one than it would leave by.
        let isAsymmetric = !isAlone && families.contains(.v4)
        // The kernel would make a veth a link-local address, try for a second whether anybody else has it, and hold up
        // everybody's network changes meanwhile. A task with IPv6 is given it (`linkLocalAddress`); on real networks the
        // kernel is right to try.
        let makesLinkLocalAddress: Bool? = kind == .veth && linksHaveIPv6 ? false : nil
        if !isAsymmetric && makesLinkLocalAddress == nil { return [] }
        let ipv4 = isAsymmetric ? IPv4LinkSettings(reversePathFilter: .loose) : nil
        return [
            .link(
                LinkRequirement(
                    scope: .task, name: name, isUp: nil, makesLinkLocalAddress: makesLinkLocalAddress, ipv4: ipv4))
        ]
    }

    /// What the host's end must be before it comes up. What a task sends must not be taken for a router's advertisement:
    /// the host would change its own routes. Without IPv6 in the task nothing of it is heard at all: it may be root there.
    /// Each link with IPv6 costs the kernel a walk through those of all others whenever one comes up, too.
    private var hostEndIPv6: [Requirement] {
        guard host.hasIPv6, linksHaveIPv6 else { return [] }
        guard families.contains(.v6) else { return [.sysctl(.noIPv6(on: hostName))] }
        let forwarding = SysctlRequirement(scope: .host, link: hostName, key: .forceForwarding, value: 1)
        let refusal = SysctlRequirement.noRouterAdvertisements(on: hostName)
        return [.sysctl(refusal)] + (host.forwardsIPv6PerLink ? [.sysctl(forwarding)] : [])
    }

    /// A link that is too small for IPv6 has no settings for it in the kernel either, and refuses to be given any. The
    /// corresponding C constant is `IPV6_MIN_MTU`.
    private var linksHaveIPv6: Bool {
        host.knowsIPv6 && NetworkInterface.possibleMTUs(withIPv6: true).contains(mtu)
    }

    private var hostEnd: LinkRequirement {
        LinkRequirement(
            scope: .host, name: hostName, alias: alias, makesLinkLocalAddress: linksHaveIPv6 ? false : nil,
            ipv4: families.contains(.v4) ? .hostEnd : nil)
    }
}

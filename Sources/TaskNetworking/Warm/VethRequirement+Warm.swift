// SPDX-License-Identifier: Apache-2.0
import Linux
import Netlink

extension VethRequirement {
    /// Turns a pair that was nobody's into this one. What the two differ in is said in one request for each end, which is
    /// no more than whose the host's end is where the ENI was made as the pair's.
    func takeOver(_ warm: WarmNetwork, in ground: Ground) throws {
        let (host, task) = (ground.host, try ground.task())
        let mtu = mtu == warm.mtu ? nil : mtu
        // A MAC that is set to the same costs the link its neighbours, and the kernel's time.
        let isOtherMAC = macAddress != warm.identity.macAddress
        if isOtherMAC || mtu != nil {
            let change = LinkChange(macAddress: isOtherMAC ? macAddress : nil, mtu: mtu)
            try task.apply([.changeLink(.index(WarmNetwork.innerIndex), change)])
        }
        task.learn(name, is: WarmNetwork.innerIndex)
        let isOtherHostMAC = hostMACAddress != InterfacePlan.hostMACAddress(of: warm.identity.macAddress)
        let change = LinkChange(
            name: hostName == warm.hostName ? nil : hostName.text, macAddress: isOtherHostMAC ? hostMACAddress : nil,
            mtu: mtu, alias: alias, group: hostGroup)
        do throws(NetlinkError) {
            try host.connection.apply(.changeLink(.index(warm.hostIndex), change))
        } catch {
            guard error.isAlreadyExists else { throw error.naming(warm.hostIndex, warm.hostName.text) }
            try clearTheWayOnHost(host)
            try host.apply([.changeLink(.index(warm.hostIndex), change)])
        }
        host.learn(hostName, is: warm.hostIndex)
    }
}

extension TaskNetworkPlan {
    /// The pair that can be a warm one: the first link that the plan makes, in a namespace that it makes.
    package var warmPair: VethRequirement? {
        guard ownsNamespace else { return nil }
        for requirement in requirements {
            switch requirement {
            case .veth(let pair): return pair
            case .madeLink, .device, .tap: return nil
            default: continue
            }
        }
        return nil
    }

    /// Whether the host's end of a pair has IPv6.
    func hasIPv6(on pair: VethRequirement) -> Bool {
        requirements.contains(.sysctl(.noRouterAdvertisements(on: pair.hostName)))
    }
}

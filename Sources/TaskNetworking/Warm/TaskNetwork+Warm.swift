// SPDX-License-Identifier: Apache-2.0
import Addressing
import Linux
import Netlink
import Synchronization
import SystemPackage
import VPC

extension TaskNetwork {
    /// Makes a namespace with a veth pair that is ready for a task: both ends up, with all settings that do not depend on
    /// the task.
    ///
    /// - Parameters:
    ///   - mtu: what tasks will most likely have, in bytes; nil for the host uplink's.
    ///   - withIPv6: whether a task with IPv6 can have it, too. For those without it is then a little slower.
    package func makeWarmNetwork(mtu: Int?, withIPv6: Bool) throws -> WarmNetwork {
        let facts = try hostFacts()
        let possible = NetworkInterface.possibleMTUs(withIPv6: false)
        let wanted = mtu ?? facts.uplinkMTU ?? HostFacts.defaultMTU
        let size = min(max(wanted, possible.lowerBound), possible.upperBound)
        let settings = WarmSettings(
            linksHaveIPv6: facts.knowsIPv6 && NetworkInterface.possibleMTUs(withIPv6: true).contains(size),
            hostHasIPv6: facts.hasIPv6, hostEndHasIPv6: withIPv6, isHostEndUp: try renamesLinksThatAreUp())
        return try makeWarmNetwork(mtu: size, settings)
    }

    func makeWarmNetwork(mtu: Int, _ settings: WarmSettings) throws -> WarmNetwork {
        try withHost { host in
            let namespace = try NetworkNamespace.create()
            let ground = Ground(host: host, sandbox: namespace)
            let task = try ground.task()
            let (identity, name, index) = try Self.makePair(host, task, mtu: mtu)
            let inner = try InterfaceName(WarmNetwork.innerName)
            host.learn(name, is: index)
            task.learn(inner, is: WarmNetwork.innerIndex)
            let requirements =
                settings.taskSettings(of: inner) + settings.hostSettings(of: name, alias: WarmNetwork.alias)
                + [WarmSettings.loopback]
            for requirement in requirements { _ = try requirement.kind.apply(in: ground) }
            return WarmNetwork(
                namespace: namespace, connection: task.connection, identity: identity, hostName: name, hostIndex: index,
                mtu: mtu, settings: settings)
        }
    }

    /// Named and numbered as an ENI's pair would be. The inner end is up from the start, the host's end waits for its
    /// settings.
    private static func makePair(
        _ host: Side, _ task: Side, mtu: Int
    ) throws -> (identity: WarmIdentity, name: InterfaceName, index: Int32) {
        var generator = SystemRandomNumberGenerator()
        var attempts = 0
        while true {
            let identity = WarmIdentity(
                networkInterfaceID: ResourceID.random("eni", using: &generator), macAddress: .random(using: &generator))
            let name = try InterfacePlan.hostName(eni: identity.networkInterfaceID)
            let index = InterfacePlan.hostIndexWish(eni: identity.networkInterfaceID)
            let outer = PeerSpec(
                name: name.text, index: index, macAddress: InterfacePlan.hostMACAddress(of: identity.macAddress),
                mtu: mtu)
            let inner = LinkSpec(
                name: WarmNetwork.innerName, kind: .veth(peer: outer), index: WarmNetwork.innerIndex,
                macAddress: identity.macAddress, mtu: mtu, isUp: true, namespace: task.namespace)
            do throws(NetlinkError) {
                try host.apply([.createLink(inner)])
                return (identity, name, index)
            } catch {
                // Somebody has the number: most likely nobody has the next one.
                attempts += 1
                guard attempts < 8, error.isAlreadyExists || error.errno == .resourceBusy else { throw error }
            }
        }
    }

    /// Whether the kernel renames a link that is up (Linux 6.2), as it was found when it was first asked.
    private func renamesLinksThatAreUp() throws -> Bool {
        if let known = liveRename.withLock({ $0 }) { return known }
        let namespace = try NetworkNamespace.create()
        let side = try Side(namespace)
        let pair = LinkSpec(
            name: "probe0", kind: .veth(peer: PeerSpec(name: "peer0", index: 2)), index: 3, isUp: true)
        try side.apply([.createLink(pair)])
        let found: Bool
        do throws(NetlinkError) {
            try side.apply([.changeLink(.index(3), LinkChange(name: "probe1"))])
            found = true
        } catch {
            guard error.errno == .resourceBusy else { throw error }
            found = false
        }
        liveRename.withLock { $0 = found }
        return found
    }
}

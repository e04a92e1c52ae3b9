// SPDX-License-Identifier: Apache-2.0
import Addressing
import ECSAPI
import Netfilter
import Netlink
import VPC

extension Comparison {
    /// No address twice, and each subnet's count of free ones is right.
    mutating func compareAddresses() {
        var owners: [String: String] = [:]
        for interface in survey.api.interfaces {
            for address in interface.addresses {
                if let other = owners.updateValue(interface.networkInterfaceId, forKey: address) {
                    differ("address \(address): of \(other) and \(interface.networkInterfaceId)")
                }
            }
        }
        for subnet in survey.api.subnets {
            let inside = survey.api.interfaces.filter { $0.subnetId == subnet.subnetId }
            compareFree(
                subnet.availableIpAddressCount, of: subnet.usableIpAddressCount,
                inside.reduce(0) { $0 + $1.privateIpv4Addresses.count }, "\(subnet.subnetId): IPv4")
            compareFree(
                subnet.availableIpv6AddressCount, of: subnet.usableIpv6AddressCount,
                inside.reduce(0) { $0 + $1.ipv6Addresses.count }, "\(subnet.subnetId): IPv6")
        }
    }

    private mutating func compareFree(_ free: UInt64?, of usable: UInt64?, _ taken: Int, _ what: String) {
        // 2^64-1 stands for more than can be said.
        guard let free, let usable, usable < .max else { return }
        if free + UInt64(taken) != usable { differ("\(what): \(free) free of \(usable), and \(taken) in use") }
    }

    private var crossing: [NetworkInterfaceDescription] {
        survey.api.interfaces.filter { $0.interfaceType == .veth && $0.status == .attached }
    }

    /// Links, routes, namespaces and files are those of the ENIs and tasks that there are, and no others.
    mutating func compareHost() {
        expect(
            Set(survey.host.ours.map(\.name)), toBe: Set(crossing.compactMap(\.hostInterfaceName)), "link")
        for link in survey.host.ours where !link.isUp { differ("link \(link.name) is down") }
        expect(survey.host.routedAddresses, toBe: Set(crossing.flatMap(\.addresses)), "route")
        let subnets = TrialHost.subnets + (variant.hasPassingSubnet ? [TrialHost.passingSubnet] : [])
        expect(
            survey.host.unreachableBlocks, toBe: Set(subnets.flatMap { [$0.block, $0.block6] }), "unreachable block")

        let running = Set(survey.api.running.keys)
        let mine = Set(ledgers.flatMap { $0.sandboxes.values.filter(\.isThere).map(\.name) })
        expect(survey.host.namespaces, toBe: running.union(mine), "namespace")
        expect(survey.host.runtimeDirectories, toBe: running, "runtime directory")
        let known = Set(survey.api.tasks.map(\.id))
        for stray in survey.host.stateDirectories.subtracting(known).sorted() {
            differ("state directory \(stray): nobody's")
        }
        for deletion in survey.host.deletions { differ("deletion \(deletion) is not done") }
    }

    /// The packet filter is as the daemon wants it, and has no address that no ENI has.
    mutating func compareFilter() {
        for drift in survey.api.filterDrift { differ("packet filter: \(drift)") }
        let addresses = Set(survey.api.interfaces.flatMap(\.addresses).compactMap { IPAddress($0)?.bytes })
        let gateways = Set(
            survey.host.addresses.filter { address in
                survey.host.links.contains { $0.index == address.linkIndex && $0.name == "lo" }
            }
            .map { $0.address.address.bytes })
        for name in ["eni4", "eni6", "elsewhere4", "elsewhere6"] {
            for element in survey.host.elements["inet tasknet \(name)"] ?? [] {
                let bytes = element.key.bytes
                if !addresses.contains(bytes), !gateways.contains(bytes) {
                    differ("packet filter: \(element) of \(name) is nobody's")
                }
            }
        }
        let members = survey.host.elements["inet tasknet eni4"] ?? []
        for interface in crossing {
            for address in interface.privateIpv4Addresses
            where !members.contains(where: { $0.key.bytes == IPAddress(address)?.bytes }) {
                differ("packet filter: \(address) is not in eni4")
            }
        }
    }

    /// In each running task's namespace is what its ENIs are.
    mutating func compareNamespaces() {
        for interface in survey.api.interfaces where interface.sandbox == nil && interface.status == .attached {
            guard let task = interface.taskID, survey.api.running[task] != nil else { continue }
            guard let namespace = survey.namespaces[task] else {
                differ("task \(task): no namespace")
                continue
            }
            let name = interface.interfaceName ?? "eth\(interface.index)"
            for fault in namespace.faults(of: name, mac: interface.macAddress, addresses: interface.addresses) {
                differ("task \(task): \(fault)")
            }
        }
    }

    /// Of each running task one pause process with its containers, and no other process.
    mutating func compareProcesses() {
        let pauses = survey.processes.pauses
        expect(Set(pauses.keys), toBe: Set(survey.api.running.keys), "pause process of task")
        for (task, pids) in pauses {
            if pids.count > 1 { differ("task \(task): \(pids.count) pause processes") }
            guard let description = survey.api.running[task] else { continue }
            let running = (description.containers ?? []).count { $0.lastStatus == .running }
            let children = pids.reduce(0) { count, pid in count + survey.processes.processes.count { $0.parent == pid }
            }
            if children != running { differ("task \(task): \(running) containers are RUNNING, \(children) are there") }
        }
        for stranger in survey.processes.strangers(daemon: daemonPID) {
            differ("process \(stranger.pid) (\(stranger.name)): nobody's: \(stranger.arguments)")
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
import Addressing
import ECSAPI
import TestSupport
import Testing
import VPC

@testable import Agent

@Suite("Sandboxes: status", .requiresRoot)
struct SandboxStatusTests {
    @Test("The status tells why a sandbox would get none")
    func status() async throws {
        try await SandboxHost.with { configuration in
            configuration.subnets.append(
                Subnet(id: "small", name: "small", ipv4CIDRBlock: try IPv4CIDRBlock(parsing: "10.64.9.0/29")))
        } _: { host in
            let daemon = try await host.startDaemon()
            #expect(try await daemon.status() == .init(ready: true))
            // Not within the expectation: the compiler takes its closure for another one of this test.
            let unknown = try await daemon.status { $0.subnet = "none" }
            #expect(unknown.reason?.contains("'none' does not exist") == true)
            let noParent = try await daemon.status { $0.interfaceType = .macvlan }
            #expect(!noParent.ready && noParent.reason?.contains("set parentInterface") == true)
            let missing = try await daemon.status {
                $0.interfaceType = .ipvlan
                $0.parentInterface = "nic0"
            }
            #expect(missing.reason?.contains("the host has no NIC nic0") == true)
            try host.run("ip link add nic0 type veth peer name wire0")
            let there = try await daemon.status {
                $0.interfaceType = .ipvlan
                $0.parentInterface = "nic0"
            }
            #expect(there.ready)
            let small = try await daemon.status { $0.subnet = "small" }
            #expect(small.ready)
            for name in ["a", "b", "c"] {
                try await daemon.add(name, to: try host.makeSandbox(name)) { $0.subnet = "small" }
            }
            let full = try await daemon.status { $0.subnet = "small" }
            #expect(full.reason?.contains("subnet small has no free IPv4 address left") == true, "\(full)")
            let refusal = try await daemon.refusal("d", to: try host.makeSandbox("d")) { $0.subnet = "small" }
            #expect(refusal.hasPrefix("ClientException: subnet small has no free IPv4 address left"), "\(refusal)")
        }
    }

    @Test("The status knows of a NIC that is missing, or taken")
    func statusOfNIC() async throws {
        try await SandboxHost.with { host in
            let mac = "0a:11:22:33:44:55"
            let daemon = try await host.startDaemon()
            let device = { (input: inout TaskNetworkAPI.DescribeSandboxNetwork.Input) in
                input.interfaceType = .device
                input.macAddress = mac
            }
            let branch = { (input: inout TaskNetworkAPI.DescribeSandboxNetwork.Input) in
                input.interfaceType = .branch
                input.interfaceVlanProperties = .init(vlanId: "7", trunkInterfaceMacAddress: mac)
            }
            for change in [device, branch] {
                let missing = try await daemon.status(change)
                let reason = try #require(missing.reason)
                #expect(!missing.ready && reason.contains("device with mac address not found: \(mac)"), "\(reason)")
            }
            // Its MAC is each sandbox's own.
            let anyDevice = try await daemon.status { $0.interfaceType = .device }
            #expect(anyDevice.ready)
            try host.run("ip link add nic0 mtu 1400 address \(mac) type veth peer name wire0")
            for change in [device, branch] { #expect(try await daemon.status(change) == .init(ready: true)) }
            let large = try await daemon.status {
                branch(&$0)
                $0.mtu = 1401
            }
            #expect(large.reason?.contains("the MTU 1401 on the NIC nic0, which has 1400") == true, "\(large)")
            try await daemon.add(to: try host.makeSandbox()) {
                $0.interfaceType = .device
                $0.macAddress = mac
            }
            let taken = try await daemon.status(device)
            #expect(taken.reason?.contains("MAC address \(mac) is taken by eni-") == true, "\(taken)")
        }
    }

    @Test("The status knows of a wish that the subnet cannot fulfil")
    func statusOfWish() async throws {
        try await SandboxHost.with([.v6]) { host in
            let daemon = try await host.startDaemon()
            let before = try host.state()
            let without = try await daemon.status { $0.ipv6 = false }
            #expect(without.reason?.contains("has IPv6 only, and ipv6 is false") == true, "\(without)")
            let outside = try await daemon.status { $0.ipAddresses = ["2001:db8::1"] }
            #expect(outside.reason?.contains("address 2001:db8::1 is outside") == true, "\(outside)")
            let small = try await daemon.status { $0.mtu = 1279 }
            #expect(small.reason?.contains("MTU 1279 is not between 1280 and") == true, "\(small)")
            let good = try await daemon.status {
                $0.ipAddresses = ["2001:db8:64:1::9/64"]
                $0.mtu = 1280
            }
            #expect(good == .init(ready: true))
            // Asking takes nothing.
            #expect(try host.state() == before)
            #expect(try await daemon.add(to: try host.makeSandbox()).ips.map(\.address) == ["2001:db8:64:1::4/128"])
        }
    }

    @Test("The status knows when somebody has changed the host's side, and a new daemon mends it")
    func statusOfHost() async throws {
        try await SandboxHost.with { host in
            let daemon = try await host.startDaemon()
            try host.run("ip addr del 10.64.1.1/32 dev lo")
            let status = try await daemon.status()
            let reason = try #require(status.reason)
            #expect(reason.contains("the host's side of subnet subnet-1 (address 10.64.1.1/32 on lo"), "\(reason)")
            #expect(reason.contains("restart tasknetd"))
            // Another kind has nothing of it.
            let dummy = try await daemon.status { $0.interfaceType = .dummy }
            #expect(dummy.ready)
            let next = try await host.startDaemon()
            #expect(try await next.status() == .init(ready: true))
        }
    }
}

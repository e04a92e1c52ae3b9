// SPDX-License-Identifier: Apache-2.0
import Addressing
import ECSAPI
import Glibc
import Linux
import SystemPackage
import TestSupport
import Testing

@testable import Agent

@Suite("Sandboxes: kinds of ENIs, and many", .requiresRoot)
struct SandboxKindTests {
    private static let mac = "0a:11:22:33:44:55"

    private func makeDevice(_ host: SandboxHost) throws {
        try host.run("ip link add nic0 mtu 1452 type veth peer name wire0 mtu 1452")
        try host.run("ip link set wire0 up")
        try host.run("ip addr add 192.0.2.9/24 dev nic0")
        // Last: by this it is found, and taken at once.
        try host.run("ip link set nic0 address \(Self.mac)")
    }

    @Test("A device moves in, also one that comes late, and is given back as it was", .timeLimit(.minutes(1)))
    func device() async throws {
        try await SandboxHost.with { host in
            let daemon = try await host.startDaemon()
            let path = try host.makeSandbox()
            let addition = Task {
                try await daemon.add(to: path) {
                    $0.interfaceType = .device
                    $0.macAddress = Self.mac
                    $0.waitTimeoutMs = 60_000
                }
            }
            try await Task.sleep(for: .milliseconds(50))
            try makeDevice(host)
            let output = try await addition.value
            #expect(output.interfaces.map(\.name) == ["eth0"])
            #expect(output.interfaces[0].mac == Self.mac && output.interfaces[0].sandbox == path)
            #expect(output.ips == [SandboxAddress(address: "10.64.1.4/24", gateway: "10.64.1.1", interface: 0)])
            #expect(try host.ip("link", "show", "eth0", in: "box")[0]["address"].text == Self.mac)
            #expect(try await daemon.check() == [])
            let other = try await daemon.refusal("two", to: try host.makeSandbox("two")) {
                $0.interfaceType = .device
                $0.macAddress = Self.mac
            }
            #expect(other.contains("MAC address \(Self.mac) is taken by \(output.networkInterface.networkInterfaceId)"))
            try await daemon.delete()
            let nic = try host.ip("addr", "show", "nic0")[0]
            #expect(nic["address"].text == Self.mac)
            #expect(nic["addr_info"].elements.contains { $0["local"].text == "192.0.2.9" })
            #expect(try host.ip("link", in: "box").elements.count == 1)
        }
    }

    @Test(
        "A device comes back from a namespace that lost its name, as long as somebody is in it", .timeLimit(.minutes(1))
    )
    func nameless() async throws {
        try await SandboxHost.with { host in
            let daemon = try await host.startDaemon()
            try makeDevice(host)
            try await daemon.add(to: try host.makeSandbox()) {
                $0.interfaceType = .device
                $0.macAddress = Self.mac
            }
            let sleeper = try host.namespace().enter {
                try Program(path: "/bin/sleep", arguments: ["sleep", "60"]).spawn()
            }
            defer {
                _ = try? sleeper.signal(SIGKILL)
                _ = try? sleeper.reap()
            }
            try host.removeSandbox()
            try await daemon.delete()
            #expect(try host.ip("link", "show", "nic0")[0]["address"].text == Self.mac)
        }
    }

    @Test("A macvlan is on the host's LAN, with the ENI's MAC", .requiresKernel("macvlan"))
    func macvlan() async throws {
        try await SandboxHost.with {
            $0.interfaceType = .macvlan
        } _: { host in
            try host.run("ip link add nic0 mtu 1400 type veth peer name wire0")
            try host.run("ip link set nic0 up")
            let daemon = try await host.startDaemon()
            let path = try host.makeSandbox()
            let before = (try host.state(), try host.state(in: "box").filter { !$0.contains("lo") })
            let output = try await daemon.add(to: path) { $0.parentInterface = "nic0" }
            // A NIC's own, which may be less than the uplink's: the kernel refuses more.
            #expect(output.interfaces.map(\.mtu) == [1400])
            #expect(output.interfaces[0].mac == output.networkInterface.macAddress)
            #expect(output.networkInterface.interfaceType == .macvlan)
            #expect(output.networkInterface.hostInterfaceName == nil)
            #expect(try await daemon.check() == [])
            let refusal = try await daemon.refusal("two", to: path, as: "eth1") { $0.interfaceType = .veth }
            #expect(refusal.contains("the subnets are on a LAN of their own"), "\(refusal)")
            let late = try await daemon.refusal("two", to: path, as: "eth1") { $0.parentInterface = "none" }
            #expect(late.hasPrefix("InvalidParameterException"), "\(late)")
            #expect(late.contains("the host has no NIC none, which an ENI of kind macvlan needs"), "\(late)")
            let large = try await daemon.refusal("two", to: path, as: "eth1") {
                $0.parentInterface = "nic0"
                $0.mtu = 1401
            }
            #expect(large.hasPrefix("InvalidParameterException"), "\(large)")
            #expect(large.contains("kind macvlan cannot have the MTU 1401 on the NIC nic0, which has 1400"), "\(large)")
            #expect(try await host.recordCount() == [1, 1, 1])
            try await daemon.delete()
            #expect(try host.state() == before.0)
            #expect(try host.state(in: "box").filter { !$0.contains("lo") } == before.1)
        }
    }

    @Test("An ipvlan's MAC is its parent's, and told so", .requiresKernel("ipvlan"))
    func ipvlan() async throws {
        try await SandboxHost.with {
            $0.interfaceType = .ipvlan
        } _: { host in
            try host.run("ip link add nic0 address \(Self.mac) type veth peer name wire0")
            try host.run("ip link set nic0 up")
            let daemon = try await host.startDaemon()
            let output = try await daemon.add(to: try host.makeSandbox()) { $0.parentInterface = "nic0" }
            #expect(output.interfaces.map(\.mac) == [Self.mac])
            try await daemon.delete()
        }
    }

    @Test("A branch is a VLAN on its trunk", .requiresKernel("vlan"))
    func branch() async throws {
        try await SandboxHost.with { host in
            try makeDevice(host)
            try host.run("ip link set nic0 up")
            let daemon = try await host.startDaemon()
            let path = try host.makeSandbox()
            let output = try await daemon.add(to: path) {
                $0.interfaceType = .branch
                $0.interfaceVlanProperties = .init(vlanId: "7", trunkInterfaceMacAddress: Self.mac)
            }
            #expect(output.interfaces.map(\.mac) == [output.networkInterface.macAddress])
            let eth0 = try host.ip("link", "show", "eth0", in: "box")[0]
            #expect(eth0["linkinfo"]["info_data"]["id"].integer == 7)
            try await daemon.delete()
            #expect(try host.ip("link", in: "box").elements.count == 1)
        }
    }

    @Test("What the kernel refuses leaves nothing, in the sandbox and on the host")
    func refusedByTheKernel() async throws {
        try await SandboxHost.with { host in
            let daemon = try await host.startDaemon()
            let path = try host.makeSandbox()
            // The same route is somebody else's: the last step fails.
            try host.run("ip link add nic0 type veth peer name wire0")
            try host.run("ip link set nic0 up")
            try host.run("ip route add 10.64.1.4 dev nic0")
            let before = (try host.state(), try host.state(in: "box").filter { !$0.contains("lo") })
            let free = await host.base.free(daemon.network)
            let refusal = try await daemon.refusal(to: path)
            #expect(refusal.contains("the host has another route to 10.64.1.4/32"), "\(refusal)")
            #expect(try host.state() == before.0)
            #expect(try host.state(in: "box").filter { !$0.contains("lo") } == before.1)
            #expect(try await host.recordCount() == [0, 0, 0])
            #expect(await host.base.free(daemon.network) == free)
            #expect(try await daemon.add(to: path).ips[0].address == "10.64.1.5/24")
        }
    }

    @Test("200 at once from 8 clients have 200 addresses, and leave nothing", .timeLimit(.minutes(5)))
    func many() async throws {
        try await SandboxHost.with([.v4, .v6]) { host in
            let daemon = try await host.startDaemon()
            let before = try host.state()
            let free = await host.base.free(daemon.network)
            for number in 0..<200 { _ = try host.makeSandbox("box\(number)") }
            let addresses = try await eachOf8Clients { number in
                try await daemon.add("box\(number)", to: host.path("box\(number)")).ips.map(\.address)
            }
            #expect(Set(addresses.flatMap(\.self)).count == 400)
            #expect(try await host.recordCount() == [200, 400, 200])
            let last = try #require(addresses.last?.first?.prefix { $0 != "/" })
            #expect(try host.reaches(String(last)))
            _ = try await eachOf8Clients { number in
                try await daemon.delete("box\(number)")
                return []
            }
            #expect(try await host.recordCount() == [0, 0, 0])
            #expect(await host.base.free(daemon.network) == free)
            await daemon.sandboxes.releasedLinks.removeNow()
            #expect(try host.state() == before)
            #expect(try host.ip("link", in: "box7").elements.count == 1)
        }
    }

    private func eachOf8Clients(
        _ body: @Sendable @escaping (Int) async throws -> [String]
    ) async throws -> [[String]] {
        try await withThrowingTaskGroup(of: [[String]].self) { group in
            for client in 0..<8 {
                group.addTask {
                    var results: [[String]] = []
                    for number in stride(from: client, to: 200, by: 8) { results.append(try await body(number)) }
                    return results
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
    }
}

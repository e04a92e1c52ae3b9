// SPDX-License-Identifier: Apache-2.0
import Addressing
import ECSAPI
import Linux
import SystemPackage
import TestSupport
import Testing
import VPC

@testable import Agent

@Suite("Sandboxes: adding", .requiresRoot)
struct SandboxAddTests {
    @Test(
        "A sandbox gets an ENI, and what is told of it is what the kernel has",
        arguments: [[IPFamily.v4], [.v6], [.v4, .v6]])
    func added(families: [IPFamily]) async throws {
        try await SandboxHost.with(families) { host in
            let daemon = try await host.startDaemon()
            let path = try host.makeSandbox()
            let output = try await daemon.add(to: path) {
                $0.podNamespace = "default"
                $0.podName = "web-1"
            }
            let outer = try #require(output.interfaces.first)
            let inner = try #require(output.interfaces.last)
            #expect(output.interfaces.count == 2)
            #expect(outer.sandbox == nil)
            #expect(inner.sandbox == path && inner.name == "eth0")
            #expect(try host.ip("link", "show", outer.name)[0]["address"].text == outer.mac)
            let eth0 = try host.ip("addr", "show", "eth0", in: "box")[0]
            #expect(eth0["address"].text == inner.mac)
            #expect(eth0["mtu"].integer == inner.mtu)
            #expect(output.networkInterface.macAddress == inner.mac)
            #expect(output.networkInterface.hostInterfaceName == outer.name)
            #expect(output.networkInterface.interfaceName == "eth0")
            #expect(output.ips.map(\.interface) == families.map { _ in 1 })
            for (family, address) in zip(families, output.ips) {
                let isIPv4 = family == .v4
                #expect(address.address == (isIPv4 ? "10.64.1.4/24" : "2001:db8:64:1::4/128"))
                #expect(address.gateway == (isIPv4 ? "10.64.1.1" : "fe80::1"))
                let bare = String(address.address.prefix { $0 != "/" })
                #expect(eth0["addr_info"].elements.contains { $0["local"].text == bare })
                let routes = try host.ip(isIPv4 ? "-4" : "-6", "route", in: "box")
                #expect(routes.first(where: "dst", is: "default")["gateway"].text == address.gateway)
                #expect(output.routes.contains(SandboxRoute(dst: isIPv4 ? "0.0.0.0/0" : "::/0", gw: address.gateway)))
                #expect(try host.reaches(bare))
                #expect(try host.reaches(isIPv4 ? "10.64.1.1" : "2001:db8:64:1::1", from: "box"))
            }
            #expect(output.routes.count == families.count)
            #expect(try await daemon.check(at: path) == [])
            var listed = try #require(try await daemon.list().first)
            #expect(listed.drops != nil)
            listed.drops = nil
            #expect(listed == output.networkInterface)
            #expect(listed.securityGroups?.map(\.groupName) == ["default"])
            #expect(listed.status == .attached && listed.taskArn == nil)
            #expect(listed.sandbox?.containerId == "box" && listed.sandbox?.network == "net")
            #expect(listed.sandbox?.networkNamespace == path && listed.sandbox?.podName == "web-1")
        }
    }

    @Test("What is asked for is given: addresses, MAC, MTU, no IPv6, DNS")
    func asked() async throws {
        try await SandboxHost.with([.v4, .v6]) { host in
            let daemon = try await host.startDaemon()
            let output = try await daemon.add(to: try host.makeSandbox(), as: "net1") {
                $0.ipAddresses = ["10.64.1.99/16"]
                $0.macAddress = "0a:00:00:00:00:99"
                $0.mtu = 1400
                $0.ipv6 = false
                $0.securityGroups = ["default"]
                $0.assignPublicIp = .enabled
                $0.dns = SandboxDNS(
                    nameservers: ["10.9.9.9"], domain: "a.example", search: ["b.example"], options: ["ndots:2"])
            }
            #expect(output.ips.map(\.address) == ["10.64.1.99/24"])
            #expect(output.interfaces.last?.name == "net1")
            #expect(output.interfaces.map(\.mtu) == [1400, 1400])
            #expect(output.interfaces.last?.mac == "0a:00:00:00:00:99")
            #expect(output.dns.nameservers == ["10.9.9.9"] && output.dns.search == ["b.example"])
            #expect(output.dns.domain == "a.example" && output.dns.options == ["ndots:2"])
            // One of each family; the other one is the subnet's choice.
            let second = try await daemon.add("two", to: try host.makeSandbox("two")) {
                $0.ipAddresses = ["2001:db8:64:1::99"]
            }
            #expect(second.ips.map(\.address) == ["10.64.1.4/24", "2001:db8:64:1::99/128"])
            // Without a subnet's name the address tells the subnet.
            try host.configure { $0.subnets.append(try SandboxHost.subnet(id: "subnet-2", number: 2)) }
            await daemon.network.configurationChanged(.init())
            let third = try await daemon.add("three", to: try host.makeSandbox("three")) {
                $0.ipAddresses = ["10.64.2.7"]
            }
            #expect(third.networkInterface.subnetId == "subnet-2")
        }
    }

    @Test("An MTU that is too small for IPv6 is one for IPv4", arguments: [576, 1279])
    func smallMTU(mtu: Int) async throws {
        try await SandboxHost.with { host in
            let daemon = try await host.startDaemon()
            let before = try host.state()
            let path = try host.makeSandbox()
            let output = try await daemon.add(to: path) { $0.mtu = mtu }
            #expect(output.interfaces.map(\.mtu) == [mtu, mtu])
            #expect(try await daemon.check() == [])
            #expect(try host.reaches("10.64.1.4"))
            #expect(try host.reaches("10.64.1.1", from: "box"))
            // Two of them are in each other's way no more than others.
            try await daemon.add(to: path, as: "eth1", network: "other") { $0.mtu = mtu }
            #expect(try await daemon.check(as: "eth1", network: "other") == [])
            try await daemon.delete(as: "eth1", network: "other")
            try await daemon.delete()
            await daemon.sandboxes.releasedLinks.removeNow()
            #expect(try host.state() == before)
        }
    }

    @Test("A refused request leaves nothing, and says what to do")
    func refused() async throws {
        try await SandboxHost.with { host in
            let daemon = try await host.startDaemon()
            let path = try host.makeSandbox()
            try await daemon.add("first", to: try host.makeSandbox("first")) { $0.macAddress = "0a:00:00:00:00:01" }
            let before = (try host.state(), try host.state(in: "box"), try await host.recordCount())
            let free = await host.base.free(daemon.network)
            let cases: [(String, (inout SandboxDaemon.Add.Input) -> Void)] = [
                ("The subnet ID 'none' does not exist", { $0.subnet = "none" }),
                ("address 10.64.1.4 of subnet subnet-1 is in use", { $0.ipAddresses = ["10.64.1.4"] }),
                ("address 10.64.1.1 of subnet subnet-1 is reserved", { $0.ipAddresses = ["10.64.1.1"] }),
                ("address 10.65.1.9 is outside", { $0.ipAddresses = ["10.65.1.9/24"] }),
                ("has no IPv6 block", { $0.ipAddresses = ["2001:db8::1"] }),
                ("ipAddresses can contain one IPv4 address", { $0.ipAddresses = ["10.64.1.8", "10.64.1.9"] }),
                ("ipAddresses can not be \"10.64.1\"", { $0.ipAddresses = ["10.64.1"] }),
                ("MAC address 0a:00:00:00:00:01 is taken by eni-", { $0.macAddress = "0a:00:00:00:00:01" }),
                ("macAddress can not be \"x\"", { $0.macAddress = "x" }),
                ("macAddress can not be blank", { $0.interfaceType = .device }),
                (
                    "device with mac address not found",
                    {
                        $0.interfaceType = .device; $0.macAddress = "0a:00:00:00:00:77"
                    }
                ),
                ("set parentInterface", { $0.interfaceType = .macvlan }),
                ("interfaceVlanProperties can not be blank", { $0.interfaceType = .branch }),
                ("parentInterface can not be", { $0.parentInterface = "a/b" }),
                ("mtu must be 576 to 65535", { $0.mtu = 5 }),
                ("securityGroups can have at most 5", { $0.securityGroups = (0..<6).map { "sg-\($0)" } }),
                ("(ErrorCode: InvalidGroup.NotFound)", { $0.securityGroups = ["default", "nowhere"] }),
                ("waitTimeoutMs must be", { $0.waitTimeoutMs = -1 }),
                ("containerId can have at most 255", { $0.containerId = String(repeating: "a", count: 10_000) }),
                ("containerId can not be \"../../etc\"", { $0.containerId = "../../etc" }),
                ("containerId can not be blank", { $0.containerId = "" }),
                ("network can not be \"a/b\"", { $0.network = "a/b" }),
                ("interfaceName can not be \"a/b\"", { $0.interfaceName = "a/b" }),
                ("interfaceName can not be \"lo\"", { $0.interfaceName = "lo" }),
                ("nameservers can not be", { $0.dns = SandboxDNS(nameservers: ["a\nb"]) }),
                ("networkNamespace can not be \"box\"", { $0.networkNamespace = "box" }),
                ("networkNamespace can not be \"/a\\nb\"", { $0.networkNamespace = "/a\nb" }),
                ("networkNamespace can not be", { $0.networkNamespace = String(repeating: "/a", count: 5_000) }),
            ]
            for (text, change) in cases {
                let refusal = try await daemon.refusal(to: path, change)
                #expect(refusal.contains(text), "\(refusal)")
                #expect(refusal.hasPrefix("InvalidParameterException"), "\(refusal)")
            }
            #expect(try host.state() == before.0)
            #expect(try host.state(in: "box") == before.1)
            #expect(try await host.recordCount() == before.2)
            #expect(await host.base.free(daemon.network) == free)
        }
    }

    @Test("What is no namespace of a sandbox's is refused, with the mend")
    func noNamespace() async throws {
        try await SandboxHost.with { host in
            let daemon = try await host.startDaemon()
            _ = try host.makeSandbox()
            let file = host.base.host.directory.appending("file").string
            try run(["touch", file])
            let pipe = host.base.host.directory.appending("pipe").string
            try run(["mkfifo", pipe])
            for (path, text) in [
                (host.path("none"), "there is nothing: make the namespace before its ENI"),
                (file, "not a namespace file: give the path of a network namespace"),
                (file + "/x", "give the path of a network namespace"),
                (pipe, "not a namespace file"),
                (host.base.host.directory.string, "not a namespace file"),
                ("/dev/null", "not a namespace file"),
                ("/proc/self/ns/uts", "this is a uts namespace"),
                (host.path("host"), "is the host's own network namespace: give the sandbox one of its own"),
                (host.path("a/../box"), "component '..'"),
            ] {
                let refusal = try await daemon.refusal(to: path)
                #expect(refusal.contains(text) && refusal.contains("networkNamespace \(path)"), "\(refusal)")
            }
            #expect(try await host.recordCount() == [0, 0, 0])
        }
    }

    @Test("The same attachment twice, and a name that is taken in the sandbox, are refused")
    func twice() async throws {
        try await SandboxHost.with { host in
            let daemon = try await host.startDaemon()
            let path = try host.makeSandbox()
            let first = try await daemon.add(to: path)
            let again = try await daemon.refusal(to: path)
            #expect(again.contains("eth0 of container box in network net is attached already"), "\(again)")
            #expect(again.contains(first.networkInterface.networkInterfaceId))
            let other = try await daemon.refusal("pod", to: path, network: "other")
            let owner = "has a link eth0 already, which is \(first.networkInterface.networkInterfaceId), "
            #expect(other.contains(owner + "eth0 of container box in network net: delete that"), "\(other)")
            try host.run("ip link add eth1 type veth peer name wire", in: "box")
            let strange = try await daemon.refusal(to: path, as: "eth1")
            #expect(strange.contains("has a link eth1 already, which is no sandbox's ENI: remove it"), "\(strange)")
            #expect(try await daemon.check() == [])
            #expect(try await host.recordCount() == [1, 1, 1])
        }
    }

    @Test("A second network in a sandbox has its own routing table, and its place is free again after it")
    func second() async throws {
        try await SandboxHost.with([.v4, .v6]) { configuration in
            configuration.subnets.append(try SandboxHost.subnet([.v4, .v6], id: "subnet-2", number: 2))
        } _: { host in
            let daemon = try await host.startDaemon()
            let path = try host.makeSandbox()
            try await daemon.add(to: path)
            let alone = try host.state(in: "box")
            let second = try await daemon.add(to: path, as: "eth1", network: "other") { $0.subnet = "subnet-2" }
            #expect(second.networkInterface.index == 1)
            #expect(second.routes.allSatisfy { $0.table == 10_001 })
            #expect(second.routes.contains(SandboxRoute(dst: "0.0.0.0/0", gw: "10.64.2.1", table: 10_001)))
            #expect(try await daemon.check() == [])
            #expect(try await daemon.check(as: "eth1", network: "other") == [])
            #expect(try host.reaches("10.64.2.1", from: "box", source: "10.64.2.4"))
            #expect(try host.reaches("10.64.1.1", from: "box", source: "10.64.1.4"))
            #expect(try host.reaches("10.64.2.4"))
            #expect(try host.reaches("2001:db8:64:2::4"))
            try await daemon.delete(as: "eth1", network: "other")
            await daemon.sandboxes.releasedLinks.removeNow()
            #expect(try host.state(in: "box") == alone)
            // The first may go first, too.
            try await daemon.add(to: path, as: "eth1", network: "other") { $0.subnet = "subnet-2" }
            try await daemon.delete()
            #expect(try host.reaches("10.64.2.1", from: "box", source: "10.64.2.5"))
            #expect(try await daemon.add(to: path).networkInterface.index == 0)
            #expect(try await daemon.check() == [])
        }
    }

    @Test("A default route that is somebody else's stays, and the ENI comes beside it")
    func besideOthers() async throws {
        try await SandboxHost.with { host in
            let daemon = try await host.startDaemon()
            let path = try host.makeSandbox()
            for command in [
                "ip link set lo up", "ip link add other type veth peer name wire", "ip link set wire up",
                "ip addr add 192.0.2.9/24 dev other", "ip link set other up", "ip route add default via 192.0.2.1",
            ] { try host.run(command, in: "box") }
            let before = try host.state(in: "box")
            let output = try await daemon.add(to: path)
            #expect(output.networkInterface.index == 1)
            let routes = try host.ip("route", in: "box")
            #expect(routes.first(where: "dst", is: "default")["gateway"].text == "192.0.2.1")
            #expect(try host.reaches("10.64.1.1", from: "box", source: "10.64.1.4"))
            try await daemon.delete()
            await daemon.sandboxes.releasedLinks.removeNow()
            let after = try host.state(in: "box")
            #expect(after == before, "\(after.difference(from: before))")
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
import Addressing
import Linux
import SystemPackage
import TestSupport
import Testing
import VPC

@testable import TaskNetworking

/// An apply that fails leaves what was there before, and nothing else.
@Suite(.requiresRoot) struct RollbackTests {
    /// A step that the kernel refuses: nobody reaches this gateway.
    private func impossible() throws -> Requirement {
        .route(
            RouteRequirement(
                scope: .host, to: try CIDRBlock(parsing: "198.51.100.0/24"),
                via: .v4(try IPv4Address(parsing: "192.0.2.254"))))
    }

    private func fullPlan(_ host: PathHost) throws -> TaskNetworkPlan {
        let directory = try AbsolutePath(host.test.directory.string)
        var device = try Sample.eni(8, subnet: 2, .dual, index: 2)
        device.macAddress = try MACAddress(parsing: "02:11:22:33:44:55")
        let interfaces = [
            InterfaceRequest(networkInterface: try Sample.eni(5, .dual), attachment: .veth),
            InterfaceRequest(networkInterface: try Sample.eni(6, subnet: 2, .dual, index: 1), attachment: .veth),
            InterfaceRequest(
                networkInterface: device,
                attachment: .device(try host.network.hostDevice(macAddress: device.macAddress))),
        ]
        return try host.plan("task", interfaces) {
            $0.filesDirectory = directory
            $0.blocksInstanceMetadata = true
        }
    }

    private func makeNIC(_ host: PathHost) throws {
        try host.run("ip link add nic0 mtu 1452 address 02:11:22:33:44:55 type veth peer name wire0 mtu 1452")
        try host.run("ip link set nic0 up")
        try host.run("ip addr add 192.0.2.9/25 dev nic0")
    }

    /// Where the plan is broken off: after each of its steps, in parts so that they run side by side.
    @Test(arguments: 0..<8)
    func afterEveryStep(part: Int) throws {
        try PathHost.with { host in
            try makeNIC(host)
            let plan = try fullPlan(host)
            let before = try host.state()
            for position in stride(from: part, through: plan.requirements.count, by: 8) {
                var broken = plan
                broken.requirements.insert(try impossible(), at: position)
                let error = #expect(throws: TaskNetworkError.self) { try host.network.apply(broken) }
                #expect(error?.step == "host route 198.51.100.0/24 via 192.0.2.254")
                #expect(
                    try host.changes(since: before) == [],
                    "broken off before \(plan.lines.dropFirst(position).first ?? "the end")")
                try host.untilHostLinks(are: ["nic0", "wire0"])
                let nic = try host.ip("link", "show", "nic0")[0]
                #expect(nic["mtu"].integer == 1452 && nic["flags"].texts.contains("UP"))
                #expect(throws: LinuxError.self) { try TextFile.read(host.test.directory.appending("hosts")) }
            }
            // And it can be made after all that.
            _ = try host.network.apply(plan)
            #expect(try host.network.check(plan) == [])
        }
    }

    /// Something of somebody else's in the way of one step: what it is, and which step fails. It is still there afterwards.
    @Test(arguments: [
        ("ip link add tn-56789abcdef0 type bridge", "veth pair eth0 and tn-56789abcdef0"),
        ("ip route add 10.0.1.5/32 dev nic0", "host route 10.0.1.5/32 on tn-56789abcdef0"),
        ("ip route add unreachable 10.0.1.5/32", "host route 10.0.1.5/32 on tn-56789abcdef0"),
        ("mkdir DIRECTORY/hosts", "file DIRECTORY/hosts"),
        ("ln -s /etc/hosts DIRECTORY/resolv.conf", "file DIRECTORY/resolv.conf"),
        ("cp /etc/passwd NAMESPACE", "namespace"),
        ("mkdir NAMESPACE", "namespace"),
        ("ln -s HOST NAMESPACE", "namespace"),
        ("ip addr del 10.0.1.1/32 dev lo", "host route 10.0.1.5/32 on tn-56789abcdef0"),
    ])
    func somethingInTheWay(command: String, step: String) throws {
        try PathHost.with { host in
            try makeNIC(host)
            var eni = try Sample.eni(5)
            eni.id = "eni-0123456789abcdef0"
            let directory = try AbsolutePath(host.test.directory.string)
            let plan = try host.plan("task", eni) { $0.filesDirectory = directory }
            func text(_ text: String) -> String {
                text.replacing("DIRECTORY", with: directory.text)
                    .replacing("HOST", with: host.test.namespacePath("host").string)
                    .replacing("NAMESPACE", with: host.test.namespacePath("task").string)
            }
            try host.run(text(command))
            let (before, links) = (try host.state(), try host.hostLinks())
            let error = #expect(throws: TaskNetworkError.self) { try host.network.apply(plan) }
            #expect(error?.step == text(step), "\(String(describing: error))")
            if let conflict = error?.underlying as? ConflictError {
                let text = conflict.description
                #expect([": rename it", ": remove it", ": give "].contains(where: text.contains), "\(text)")
            }
            #expect(try host.changes(since: before) == [])
            try host.untilHostLinks(are: links)
            // Whoever is refused may take down what it was refused: nothing of that is its own.
            let beside = try host.ip("-d", "link")
            _ = host.network.teardown(plan)
            #expect(try host.ip("-d", "link") == beside)
            #expect(try host.changes(since: before) == [])
            #expect(try TextFile.read("/etc/hosts").isEmpty == false)
        }
    }

    @Test func whatCannotBeUndoneIsToldToo() throws {
        try PathHost.with { host in
            try makeNIC(host)
            let plan = try fullPlan(host)
            var broken = plan
            broken.requirements = plan.requirements.map { requirement in
                guard case .device(let device) = requirement else { return requirement }
                // More than a veth can have: the kernel will not give it back.
                let original = HostDevice(
                    name: device.original.name, macAddress: device.original.macAddress, mtu: 65_536, isUp: true)
                return .device(DeviceRequirement(name: device.name, mtu: device.mtu, original: original))
            }
            broken.requirements.append(try impossible())
            let error = #expect(throws: TaskNetworkError.self) { try host.network.apply(broken) }
            #expect(error?.step == "host route 198.51.100.0/24 via 192.0.2.254")
            #expect(error?.notUndone.map(\.step) == ["device nic0 as eth2"])
            let text = error?.description ?? ""
            #expect(text.hasPrefix("set up host route 198.51.100.0/24 via 192.0.2.254: "))
            #expect(text.contains("; then undo device nic0 as eth2: "))
            #expect(host.network.teardown(plan).errors.isEmpty)
        }
    }

    @Test func whatWasThereBeforeStays() throws {
        try PathHost.with { host in
            let eni = try Sample.eni(5, .dual)
            let plan = try host.plan("task", eni)
            _ = try host.network.apply(plan)
            try host.run("ip route del 10.0.1.5")
            var broken = plan
            broken.requirements.append(try impossible())
            #expect(throws: TaskNetworkError.self) { try host.network.apply(broken) }
            // The route that the broken apply had mended is gone again; all else is as it was.
            let drifts = try host.network.check(plan).map { "\($0)" }
            #expect(drifts == ["host route 10.0.1.5/32 on \(eni.hostLink): expected present, found missing"])
            _ = try host.network.apply(plan)
            #expect(try host.reaches("10.0.1.5"))
        }
    }

    @Test func aNamespaceOfSomebodyElsesIsLeftAsItWas() throws {
        try PathHost.with { host in
            _ = try host.test.makeNamespace("task")
            var plan = try host.plan("task", try Sample.eni(5, .dual)) { $0.ownsNamespace = false }
            let before = try host.state()
            plan.requirements.append(try impossible())
            #expect(throws: TaskNetworkError.self) { try host.network.apply(plan) }
            #expect(try host.ip("link", in: "task").elements.map { $0["ifname"].text } == ["lo"])
            #expect(try host.hostLinks() == [])
            #expect(try host.changes(since: before) == [])
        }
    }

    @Test func leftoversOfACrashAreNoObstacle() throws {
        try PathHost.with { host in
            let plan = try host.plan("task", try Sample.eni(5, .dual))
            // The daemon died between making the file and binding the namespace on it.
            try host.run("touch \(host.test.namespacePath("task"))")
            _ = try host.network.apply(plan)
            #expect(try host.network.check(plan) == [])
            // It died after some steps: they are found.
            var half = plan
            half.requirements.removeLast(6)
            #expect(host.network.teardown(plan).errors.isEmpty)
            _ = try host.network.apply(half)
            _ = try host.network.apply(plan)
            #expect(try host.network.check(plan) == [])
            // Somebody still holds the namespace, and with it the pair, after its name is gone.
            let held = try host.namespace("task")
            try host.run("umount -l \(host.test.namespacePath("task"))")
            _ = try host.network.apply(plan)
            #expect(try host.network.check(plan) == [])
            #expect(try host.reaches("10.0.1.5"))
            #expect(try runJSON(["ip", "-j", "link"], in: held).elements.count == 1)
        }
    }

    @Test func anythingAtOnce() async throws {
        try await PathHost.with { host in
            let before = try host.state()
            let plans = try (5..<55).map { try host.plan("task\($0)", try Sample.eni($0, .dual)) }
            let network = host.network
            try await withThrowingTaskGroup(of: Void.self) { group in
                for plan in plans { group.addTask { _ = try network.apply(plan) } }
                try await group.waitForAll()
            }
            let drifts = try host.network.check(plans.map { CheckedPlan($0) })
            #expect(try drifts.allSatisfy { try $0.get().isEmpty })
            #expect(try host.reaches("10.0.1.54", from: "task5"))
            #expect(try host.reaches("2001:db8:0:1::36", from: "task5"))
            await withTaskGroup(of: Int.self) { group in
                for plan in plans { group.addTask { network.teardown(plan).errors.count } }
                for await count in group { #expect(count == 0) }
            }
            #expect(try host.changes(since: before) == [])
            try host.untilHostLinks(are: [])
        }
    }
}

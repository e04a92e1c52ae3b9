// SPDX-License-Identifier: Apache-2.0
import Addressing
import Glibc
import Linux
import Synchronization
import SystemPackage
import TestSupport
import Testing
import VPC

@testable import TaskNetworking

/// A task's network in a namespace that was ready before it, which nobody can tell from one that was made for it.
@Suite(.requiresRoot) struct WarmTests {
    /// Gives what there is, and notes who asked.
    private final class Pool: Sendable {
        private let ready: Mutex<[WarmNetwork]>
        let asked = Mutex(0)

        init(_ ready: [WarmNetwork]) { self.ready = Mutex(ready) }

        var source: WarmSource {
            { plan in
                self.asked.withLock { $0 += 1 }
                return self.ready.withLock { ready in
                    guard let place = ready.firstIndex(where: { $0.fits(plan) }) else { return nil }
                    return ready.remove(at: place)
                }
            }
        }

        var count: Int { ready.withLock { $0.count } }
        var first: WarmNetwork? { ready.withLock { $0.first } }
    }

    private static func pool(_ host: PathHost, mtu: Int? = nil, withIPv6: Bool = true) throws -> Pool {
        Pool([try host.network.makeWarmNetwork(mtu: mtu, withIPv6: withIPv6)])
    }

    /// All that ip(8) shows of both sides, without what the kernel counts and chooses by itself.
    private static func picture(_ host: PathHost, _ task: String, _ eni: NetworkInterface) throws -> [String] {
        var lines: [String] = []
        for (arguments, place) in [
            (["link"], task), (["addr"], task), (["-4", "route", "show", "table", "all"], task),
            (["-6", "route", "show", "table", "all"], task), (["rule"], task), (["-6", "rule"], task),
            (["neigh"], task), (["-d", "link", "show", eni.hostLink], nil), (["addr", "show", eni.hostLink], nil),
            (["neigh", "show", "dev", eni.hostLink], nil), (["route", "show", "dev", eni.hostLink], nil),
            (["-6", "route", "show", "dev", eni.hostLink], nil),
        ] as [([String], String?)] {
            let text = try TestSupport.run(["ip"] + arguments, in: try place.map(host.namespace) ?? host.namespace)
                .output
            lines += text.split(separator: "\n").map { line in
                // Indexes and numbers of namespaces.
                String(line).replacing(/^[0-9]+: |@if[0-9]+|link-netns(id)? \S+|nsid [0-9]+/, with: "")
                    .trimmingSuffix(while: \.isWhitespace)
            }
        }
        for name in [
            "ipv4/conf/\(eni.hostLink)/forwarding", "ipv4/conf/\(eni.hostLink)/rp_filter",
            "ipv4/conf/\(eni.hostLink)/proxy_arp", "ipv4/neigh/\(eni.hostLink)/proxy_delay",
            "ipv6/conf/\(eni.hostLink)/accept_ra", "ipv6/conf/\(eni.hostLink)/disable_ipv6",
            "ipv6/conf/\(eni.hostLink)/force_forwarding",
            "ipv6/conf/\(eni.hostLink)/forwarding",
        ] {
            let text = try attempt(["cat", "/proc/sys/net/\(name)"], in: host.namespace).output
            lines.append("\(name) \(text)")
        }
        return lines
    }

    /// The namespace is the task's by its name, and what is in it is not yet.
    @Test(arguments: [true, false]) func whoeverTookItDiedInBetween(isNamed: Bool) throws {
        try PathHost.with { host in
            var warm: WarmNetwork? = try host.network.makeWarmNetwork(mtu: nil, withIPv6: true)
            var eni = try Sample.eni(.dual)
            if isNamed, let identity = warm?.identity {
                eni.id = identity.networkInterfaceID
                eni.macAddress = identity.macAddress
            }
            let plan = try host.plan("task", eni)
            _ = try NetworkNamespace.create(at: FilePath(plan.namespacePath.text)) { warm?.namespace }
            warm = nil
            _ = try host.network.apply(plan)
            #expect(try host.network.check(plan) == [])
            #expect(host.network.teardown(plan).errors.isEmpty)
            try host.untilHostLinks(are: [])
        }
    }

    /// For an ENI that was made as what is ready is called, and for any other.
    @Test(arguments: [Sample.Families.ipv4, .dual], [true, false])
    func isAsIfMadeForTheTask(families: Sample.Families, isNamed: Bool) async throws {
        try await PathHost.with { host in
            let pool = try Self.pool(host, withIPv6: families.hasIPv6)
            var eni = try Sample.eni(families)
            if isNamed, let identity = pool.first?.identity {
                eni.id = identity.networkInterfaceID
                eni.macAddress = identity.macAddress
            }
            let plan = try host.plan("task", eni)
            _ = try host.network.apply(plan, from: pool.source)
            #expect(pool.first == nil)
            #expect(try host.network.check(plan) == [])
            let warm = try await Self.settled { try Self.picture(host, "task", eni) }
            #expect(host.network.teardown(plan).errors.isEmpty)
            try host.untilHostLinks(are: [])

            _ = try host.network.apply(plan)
            let cold = try await Self.settled { try Self.picture(host, "task", eni) }
            #expect(warm.difference(from: cold).map { "\($0)" } == [])
            #expect(host.network.teardown(plan).errors.isEmpty)
            try host.untilHostLinks(are: [])
        }
    }

    /// What the kernel does in its own time has been done.
    private static func settled(_ look: () throws -> [String]) async throws -> [String] {
        var last = try look()
        while true {
            try await Task.sleep(for: .milliseconds(200))
            let now = try look()
            if now == last { return now }
            last = now
        }
    }

    @Test(arguments: Sample.Families.allCases)
    func tasksReachEachOther(families: Sample.Families) throws {
        try PathHost.with { host in
            let pool = Pool([
                try host.network.makeWarmNetwork(mtu: nil, withIPv6: true),
                try host.network.makeWarmNetwork(mtu: nil, withIPv6: true),
            ])
            let plans = try [5, 6].map { try host.plan("task\($0)", try Sample.eni($0, families)) }
            for plan in plans {
                _ = try host.network.apply(plan, from: pool.source)
                #expect(try host.network.check(plan) == [])
            }
            #expect(pool.count == 0)
            for prefix in (families.hasIPv4 ? ["10.0.1."] : []) + (families.hasIPv6 ? ["2001:db8:0:1::"] : []) {
                #expect(try host.reaches(prefix + "5"), "host to \(prefix)5")
                #expect(try host.reaches(prefix + "6", from: "task5"), "task to task")
                #expect(try host.reaches(prefix + "1", from: "task6"), "task to gateway")
            }
        }
    }

    @Test(arguments: [1400, 1500, 9001, 1100])
    func anotherMTU(mtu: Int) throws {
        try PathHost.with { host in
            let pool = try Self.pool(host, mtu: 1442)
            let request = InterfaceRequest(networkInterface: try Sample.eni(.ipv4), attachment: .veth, mtu: mtu)
            let plan = try host.plan("task", [request])
            _ = try host.network.apply(plan, from: pool.source)
            // Links that are too small for IPv6 are other links to the kernel.
            #expect(pool.count == (mtu < 1280 ? 1 : 0))
            #expect(try host.network.check(plan) == [])
            #expect(try host.ip("link", "show", "eth0", in: "task")[0]["mtu"].integer == mtu)
            #expect(try host.reaches("10.0.1.5"))
            #expect(try host.ip("-6", "addr", "show", "eth0", in: "task").elements.isEmpty)
        }
    }

    @Test(arguments: Sample.Families.allCases)
    func withoutIPv6ItIsOnlyForThoseWithout(families: Sample.Families) throws {
        try PathHost.with { host in
            let pool = try Self.pool(host, withIPv6: false)
            let plan = try host.plan("task", try Sample.eni(families))
            _ = try host.network.apply(plan, from: pool.source)
            #expect(pool.count == (families.hasIPv6 ? 1 : 0))
            #expect(try host.network.check(plan) == [])
        }
    }

    @Test func withIPv6ItIsAlsoForThoseWithout() throws {
        try PathHost.with { host in
            let pool = try Self.pool(host, withIPv6: true)
            let eni = try Sample.eni(.ipv4)
            let plan = try host.plan("task", eni)
            _ = try host.network.apply(plan, from: pool.source)
            #expect(pool.count == 0)
            #expect(try host.network.check(plan) == [])
            let disabled = try Sysctl.ipv6(interface: eni.hostLink, "disable_ipv6")
            #expect(try disabled.read(in: host.namespace) == "1")
            #expect(try host.reaches("10.0.1.5"))
        }
    }

    /// The one of which the pool is made is the first; the other is made beside it.
    @Test func twoInterfaces() throws {
        try PathHost.with { host in
            let pool = Pool([
                try host.network.makeWarmNetwork(mtu: nil, withIPv6: true),
                try host.network.makeWarmNetwork(mtu: nil, withIPv6: true),
            ])
            let plan = try host.plan(
                "task",
                [
                    InterfaceRequest(networkInterface: try Sample.eni(5, .dual), attachment: .veth),
                    InterfaceRequest(
                        networkInterface: try Sample.eni(6, subnet: 2, .dual, index: 1), attachment: .veth),
                ])
            _ = try host.network.apply(plan, from: pool.source)
            #expect(pool.count == 1)
            #expect(try host.network.check(plan) == [])
            #expect(try host.ip("link", in: "task").elements.map { $0["ifname"].text } == ["lo", "eth0", "eth1"])
            for address in ["10.0.1.5", "10.0.2.6", "2001:db8:0:1::5", "2001:db8:0:2::6"] {
                #expect(try host.reaches(address), "\(address)")
            }
        }
    }

    @Test(.requiresKernel("macvlan")) func nobodyAsksForWhatDoesNotFit() throws {
        try PathHost.with { host in
            let pool = try Self.pool(host)
            try host.run("ip link add nic0 up type veth peer name wire0")
            let kind = AttachmentKind.macvlan(parent: try InterfaceName("nic0"), mode: .bridge)
            _ = try host.network.apply(try host.plan("task", try Sample.eni(7, subnet: 2), as: kind), from: pool.source)
            #expect(pool.asked.withLock { $0 } == 0)
            // What is there already is found, and nothing is taken for it.
            let plan = try host.plan("other", try Sample.eni(6))
            _ = try host.network.apply(plan)
            _ = try host.network.apply(plan, from: pool.source)
            #expect(pool.asked.withLock { $0 } == 0)
            #expect(pool.count == 1)
        }
    }

    /// Before Linux 6.2 a link that is up cannot be renamed: there the host's end waits below.
    @Test func hostEndThatWaitsBelow() throws {
        try PathHost.with { host in
            let settings = WarmSettings(
                linksHaveIPv6: host.facts.knowsIPv6, hostHasIPv6: true, hostEndHasIPv6: true, isHostEndUp: false)
            let pool = Pool([try host.network.makeWarmNetwork(mtu: 1500, settings)])
            let plan = try host.plan("task", try Sample.eni(.dual))
            _ = try host.network.apply(plan, from: pool.source)
            #expect(pool.count == 0)
            #expect(try host.network.check(plan) == [])
            #expect(try host.reaches("10.0.1.5"))
            #expect(try host.reaches("2001:db8:0:1::5"))
        }
    }

    @Test func leavesWithTheLastDescriptor() throws {
        try PathHost.with { host in
            var network: WarmNetwork? = try host.network.makeWarmNetwork(mtu: nil, withIPv6: true)
            let name = try #require(network?.hostName.text)
            let link = try host.ip("link", "show", name)[0]
            #expect(link["ifalias"].text == WarmNetwork.alias)
            #expect(Set(link["flags"].texts).isSuperset(of: ["UP", "LOWER_UP"]))
            #expect(link["inet6_addr_gen_mode"].text == "none")
            // It is nobody's leftover.
            #expect(try host.network.survey().links.isEmpty)
            network = nil
            try host.untilHostLinks(are: [])
        }
    }

    /// Broken off before each step: nothing is left, as when the namespace was made for the task.
    @Test func rollback() throws {
        try PathHost.with { host in
            let plan = try host.plan("task", try Sample.eni(.dual))
            let impossible = Requirement.route(
                RouteRequirement(
                    scope: .host, to: try CIDRBlock(parsing: "198.51.100.0/24"),
                    via: .v4(try IPv4Address(parsing: "192.0.2.254"))))
            let before = try host.state()
            // Before the namespace nothing is asked for.
            for position in 1...plan.requirements.count {
                var broken = plan
                broken.requirements.insert(impossible, at: position)
                let pool = try Self.pool(host)
                #expect(throws: TaskNetworkError.self) { try host.network.apply(broken, from: pool.source) }
                // What the kernel has for a link that is up goes with it, a moment later.
                try host.untilHostLinks(are: [])
                let changes = try host.changes(since: before)
                #expect(changes == [], "broken off at \(position)")
            }
            let pool = try Self.pool(host)
            _ = try host.network.apply(plan, from: pool.source)
            #expect(try host.network.check(plan) == [])
        }
    }

    /// A link of somebody else's with the name of the host's end stays, and so does a file at the namespace's path.
    @Test func somethingInTheWay() throws {
        try PathHost.with { host in
            var eni = try Sample.eni(5)
            eni.id = "eni-0123456789abcdef0"
            let plan = try host.plan("task", eni)
            try host.run("ip link add tn-56789abcdef0 type bridge")
            let pool = try Self.pool(host)
            let error = #expect(throws: TaskNetworkError.self) {
                try host.network.apply(plan, from: pool.source)
            }
            #expect(error?.underlying is ConflictError)
            try host.untilHostLinks(are: ["tn-56789abcdef0"])
            try host.run("ip link del tn-56789abcdef0")

            let other = try Self.pool(host)
            try host.run("cp /etc/hostname \(plan.namespacePath)")
            #expect(throws: TaskNetworkError.self) { try host.network.apply(plan, from: other.source) }
            #expect(other.count == 1)
            try host.run("rm \(plan.namespacePath)")
        }
    }

    /// What was ready for just this ENI and cannot be taken is not in the way of the pair that is made.
    @Test func whatIsReadyForItMakesRoom() throws {
        try PathHost.with { host in
            let network = try host.network.makeWarmNetwork(mtu: nil, withIPv6: true)
            var eni = try Sample.eni(5)
            eni.id = network.identity.networkInterfaceID
            eni.macAddress = network.identity.macAddress
            let plan = try host.plan("task", eni)
            _ = try host.network.apply(plan, from: { _ in nil })
            #expect(try host.network.check(plan) == [])
            withExtendedLifetime(network) {}
        }
    }

    /// The same ENI's earlier pair, whose namespace somebody still holds, makes room.
    @Test func anEarlierPairMakesRoom() throws {
        try PathHost.with { host in
            let plan = try host.plan("task", try Sample.eni(5))
            _ = try host.network.apply(plan)
            let held = try host.namespace("task")
            #expect(host.network.teardown(plan).errors.isEmpty)
            let pool = try Self.pool(host)
            _ = try host.network.apply(plan, from: pool.source)
            #expect(pool.count == 0)
            #expect(try host.network.check(plan) == [])
            withExtendedLifetime(held) {}
        }
    }
}

extension String {
    fileprivate func trimmingSuffix(while isGone: (Character) -> Bool) -> String {
        var text = self[...]
        while let last = text.last, isGone(last) { text.removeLast() }
        return String(text)
    }
}

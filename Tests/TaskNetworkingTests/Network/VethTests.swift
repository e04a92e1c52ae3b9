// SPDX-License-Identifier: Apache-2.0
import Addressing
import Linux
import SystemPackage
import TestSupport
import Testing
import VPC

@testable import TaskNetworking

@Suite(.requiresRoot) struct VethTests {
    @Test(arguments: Sample.Families.allCases)
    func theTasksSide(families: Sample.Families) throws {
        try PathHost.with { host in
            let eni = try Sample.eni(families)
            _ = try host.network.apply(try host.plan("task", eni))

            let links = try host.ip("link", in: "task")
            #expect(links.elements.map { $0["ifname"].text } == ["lo", "eth0"])
            let eth0 = links[1]
            #expect(eth0["address"].text == eni.macAddress.description)
            #expect(eth0["mtu"].integer == 1500)
            #expect(Set(eth0["flags"].texts).isSuperset(of: ["UP", "LOWER_UP"]))
            #expect(eth0["linkinfo"]["info_kind"].text == "veth")

            let addresses = try host.ip("addr", in: "task")
            let onEth0 = addresses.first(where: "ifname", is: "eth0")["addr_info"].elements
            let global = onEth0.filter { $0["scope"].text == "global" }
                .map { "\($0["local"].text ?? "")/\($0["prefixlen"].integer ?? 0)" }
            #expect(
                global == (families.hasIPv4 ? ["10.0.1.5/24"] : [])
                    + (families.hasIPv6 ? ["2001:db8:0:1::5/128"] : []))
            let linkLocal = onEth0.filter { $0["scope"].text == "link" }.compactMap { $0["local"].text }
            #expect(linkLocal == (families.hasIPv6 ? ["\(IPv6Address.linkLocal(of: eni.macAddress))"] : []))
            #expect(!onEth0.contains { $0["tentative"].flag == true })
            let onLo = addresses.first(where: "ifname", is: "lo")["addr_info"].elements.map { $0["local"].text }
            #expect(onLo.contains("127.0.0.1") && onLo.contains("::1"))
            #expect(onLo.contains("169.254.170.2") && onLo.contains("169.254.169.253"))

            let routes = try host.ip("route", in: "task")
            let ipv4 = routes.first(where: "dst", is: "default")
            #expect(ipv4["gateway"].text == (families.hasIPv4 ? "10.0.1.1" : nil))
            #expect(ipv4["protocol"].text == (families.hasIPv4 ? "84" : nil))
            let ipv6 = try host.ip("-6", "route", in: "task").first(where: "dst", is: "default")
            #expect(ipv6["gateway"].text == (families.hasIPv6 ? "fe80::1" : nil))
            #expect(try host.network.check(try host.plan("task", eni)).isEmpty)
        }
    }

    @Test func theHostsSide() throws {
        try PathHost.with { host in
            let eni = try Sample.eni(.dual)
            _ = try host.network.apply(try host.plan("task", eni))
            let link = try host.ip("link", "show", eni.hostLink)[0]
            #expect(link["ifalias"].text == "tasknet task \(eni.id)")
            #expect(Set(link["flags"].texts).isSuperset(of: ["UP", "LOWER_UP"]))
            #expect(link["inet6_addr_gen_mode"].text == "none")
            #expect(try host.ip("addr", "show", eni.hostLink)[0]["addr_info"].elements.isEmpty)

            let ipv4 = try host.ip("route", "show", "10.0.1.5")[0]
            #expect(ipv4["dev"].text == eni.hostLink)
            #expect(ipv4["prefsrc"].text == "10.0.1.1")
            #expect(ipv4["protocol"].text == "84")
            #expect(try host.ip("-6", "route", "show", "2001:db8:0:1::5")[0]["dev"].text == eni.hostLink)
            #expect(try host.ip("route", "show", "10.0.1.0/24")[0]["type"].text == "unreachable")
            let neighbours = try host.ip("neigh", "show", "dev", eni.hostLink, "nud", "permanent").elements
            #expect(neighbours.allSatisfy { $0["lladdr"].text == eni.macAddress.description })
            #expect(neighbours.count == 2)

            func setting(_ name: String) throws -> String {
                try run(["cat", "/proc/sys/net/\(name)"], in: host.namespace).output
            }
            #expect(try setting("ipv4/conf/\(eni.hostLink)/forwarding") == "1\n")
            #expect(try setting("ipv4/conf/\(eni.hostLink)/rp_filter") == "1\n")
            #expect(try setting("ipv4/conf/\(eni.hostLink)/proxy_arp") == "1\n")
            #expect(try setting("ipv4/neigh/\(eni.hostLink)/proxy_delay") == "0\n")
            #expect(try setting("ipv6/conf/\(eni.hostLink)/accept_ra") == "0\n")
        }
    }

    @Test func aTaskIsNoRouterOfTheHosts() throws {
        try PathHost.with { host in
            let eni = try Sample.eni(.ipv4)
            _ = try host.network.apply(try host.plan("task", eni))
            #expect(try host.ip("addr", "show", eni.hostLink)[0]["addr_info"].elements.isEmpty)
            #expect(try host.ip("-6", "addr", "show", "eth0", in: "task").elements.isEmpty)
            let disabled = try Sysctl.ipv6(interface: eni.hostLink, "disable_ipv6")
            #expect(try disabled.read(in: host.namespace) == "1")
            // Nor has the kernel routes for it, of which there would be one for each task.
            #expect(try host.ip("-6", "route", "show", "table", "all", "dev", eni.hostLink).elements.isEmpty)
        }
    }

    @Test(arguments: Sample.Families.allCases)
    func tasksReachEachOtherAndTheHost(families: Sample.Families) throws {
        try PathHost.with { host in
            let first = try Sample.eni(5, families)
            let second = try Sample.eni(6, families)
            let elsewhere = try Sample.eni(5, subnet: 2, families)
            _ = try host.network.apply(try host.plan("first", first))
            _ = try host.network.apply(try host.plan("second", second))
            _ = try host.network.apply(try host.plan("elsewhere", elsewhere))
            for (own, other, far, gateway, nobody) in [
                ("10.0.1.5", "10.0.1.6", "10.0.2.5", "10.0.1.1", "10.0.1.77"),
                ("2001:db8:0:1::5", "2001:db8:0:1::6", "2001:db8:0:2::5", "2001:db8:0:1::1", "2001:db8:0:1::77"),
            ] where own.contains(":") ? families.hasIPv6 : families.hasIPv4 {
                #expect(try host.reaches(own), "host to \(own)")
                #expect(try host.reaches(other, from: "first"), "to \(other)")
                #expect(try host.reaches(own, from: "second"), "to \(own)")
                #expect(try host.reaches(far, from: "first"), "to \(far)")
                #expect(try host.reaches(own, from: "elsewhere"), "back from \(far)")
                #expect(try host.reaches(gateway, from: "first"), "to the gateway \(gateway)")
                #expect(try !host.reaches(nobody, from: "first"), "nobody answers for \(nobody)")
                #expect(try !host.reaches(nobody), "nobody answers for \(nobody)")
            }
            #expect(try run(["cat", "/proc/sys/net/ipv4/ip_forward"], in: host.namespace).output == "0\n")
        }
    }

    @Test func nobodySendsFromAnAddressOfSomebodyElses() throws {
        try PathHost.with { host in
            _ = try host.network.apply(try host.plan("first", try Sample.eni(5)))
            _ = try host.network.apply(try host.plan("second", try Sample.eni(6)))
            _ = try host.network.apply(try host.plan("third", try Sample.eni(7)))
            try host.run("ip addr add 10.0.1.7/32 dev eth0", in: "first")
            #expect(try host.reaches("10.0.1.6", from: "first"))
            #expect(try !host.reaches("10.0.1.6", from: "first", source: "10.0.1.7"))
            #expect(try !host.reaches("10.0.1.1", from: "first", source: "10.0.1.7"))
        }
    }

    @Test func theMTUIsTheUplinksOrWhatIsSaid() throws {
        try TestHost.with { test in
            try run(["ip", "link", "add", "uplink", "mtu", "1411", "type", "bridge"], in: test.namespace)
            try run(["ip", "link", "set", "uplink", "up"], in: test.namespace)
            try run(["ip", "addr", "add", "198.51.100.2/24", "dev", "uplink"], in: test.namespace)
            #expect(try TaskNetwork(host: test.namespace).hostFacts().uplinkMTU == nil)
            try run(["ip", "route", "add", "default", "via", "198.51.100.1"], in: test.namespace)
            #expect(try TaskNetwork(host: test.namespace).hostFacts().uplinkMTU == 1411)
        }
        try PathHost.with { host in
            let eni = try Sample.eni()
            let plan = try host.plan("task", eni) { $0.interfaces[0].mtu = 9001 }
            _ = try host.network.apply(plan)
            #expect(try host.ip("link", "show", "eth0", in: "task")[0]["mtu"].integer == 9001)
            #expect(try host.ip("link", "show", eni.hostLink)[0]["mtu"].integer == 9001)
        }
    }

    @Test func instanceMetadataIsOutOfReachWhereItIsBlocked() throws {
        try PathHost.with { host in
            try host.run("ip addr add 169.254.169.254/32 dev lo")
            for (task, number, isBlocked) in [("open", 5, false), ("closed", 6, true)] {
                let eni = try Sample.eni(number, .dual)
                _ = try host.network.apply(try host.plan(task, eni) { $0.blocksInstanceMetadata = isBlocked })
                #expect(try host.reaches("169.254.169.254", from: task) == !isBlocked)
            }
            let route = try host.ip("-6", "route", "show", "fd00:ec2::254", in: "closed")[0]
            #expect(route["type"].text == "blackhole")
        }
    }

    @Test func filesAreWrittenForTheContainers() throws {
        try PathHost.with { host in
            let directory = try AbsolutePath(host.test.directory.string)
            let plan = try host.plan("task", try Sample.eni()) { $0.filesDirectory = directory }
            _ = try host.network.apply(plan)
            let hosts = try TextFile.read(host.test.directory.appending("hosts"))
            #expect(hosts.contains("10.0.1.5\tip-10-0-1-5"))
            #expect(try TextFile.read(host.test.directory.appending("hostname")) == "task")
            #expect(try TextFile.read(host.test.directory.appending("resolv.conf")).contains("nameserver 10.0.1.2"))
            let mode = try run(["stat", "-c", "%a", "\(directory)/hosts"]).output
            #expect(mode == "644\n")
            #expect(host.network.teardown(plan).errors.isEmpty)
            #expect(throws: LinuxError.self) { try TextFile.read(host.test.directory.appending("hosts")) }
        }
    }

    @Test func stepsHaveNamesAndDurations() throws {
        try PathHost.with { host in
            let eni = try Sample.eni()
            let plan = try host.plan("task", eni)
            let applied = try host.network.apply(plan)
            #expect(applied.steps.map(\.step) == plan.lines)
            #expect(applied.steps.allSatisfy { $0.duration > .zero })
            #expect(applied.total < .seconds(10))
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
import CNI
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import AWSPlugins

@Suite(.requiresRoot) struct ECSIPAMTests {
    @Test func anAnswerInEachVersion() throws {
        try IPAMHost.with { host in
            for version in CNIVersion.all {
                let ipam = """
                    \(IPAMHost.subnet),"id":"\(version)","ipv4-routes":[{"dst":"169.254.170.2/32"},\
                    {"dst":"10.9.0.0/16","gw":"10.7.0.9"}],"ipv6-subnet":"2001:db8::/64","ipv6-routes":[{"dst":"::/0"}]
                    """
                let answer = try host.call("ADD", ipam, version: "\(version)")
                #expect(answer.succeeded, "\(answer)")
                let result = answer.document
                #expect(result["cniVersion"].text == "\(version)")
                if version < .withInterfaces {
                    #expect(result["ip4"]["ip"].text?.hasPrefix("10.7.0.") == true)
                    #expect(result["ip4"]["gateway"].text == "10.7.0.1")
                    #expect(result["ip4"]["routes"].elements.count == 2)
                    #expect(result["ip6"]["gateway"].text == "2001:db8::1")
                } else {
                    #expect(result["ips"][0]["gateway"].text == "10.7.0.1")
                    #expect(result["ips"][0]["version"].text == (version < .withoutAddressVersion ? "4" : nil))
                    #expect(result["ips"][1]["gateway"].text == "2001:db8::1")
                    #expect(
                        result["routes"].elements.map { $0["dst"].text } == ["169.254.170.2/32", "10.9.0.0/16", "::/0"])
                    #expect(result["routes"].elements.map { $0["gw"].text } == [nil, "10.7.0.9", nil])
                }
                #expect(try host.call("DEL", ipam, version: "\(version)").succeeded)
            }
            #expect(try host.leases() == [])
        }
    }

    @Test func roundRobinOverProcesses() throws {
        try IPAMHost.with { host in
            let subnet = #""ipv4-subnet":"10.7.0.0/29""#
            func id(_ number: Int) -> String { #"\#(subnet),"id":"\#(number)""# }
            for number in 2...6 { #expect(try host.add(id(number)) == "10.7.0.\(number)/29") }
            let full = try host.call("ADD", id(7))
            #expect(full.message.contains("failed to find available ip addresses in the subnet"), "\(full)")
            for number in [5, 3] { try host.del(id(number)) }
            // What was given back first is not what comes next, but what was given back longest ago in the order.
            #expect(try host.add(id(8)) == "10.7.0.3/29")
            #expect(try host.add(id(9)) == "10.7.0.5/29")
            try host.del(id(8))
            #expect(try host.add(id(10)) == "10.7.0.3/29")
        }
    }

    @Test func everySubnetHasItsOwnTurn() throws {
        try IPAMHost.with { host in
            let addresses = try [
                #""ipv4-subnet":"20.0.0.0/24","id":"a""#, #""ipv4-subnet":"10.8.0.0/24","id":"b""#,
                #""ipv4-subnet":"20.0.0.77/24","id":"c""#, #""ipv6-subnet":"2001:db8::/126","id":"a""#,
                #""ipv6-subnet":"2001:db8::/126","id":"b""#,
            ].map { try host.add($0) }
            #expect(
                addresses == [
                    "20.0.0.2/24", "10.8.0.2/24", "20.0.0.3/24", "2001:db8::2/126", "2001:db8::3/126",
                ])
        }
    }

    @Test func whatIsAskedForIsGivenOnce() throws {
        try IPAMHost.with { host in
            let wish = #"\#(IPAMHost.subnet),"ipv4-address":"10.7.0.77/32","ipv4-gateway":"10.7.0.254""#
            #expect(try host.add(#"\#(wish),"id":"a""#) == "10.7.0.77/32")
            let second = try host.call("ADD", #"\#(wish),"id":"b""#)
            #expect(second.code == 100 && second.message.contains("failed to mark this ip 10.7.0.77 as used"))
            let sameID = try host.call("ADD", #"\#(IPAMHost.subnet),"id":"a""#)
            #expect(sameID.message.contains("id already exists, id: a"), "\(sameID)")
            let gateway = try host.call("ADD", #"\#(IPAMHost.subnet),"ipv4-gateway":"10.7.0.77","id":"c""#)
            #expect(gateway.message.contains("ip of gateway has already been used"), "\(gateway)")
            let gateways = try host.call("ADD", #"\#(IPAMHost.subnet),"ipv4-address":"10.7.0.254/24","id":"d""#)
            #expect(gateways.code == 100, "\(gateways)")
            #expect(try host.leases() == ["10.7.0.77"])
        }
    }

    /// Both families or none.
    @Test func halfAnAddressIsNone() throws {
        try IPAMHost.with { host in
            let small = #""ipv6-subnet":"2001:db8::/126""#
            for id in ["a", "b"] { try host.add(#"\#(small),"id":"\#(id)""#) }
            let answer = try host.call("ADD", #"\#(IPAMHost.subnet),\#(small),"id":"c""#)
            #expect(!answer.succeeded)
            #expect(try host.leases().count == 2)
        }
    }

    @Test func whatIsGoneIsGone() throws {
        try IPAMHost.with { host in
            // Without a database, too, which is not made for this.
            try host.del(#""id":"a""#)
            #expect(try attempt(["test", "-e", host.database]).succeeded == false)
            try host.add(#"\#(IPAMHost.subnet),"id":"a""#)
            for _ in 1...2 { try host.del(#"\#(IPAMHost.subnet),"id":"a""#) }
            #expect(try host.leases() == [])

            let address = #"\#(IPAMHost.subnet),"ipv4-address":"10.7.0.50/24""#
            try host.add(address, container: "old")
            try host.del(address, container: "old")
            try host.add(address, container: "new")
            // Once more, late: the address is somebody else's.
            try host.del(address, container: "old")
            #expect(try host.leases() == ["10.7.0.50"])
            try host.del(address, container: nil)
            #expect(try host.leases() == [])

            // By the container alone.
            try host.add(IPAMHost.subnet, container: "x")
            try host.add(IPAMHost.subnet, container: "y")
            try host.del(IPAMHost.subnet, container: "x")
            #expect(try host.leases().count == 1)

            let nobody = try host.call("DEL", IPAMHost.subnet, container: nil)
            #expect(nobody.code == 7 && nobody.message.contains("can not all be empty for deletion"), "\(nobody)")
        }
    }

    /// What the agent calls when the task is long gone.
    @Test func lastCallOfTheAgent() throws {
        try IPAMHost.with { host in
            let ipam = #""id":"0a:1b:2c:3d:4e:5f","ipv4-subnet":"169.254.172.0/22""#
            // Where it does something, and where it has nothing to do any more.
            for namespace in ["none", "/proc//ns/net"] {
                let added = try host.call("ADD", ipam, version: "0.3.0", namespace: namespace)
                #expect(added.succeeded, "\(added)")
                for _ in 1...2 {
                    let answer = try host.call("DEL", ipam, version: "0.3.0", container: "", namespace: namespace)
                    #expect(answer.succeeded && answer.output.isEmpty, "\(answer)")
                    #expect(try host.leases() == [])
                }
            }
        }
    }

    @Test func check() throws {
        try IPAMHost.with { host in
            let ipam = #"\#(IPAMHost.subnet),"id":"a""#
            let result = try host.call("ADD", ipam).output
            let previous = #","prevResult":\#(result)"#
            #expect(try host.call("CHECK", ipam, more: previous).succeeded)
            let other = #","prevResult":{"cniVersion":"1.0.0","ips":[{"address":"10.7.0.9/24"}]}"#
            #expect(try host.call("CHECK", ipam, more: other).message.contains("is 10.7.0.2"))
            try host.del(ipam)
            let gone = try host.call("CHECK", ipam, more: previous)
            #expect(gone.message.contains("no ip address associated with the given id: a"), "\(gone)")
        }
    }

    @Test func garbageAndStatus() throws {
        try IPAMHost.with { host in
            #expect(try host.call("STATUS", IPAMHost.subnet, version: "1.1.0").succeeded)
            for container in ["a", "b", "c"] { try host.add(IPAMHost.subnet, container: container) }
            // Nobody can name its container.
            try host.add(#"\#(IPAMHost.subnet),"id":"agent""#, container: "")
            let valid = #","cni.dev/valid-attachments":[{"containerID":"b","ifname":"eth0"}]"#
            // Without a name all networks that have none would be one.
            let nameless = try host.call("GC", IPAMHost.subnet, version: "1.1.0", more: #","name":"""# + valid)
            #expect(nameless.code == 7 && nameless.message.contains("missing network name"), "\(nameless)")
            #expect(try host.leases().count == 4)
            #expect(try host.call("GC", IPAMHost.subnet, version: "1.1.0", more: valid).succeeded)
            #expect(try host.leases() == ["10.7.0.3", "10.7.0.5"])
            #expect(try host.call("STATUS", IPAMHost.subnet, version: "1.1.0").succeeded)
            let environment = ["IPAM_DB_PATH": host.test.directory.string]
            let status = try host.call("STATUS", IPAMHost.subnet, version: "1.1.0", environment: environment)
            #expect(status.code == 50, "\(status)")
        }
    }

    /// What an ADD would fail for.
    @Test func statusOfWhatCannotBeUsed() throws {
        try IPAMHost.with { host in
            func status(_ path: String) throws -> PluginRuntime.Answer {
                try host.call("STATUS", IPAMHost.subnet, version: "1.1.0", environment: ["IPAM_DB_PATH": path])
            }
            let file = host.test.directory.appending("file").string
            try run(["touch", file])
            for path in ["\(file)/ipam.db", "/proc/none/ipam.db"] {
                #expect(try status(path).code == 50, "\(path)")
            }
            // Made, as ADD would.
            let directory = host.test.directory.appending("new").string
            #expect(try status("\(directory)/ipam.db").succeeded)

            try host.add(#"\#(IPAMHost.subnet),"id":"a""#)
            #expect(try status(host.database).succeeded)
            let ones = "head -c 3000 /dev/zero | tr '\\0' '\\377'"
            try run(["sh", "-c", "\(ones) | dd of=\(host.database) bs=4096 seek=1 conv=notrunc"])
            let damaged = try status(host.database)
            #expect(damaged.code == 50 && damaged.message.contains("is damaged"), "\(damaged)")
        }
    }

    /// A mount of its own, which ends with the call.
    @Test func statusOfAReadOnlyFileSystem() throws {
        try IPAMHost.with { host in
            let directory = host.test.directory.appending("mount").string
            try run(["mkdir", directory])
            let environment = ["IPAM_DB_PATH": "\(directory)/ipam.db"]
            try run(["mount", "-t", "tmpfs", "none", directory])
            defer { _ = try? attempt(["umount", directory]) }
            for isThere in [false, true] {
                if isThere {
                    #expect(try host.call("ADD", IPAMHost.subnet, environment: environment).succeeded)
                }
                try run(["mount", "-o", "remount,ro", directory])
                let status = try host.call("STATUS", IPAMHost.subnet, version: "1.1.0", environment: environment)
                #expect(status.code == 50, "\(status)")
                try run(["mount", "-o", "remount,rw", directory])
            }
        }
    }

    @Test func manyAtOnce() throws {
        try IPAMHost.with { host in
            let addresses = Mutex<[String]>([])
            try inThreads(8) { thread in
                for number in 0..<25 {
                    let address = try host.add(#"\#(IPAMHost.subnet),"id":"\#(thread)-\#(number)""#)
                    addresses.withLock { $0.append(address) }
                }
            }
            #expect(Set(addresses.withLock { $0 }).count == 200)
            #expect(try host.leases().count == 200)
            try inThreads(8) { thread in
                for number in 0..<25 { try host.del(#"\#(IPAMHost.subnet),"id":"\#(thread)-\#(number)""#) }
            }
            #expect(try host.leases() == [])
            let files = try run(["ls", "-A", host.test.directory.string]).output.split(separator: "\n")
            #expect(files.filter { $0.hasPrefix("ipam.db") } == ["ipam.db", "ipam.db-boot"])
        }
    }

    @Test func idsOfAllKinds() throws {
        try IPAMHost.with { host in
            let long = String(repeating: "x", count: 10_000)
            for id in [long, #"a'b\"c;--"#, #"a\u0000b"#, #"a\u0000c"#, "\u{1F600}", "GateWay"] {
                let ipam = #"\#(IPAMHost.subnet),"id":"\#(id)""#
                try host.add(ipam)
                let again = try host.call("ADD", ipam)
                #expect(again.message.contains("id already exists") && again.output.utf8.count < 1000, "\(again)")
            }
            #expect(try host.leases().count == 6)
            for id in [#"a\u0000b"#, "GateWay", long] { try host.del(#""id":"\#(id)""#) }
            #expect(try host.leases().count == 3)
        }
    }

    @Test(arguments: [
        (#""id":"a""#, "at least one subnet (ipv4 or ipv6) is required"),
        (#""id":7,"ipv4-subnet":"10.0.0.0/24""#, "ipam.id in network config is a number"),
        (#""ipv4-subnet":["10.0.0.0/24"]"#, "ipam.ipv4-subnet in network config is a list"),
        (#""ipv4-subnet":"10.0.0.0/31""#, "no available ip in the subnet"),
        (#""ipv6-subnet":"2001:db8::/127""#, #"invalid ipam.ipv6-subnet "2001:db8::/127": no available ip"#),
        (#""ipv4-subnet":"10.0.0.0""#, "invalid ipam.ipv4-subnet"),
        (#""ipv4-subnet":"010.0.0.0/24""#, "invalid ipam.ipv4-subnet"),
        (#""ipv4-subnet":"2001:db8::/64""#, "it is IPv6"), (#""ipv6-subnet":"10.0.0.0/24""#, "it is IPv4"),
        (#""ipv4-subnet":"10.0.0.0/24","ipv4-address":"10.0.1.1/24""#, "ip 10.0.1.1 is not within the subnet"),
        (#""ipv4-subnet":"10.0.0.0/24","ipv4-address":"10.0.0.0/24""#, "ip specified is reserved by default"),
        (#""ipv4-subnet":"10.0.0.0/24","ipv4-address":"10.0.0.255/24""#, "broadcast address"),
        (#""ipv4-subnet":"10.0.0.0/24","ipv4-address":"10.0.0.1/24""#, "the address is the gateway's"),
        (#""ipv4-subnet":"10.0.0.0/24","ipv4-gateway":"10.0.1.1""#, "gateway 10.0.1.1 is not within the subnet"),
        (#""ipv4-subnet":"10.0.0.0/24","ipv4-gateway":"10.0.0.255""#, "gateway specified is reserved by default"),
        (#""ipv4-subnet":"10.0.0.0/24","ipv4-gateway":"::1""#, "invalid ipam.ipv4-gateway"),
        (#""ipv6-subnet":"2001:db8::/64","ipv6-address":"2001:db8::/64""#, "reserved by default"),
        (#""ipv4-subnet":"10.0.0.0/24","ipv4-routes":{}"#, "ipam.ipv4-routes in network config is an object"),
        (#""ipv4-subnet":"10.0.0.0/24","ipv4-routes":[{}]"#, "missing ipam.ipv4-routes[0].dst"),
        (#""ipv4-subnet":"10.0.0.0/24","ipv4-routes":[{"dst":"x"}]"#, "invalid ipam.ipv4-routes[0].dst"),
        (#""ipv4-subnet":"10.0.0.0/24","ipv4-routes":[{"dst":"1.2.3.4/32","gw":"y"}]"#, "ipam.ipv4-routes[0].gw"),
    ])
    func badInput(ipam: String, text: String) throws {
        try IPAMHost.with { host in
            let answer = try host.call("ADD", ipam)
            #expect(answer.code == 7 && answer.message.contains(text), "\(answer)")
            #expect(try attempt(["test", "-e", host.database]).succeeded == false)
        }
    }

    @Test func keysInAnyCase() throws {
        try IPAMHost.with { host in
            #expect(try host.add(#""IPv4-Subnet":"10.7.0.0/24","ID":"a""#) == "10.7.0.2/24")
            try host.del(#""Id":"a""#)
            #expect(try host.leases() == [])
        }
    }

    /// What the protocol around the plugins reads, too.
    @Test func keysOfTheProtocolInAnyCase() throws {
        try IPAMHost.with { host in
            func call(_ command: String, _ more: String) throws -> PluginRuntime.Answer {
                var call = PluginRuntime.Call(
                    "ecs-ipam", command, containerID: "c1", networkNamespace: "/run/netns/none",
                    configuration: #"{"CNIVersion":"1.1.0","NAME":"net"\#(more),"IPAM":{\#(IPAMHost.subnet)}}"#)
                call.environment = host.environment
                return try host.runtime.run(call)
            }
            let added = try call("ADD", "")
            #expect(added.document["cniVersion"].text == "1.1.0", "\(added)")
            let check = try call("CHECK", #","PrevResult":\#(added.output)"#)
            #expect(check.succeeded, "\(check)")
            #expect(try call("GC", #","CNI.dev/valid-attachments":[]"#).succeeded)
            #expect(try host.leases() == [])
        }
    }
}

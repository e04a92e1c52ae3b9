// SPDX-License-Identifier: Apache-2.0
import ECSAPI
import Foundation
import Linux
import TaskDefinitions
import TaskNetworking
import TestSupport
import Testing
import VPC

@testable import Agent

@Suite("Security groups: ENIs", .requiresRoot, .requiresProgram("nft"))
struct SecurityGroupInterfaceTests {
    @Test("An ENI is in its groups before its link is there, and in none after it is gone")
    func before() async throws {
        try await GroupsHost.with { host in
            let task = try await host.base.recordTask("a", on: host.service)
            let record = try await host.interface("a")
            let name = try #require(record.networkInterface.hostInterfaceName)
            let group = try #require(host.base.context.configuration.value.defaultGroupIDs.first)
            // In the way of the link: the network cannot be made.
            try run(["ip", "link", "add", name, "type", "veth", "peer", "name", "other"], in: host.base.host.namespace)
            await #expect(throws: (any Error).self) { try await host.service.provision(task) }
            #expect(try host.set("\(group)-4").contains(try host.address(record)))
            #expect(try host.set("addresses4").contains(name))
            try run(["ip", "link", "del", name], in: host.base.host.namespace)

            _ = try await host.service.provision(task)
            #expect(try host.linkGroup(record) == "1953366017")
            #expect(try host.reaches(record))
            try await host.release("a")
            #expect(try !host.set("\(group)-4").contains(try host.address(record)))
            #expect(try !host.set("addresses4").contains(name))
        }
    }

    @Test("Who may speak to a task follows its groups while it runs, and so do its link and its plan")
    func moves() async throws {
        try await GroupsHost.with { host in
            let client = try await host.runTask("a")
            let server = try await host.runTask("b")
            #expect(try host.reaches(server, from: "a"))
            let deaf = try await host.create("deaf")
            try await host.move(server, to: "deaf")
            #expect(try !host.reaches(server, from: "a"))
            #expect(try host.linkGroup(server) == "1953366018")
            let listed = try await host.call("ListNetworkInterfaces")["networkInterfaces"].elements
            let described = try #require(listed.first { $0["networkInterfaceId"].text == server.id })
            #expect(described["securityGroups"].elements.map { $0["groupName"].text } == ["deaf"])
            #expect(described["enforced"] == .flag(true))
            #expect((described["drops"]["deniedIngress"]["packets"].integer ?? 0) > 0)
            let plans = try await host.base.store.read { try $0.networkPlans(taskID: "b") }
            #expect(try host.service.kernel.check(try #require(plans.first?.plan)).isEmpty)

            try await host.allow(deaf, #"{"IpProtocol": "icmp", "UserIdGroupPairs": [{"GroupId": "default"}]}"#)
            #expect(try host.reaches(server, from: "a"))
            try await host.move(server, to: "deaf", "default")
            try await host.move(server, to: "default")
            #expect(try host.linkGroup(server) == host.linkGroup(client))
            try await host.call("DeleteSecurityGroup", #"{"GroupName": "deaf"}"#)
            #expect(try host.reaches(server, from: "a"))
        }
    }

    @Test("Groups, numbers and what runs survive the daemon")
    func restart() async throws {
        try await GroupsHost.with { first in
            let id = try await first.create("web")
            try await first.allow(id, #"{"IpProtocol": "icmp", "IpRanges": [{"CidrIp": "10.64.0.0/16"}]}"#)
            _ = try await first.runTask("a")
            let server = try await first.runTask("b", groups: ["web", "default"])
            #expect(try first.reaches(server, from: "a"))
            let (group, ruleset) = (try first.linkGroup(server), try first.ruleset())
            let numbers = try await first.base.store.read { try $0.securityGroupCombinations() }
            #expect(numbers.values.sorted() == [0x746E_0001, 0x746E_0002])

            let second = try await GroupsHost(first.base)
            #expect(try second.linkGroup(server) == group)
            #expect(try second.ruleset() == ruleset)
            #expect(try await second.base.store.read { try $0.securityGroupCombinations() } == numbers)
            #expect(try second.reaches(server, from: "a"))
            try await second.call(
                "RevokeSecurityGroupIngress",
                #"{"GroupName": "web", "IpPermissions": [{"IpProtocol": "icmp", "IpRanges": [{"CidrIp": "10.64.0.0/16"}]}]}"#
            )
        }
    }

    @Test("A task of before there were groups is in default from the start on")
    func old() async throws {
        try await GroupsHost.with { first in
            let record = try await first.runTask("a")
            let name = try #require(record.networkInterface.hostInterfaceName)
            try run(["ip", "link", "set", name, "group", "0"], in: first.base.host.namespace)
            try run(["nft", "flush", "ruleset"], in: first.base.host.namespace)
            try await first.base.store.write { store in
                try store.updateNetworkInterface(record.id) { $0.networkInterface.securityGroupIDs = nil }
                try store.setSecurityGroupCombinations([:])
            }
            let second = try await GroupsHost(first.base)
            #expect(try second.linkGroup(record) == "1953366017")
            _ = try await second.runTask("b")
            #expect(try second.reaches(record, from: "b"))
        }
    }

    @Test("A group that is not there is refused before anything is made")
    func unknown() async throws {
        try await GroupsHost.with { host in
            let engine = try TaskEngine(
                host.base.context, network: host.service, stoppedTasks: StoppedTasks(host.base.context))
            var dispatcher = APIDispatcher(logger: host.base.context.logger)
            TaskOperations(context: host.base.context, network: host.service, engine: engine).register(in: &dispatcher)
            _ = try await host.base.store.write { store in
                try store.insertTaskDefinition(family: "web") { revision in
                    var record = StoreRecordTests.definition("web", revision: revision)
                    record.definition.networkMode = .awsvpc
                    return record
                }
            }
            let body = """
                {"taskDefinition": "web", "networkConfiguration": {"awsvpcConfiguration":
                 {"subnets": ["subnet-1"], "securityGroups": ["default", "nowhere"]}}}
                """
            let response = await dispatcher.answer(
                APIRequest(target: "\(APITarget.ecs).RunTask", body: Array(body.utf8), peer: TestAPI.peer))
            let text = String(decoding: response.body, as: UTF8.self)
            #expect(response.status == 400)
            #expect(text.contains("The security group 'nowhere' does not exist; there are: "))
            #expect(text.contains(" (ErrorCode: InvalidGroup.NotFound)"))
            let tasks = try await host.base.store.read { try $0.unstoppedTasks() }
            #expect(tasks.isEmpty)
        }
    }

    @Test("The tables go with the last task's daemon, and stay for one that runs")
    func end() async throws {
        try await GroupsHost.with { host in
            _ = try await host.runTask("a")
            await host.groups.leave()
            #expect(try host.ruleset().contains("table inet tasknet"))
            try await host.release("a")
            try await host.base.store.write { store in
                _ = try store.updateTask("a") { $0.lastStatus = .stopped }
            }
            await host.groups.leave()
            #expect(try host.ruleset().isEmpty)
        }
    }

    @Test("A connection that is no longer allowed ends where that is configured", arguments: [true, false])
    func connections(ends: Bool) async throws {
        try await GroupsHost.with { configuration in
            configuration.endsRevokedConnections = ends
        } _: { host in
            let id = try await host.create("web")
            let permission = #"{"IpProtocol": "icmp", "IpRanges": [{"CidrIp": "10.64.0.0/16"}]}"#
            try await host.allow(id, permission)
            _ = try await host.runTask("a")
            let server = try await host.runTask("b", groups: ["web"])
            #expect(try host.reaches(server, from: "a"))
            let tracked = ["conntrack", "-L", "-p", "icmp", "-d", try host.address(server)]
            #expect(try run(tracked, in: host.base.host.namespace).output.contains("src="))
            try await host.call(
                "RevokeSecurityGroupIngress", #"{"GroupId": "\#(id)", "IpPermissions": [\#(permission)]}"#)
            #expect(try run(tracked, in: host.base.host.namespace).output.contains("src=") != ends)
        }
    }

    @Test("Whoever has an ENI's address next inherits none of its connections, and others keep theirs")
    func inheritance() async throws {
        try await GroupsHost.with { host in
            try await host.create("deaf")
            let client = try await host.runTask("a")
            let (other, gone) = (try await host.runTask("b"), try await host.runTask("c"))
            // One connection each, as long as the number is the same.
            func reaches(_ record: NetworkInterfaceRecord) throws -> Bool {
                let inTask = try NetworkNamespace(path: host.base.host.namespacePath("a"))
                let ping = ["ping", "-n", "-e", "77", "-c", "1", "-W", "1", try host.address(record)]
                return try attempt(ping, in: inTask).succeeded
            }
            #expect(try reaches(other))
            #expect(try reaches(gone))
            try await host.release("c")
            let tracked = try run(
                ["conntrack", "-L", "-p", "icmp", "-s", try host.address(client)], in: host.base.host.namespace
            ).output
            #expect(tracked.contains("dst=\(try host.address(other)) "))
            #expect(!tracked.contains("dst=\(try host.address(gone)) "))

            let groups = try await host.groups.resolve(["deaf"])
            _ = try await host.base.runTask("d", on: host.service) { record in
                record.networkInterface.ipv4Addresses = gone.networkInterface.ipv4Addresses
                record.networkInterface.securityGroupIDs = groups
            }
            #expect(try !reaches(gone))
        }
    }

    @Test("A connection to an address of the host's own is none to outside, whatever the subnet's route is")
    func connectionsToHost() async throws {
        try await GroupsHost.with { configuration in
            configuration.endsRevokedConnections = true
            configuration.subnets[0].route = .none
        } _: { host in
            try run(["ip", "addr", "add", "192.0.2.9/32", "dev", "lo"], in: host.base.host.namespace)
            let task = try await host.runTask("a")
            let inTask = try NetworkNamespace(path: host.base.host.namespacePath("a"))
            try run(["ping", "-n", "-c", "1", "-W", "1", "192.0.2.9"], in: inTask)
            let id = try await host.create("web")
            try await host.allow(id, #"{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "192.0.2.0/24"}]}"#)
            let tracked = ["conntrack", "-L", "-p", "icmp", "-d", "192.0.2.9"]
            #expect(try run(tracked, in: host.base.host.namespace).output.contains("src="))
            // Its own group lets it speak to nobody.
            try await host.call(
                "RevokeSecurityGroupEgress",
                #"{"GroupId": "\#(id)", "IpPermissions": [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]}"#
            )
            try await host.move(task, to: "web")
            let after = try run(tracked, in: host.base.host.namespace).output
            #expect(!after.contains("src="))
        }
    }

    @Test("An ENI from outside is a member of its groups, and no more when it is gone")
    func elsewhere() async throws {
        try await GroupsHost.with { host in
            let id = try await host.create("web")
            _ = try await host.runTask("a")
            let task = try #require(try await host.base.store.read { try $0.task(id: "a") })
            var interface = try host.base.makeDevice("nic0", 10).with(task: "a")
            interface.networkInterface.securityGroupIDs = [id]
            _ = try await host.service.begin(attaching: [interface], to: task)
            #expect(try await host.base.settled(interface) == .attached)
            #expect(try host.set("\(id)-4").contains("192.0.2.10"))
            let listed = try await host.call("ListNetworkInterfaces")["networkInterfaces"].elements
            let described = try #require(listed.first { $0["networkInterfaceId"].text == interface.id })
            #expect(described["enforced"] == .flag(false))
            let group = try await host.call("DescribeSecurityGroups", #"{"GroupIds": ["\#(id)"]}"#)["SecurityGroups"][0]
            #expect(group["NetworkInterfaceCount"].integer == 1)
            #expect(group["UnenforcedNetworkInterfaceCount"].integer == 1)
            try await host.move(interface, to: "web", "default")

            try await host.service.detach(interface, from: "a")
            #expect(try !host.set("\(id)-4").contains("192.0.2.10"))
            try await host.call("DeleteSecurityGroup", #"{"GroupId": "\#(id)"}"#)
            // Somebody else has its address when the task goes that it was in.
            _ = try await host.runTask("b")
            let other = try #require(try await host.base.store.read { try $0.task(id: "b") })
            var heir = try host.base.makeDevice("nic1", 11)
            heir.networkInterface.ipv4Addresses = interface.networkInterface.ipv4Addresses
            heir.networkInterface.securityGroupIDs = try await host.groups.resolve(nil)
            _ = try await host.service.begin(attaching: [heir.with(task: "b")], to: other)
            #expect(try await host.base.settled(heir) == .attached)
            await host.service.release(task)
            let group4 = "\(try #require(heir.networkInterface.securityGroupIDs?.first))-4"
            #expect(try host.set(group4).contains("192.0.2.10"))
            await host.service.release(other)
        }
    }
}

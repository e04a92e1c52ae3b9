// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

// What the API says that there is, and what there is.
extension Machine {
    /// Asks for something, and does not mind when nobody lives to answer.
    func mayAsk(_ operation: String, _ input: String) {
        _ = try? callIfAlive(operation, input, service: "TaskNetwork")
    }

    /// The ENIs that are not over.
    func interfaces() throws -> [JSON] {
        try ask("ListNetworkInterfaces", service: "TaskNetwork")["networkInterfaces"].elements
    }

    /// All tasks that are known.
    func tasks() throws -> [JSON] {
        let arns = try ["RUNNING", "STOPPED"].flatMap { status in
            try ask("ListTasks", #"{"desiredStatus": "\#(status)"}"#)["taskArns"].texts
        }
        if arns.isEmpty { return [] }
        return try ask("DescribeTasks", #"{"tasks": ["\#(arns.joined(separator: #"", ""#))"]}"#)["tasks"].elements
    }

    /// The ARN of the one task that is not over.
    func onlyTask() throws -> String {
        let tasks = try tasks()
        return try #require((tasks.first { $0["lastStatus"].text != "STOPPED" } ?? tasks.last)?["taskArn"].text)
    }

    func addNIC() throws {
        try run(["ip", "link", "add", "nic7", "address", Crash.nic, "type", "veth", "peer", "name", "far"])
    }

    /// Of the ENI from outside.
    func interfaceStatus() throws -> String? {
        try describe(try onlyTask())["attachments"].elements.first { $0.detail("networkInterfaceId") == Crash.eni }?[
            "status"
        ]
        .text
    }

    func expectTask(_ status: String) async throws {
        let task = try onlyTask()
        try await wait("the task is \(status)") { try describe(task)["lastStatus"].text == status }
    }

    func expectENI(_ status: String) async throws {
        try await expectTask("RUNNING")
        try await wait("the ENI is \(status)") { try interfaceStatus() == status }
        let id = JSON.string(try onlyTask()).id
        let place = status == "ATTACHED" ? ["ip", "-n", id, "link", "show", "eth1"] : ["ip", "link", "show", "nic7"]
        #expect(try run(place).contains(Crash.nic))
    }

    func expectNoInterfaces() throws {
        let known = try interfaces()
        #expect(known.isEmpty)
    }

    func expectGroup() throws {
        let groups = try ask("DescribeSecurityGroups", service: "TaskNetwork")["SecurityGroups"]
        #expect(groups.first(where: "GroupName", is: "web") != .null)
    }

    func expectInGroup() throws {
        let groups = try self.interfaces().first?["securityGroups"].elements.compactMap { $0["groupName"].text }
        #expect(groups == ["web"])
    }

    // MARK: - Agreement

    /// Kernel, store and files agree on who has a network.
    func expectAgreement(_ sourceLocation: SourceLocation = #_sourceLocation) async throws {
        try await wait("everything has come to an end or to rest") {
            try tasks().allSatisfy { ["RUNNING", "STOPPED"].contains($0["lastStatus"].text) }
                && self.interfaces().allSatisfy { $0["status"].text == "ATTACHED" }
        }
        let interfaces = try self.interfaces()
        let veths = interfaces.filter { $0["interfaceType"].text == "veth" }
        let hostNames = Set(veths.compactMap { $0["hostInterfaceName"].text })
        try await wait("the host has the links \(hostNames)") {
            let links = try runJSON(["ip", "-j", "link"]).elements.compactMap { $0["ifname"].text }
            return Set(links.filter { $0.hasPrefix("tn-") }) == hostNames
        }
        let routes = try runJSON(["ip", "-j", "route", "show", "table", "main", "proto", "84"]).elements
        #expect(
            Set(routes.filter { $0["type"].text != "unreachable" }.compactMap { $0["dst"].text })
                == Set(veths.flatMap { $0["privateIpv4Addresses"].texts }), sourceLocation: sourceLocation)

        let living = try tasks().filter { $0["lastStatus"].text != "STOPPED" }.map { $0["taskArn"].id }.sorted()
        #expect(try names(in: "/run/netns").filter { $0 != "box" } == living, sourceLocation: sourceLocation)
        #expect(try names(in: "/run/tasknet/tasks") == living, sourceLocation: sourceLocation)
        for id in living {
            let eth0 = try runJSON(["ip", "-n", id, "-j", "addr", "show", "eth0"])[0]
            let addresses = interfaces.filter { $0["taskArn"].id == id }.flatMap { $0["privateIpv4Addresses"].texts }
            let local = try #require(eth0["addr_info"].first(where: "family", is: "inet")["local"].text)
            #expect(addresses.contains(local), sourceLocation: sourceLocation)
        }
        let drift = try ask("DescribePacketFilter", service: "TaskNetwork")["drift"].texts
        #expect(drift.isEmpty, sourceLocation: sourceLocation)
        try expectLeases(of: interfaces, sourceLocation)
        try expectSandbox(interfaces, sourceLocation)
    }

    /// Each address of the subnet is either free or an ENI's.
    private func expectLeases(of interfaces: [JSON], _ sourceLocation: SourceLocation) throws {
        let subnet = try ask("ListSubnets", service: "TaskNetwork")["subnets"][0]
        let leased = interfaces.filter { $0["subnetId"].text == subnet["subnetId"].text }
        // Of 256 the first four and the last are nobody's.
        #expect(subnet["availableIpAddressCount"].integer == 251 - leased.count, sourceLocation: sourceLocation)
    }

    private func expectSandbox(_ interfaces: [JSON], _ sourceLocation: SourceLocation) throws {
        guard try names(in: "/run/netns").contains("box") else { return }
        let isThere = try attempt(["ip", "-n", "box", "link", "show", "eth0"]).succeeded
        #expect(isThere == interfaces.contains { !$0["sandbox"].isNull }, sourceLocation: sourceLocation)
        guard isThere else { return }
        let reference = #"{"network": "net", "containerId": "box", "interfaceName": "eth0"}"#
        let check = try ask("CheckSandboxNetworkInterface", reference, service: "TaskNetwork")
        #expect(check["differences"].texts.isEmpty, sourceLocation: sourceLocation)
    }

    private func names(in directory: String) throws -> [String] {
        try attempt(["ls", directory]).output.split(separator: "\n").map(String.init).sorted()
    }

    /// Takes away what a test has made by the API, and expects that nothing is left.
    func tidy() async throws {
        for task in try tasks() where task["lastStatus"].text != "STOPPED" {
            try await stop(try #require(task["taskArn"].text))
        }
        try await Crash.delete(self)
        _ = try attempt(["ip", "netns", "delete", "box"])
        _ = try attempt(["ip", "link", "delete", "nic7"])
        try await expectAgreement()
        try expectNoInterfaces()
        try await expectNothingLeft()
    }
}

// SPDX-License-Identifier: Apache-2.0
import TestSupport
import Testing

@Suite("ENIs from outside", .requiresRoot)
struct AttachmentTests {
    static let sleeper = """
        {"family": "sleeper", "networkMode": "awsvpc", "containerDefinitions": [
          {"name": "main", "image": "busybox", "memory": 32, "stopTimeout": 2, "command": ["sleep", "1000"]}]}
        """

    private static func message(task: String, mac: String, address: String = "192.0.2.10", wait: Int = 60_000) -> String
    {
        """
        {"taskArn": "\(task)", "waitTimeoutMs": \(wait), "elasticNetworkInterfaces": [
          {"ec2Id": "eni-0123456789abcdef0", "macAddress": "\(mac)", "index": 1,
           "ipv4Addresses": [{"primary": true, "privateAddress": "\(address)"}],
           "subnetGatewayIpv4Address": "192.0.2.1/24"}]}
        """
    }

    private func status(_ machine: Machine, _ task: String) throws -> String? {
        try machine.describe(task)["attachments"][1]["status"].text
    }

    @Test("a device that appears later is moved in as eth1 with a table of its own, and given back as it was")
    func deviceComesAndGoes() async throws {
        try await Machine.with { machine in
            let task = try #require(try await machine.runAndWait(Self.sleeper)["taskArn"].text)
            let mac = "0a:11:22:33:44:55"
            let answer = try machine.ask(
                "AttachNetworkInterface", Self.message(task: task, mac: mac), service: "TaskNetwork")
            #expect(answer["attachments"][0]["status"].text == "ATTACHING")

            try machine.run([
                "ip", "link", "add", "nic7", "mtu", "1400", "address", mac, "type", "veth", "peer", "name", "far",
            ])
            try await machine.wait("the ENI is attached") { try status(machine, task) == "ATTACHED" }
            let id = JSON.string(task).id
            let eth1 = try machine.runJSON(["ip", "-n", id, "-j", "addr", "show", "eth1"])[0]
            #expect(eth1["address"].text == mac)
            #expect(eth1["addr_info"].first(where: "family", is: "inet")["local"].text == "192.0.2.10")
            let rules = try machine.runJSON(["ip", "-n", id, "-j", "rule"])
            let table = try #require(rules.first(where: "src", is: "192.0.2.10")["table"].text)
            let routes = try machine.runJSON(["ip", "-n", id, "-j", "route", "show", "table", table])
            #expect(routes.first(where: "dst", is: "default")["gateway"].text == "192.0.2.1")

            let detached = try machine.ask(
                "DetachNetworkInterface", #"{"attachment": "eni-0123456789abcdef0"}"#, service: "TaskNetwork")
            #expect(detached["attachment"]["status"].text == "DETACHED")
            let nic = try machine.runJSON(["ip", "-j", "link", "show", "nic7"])[0]
            #expect(nic["address"].text == mac)
            #expect(nic["mtu"].integer == 1400)
            #expect(nic["flags"].texts.contains("UP") == false)

            _ = try machine.ask("AttachNetworkInterface", Self.message(task: task, mac: mac), service: "TaskNetwork")
            try await machine.wait("the ENI is attached again") { try status(machine, task) == "ATTACHED" }
            try await machine.stop(task)
            try machine.run(["ip", "link", "del", "nic7"])
            try await machine.expectNothingLeft()
        }
    }

    @Test("a stopped task gives its device back too")
    func stopGivesBack() async throws {
        try await Machine.with { machine in
            let task = try #require(try await machine.runAndWait(Self.sleeper)["taskArn"].text)
            let mac = "0a:11:22:33:44:56"
            try machine.run(["ip", "link", "add", "nic8", "address", mac, "type", "veth", "peer", "name", "far"])
            try machine.run(["ip", "link", "set", "nic8", "up"])
            _ = try machine.ask("AttachNetworkInterface", Self.message(task: task, mac: mac), service: "TaskNetwork")
            try await machine.wait("the ENI is attached") { try status(machine, task) == "ATTACHED" }
            try await machine.stop(task)
            let nic = try machine.runJSON(["ip", "-j", "link", "show", "nic8"])[0]
            #expect(nic["address"].text == mac)
            #expect(nic["flags"].texts.contains("UP"))
            try machine.run(["ip", "link", "del", "nic8"])
            try await machine.expectNothingLeft()
        }
    }

    @Test("instance metadata is blocked by way of an ENI that comes later, too")
    func instanceMetadata() async throws {
        try await Machine.with(configuration: "blockInstanceMetadata: true\n") { machine in
            let task = try #require(try await machine.runAndWait(Self.sleeper)["taskArn"].text)
            let mac = "0a:11:22:33:44:5a"
            try machine.run(["ip", "link", "add", "nic9", "address", mac, "type", "veth", "peer", "name", "far"])
            _ = try machine.ask("AttachNetworkInterface", Self.message(task: task, mac: mac), service: "TaskNetwork")
            try await machine.wait("the ENI is attached") { try status(machine, task) == "ATTACHED" }
            let id = try #require(task.split(separator: "/").last)
            for table in ["main", "10001"] {
                let routes = try machine.runJSON(["ip", "-n", String(id), "-j", "route", "show", "table", table])
                let blocked = routes.elements.filter { $0["type"].text == "blackhole" }.compactMap { $0["dst"].text }
                #expect(blocked == ["169.254.169.254"], "\(table): \(routes)")
            }
            try await machine.stop(task)
            try machine.run(["ip", "link", "del", "nic9"])
            try await machine.expectNothingLeft()
        }
    }

    @Test("a device that does not come in time fails the attachment, not the task")
    func timeOut() async throws {
        try await Machine.with { machine in
            let task = try #require(try await machine.runAndWait(Self.sleeper)["taskArn"].text)
            _ = try machine.ask(
                "AttachNetworkInterface", Self.message(task: task, mac: "0a:11:22:33:44:57", wait: 50),
                service: "TaskNetwork")
            try await machine.wait("the attachment has failed") { try status(machine, task) == "FAILED" }
            let description = try machine.describe(task)
            let reason = description["attachments"][1]["details"].elements.first { $0["name"].text == "statusReason" }
            #expect(reason?["value"].text?.contains("0a:11:22:33:44:57") == true)
            #expect(description["lastStatus"].text == "RUNNING")
            #expect(description["containers"][0]["networkInterfaces"].elements.count == 1)
            try await machine.stop(task)
            try await machine.expectNothingLeft()
        }
    }

    @Test("a task whose own ENI does not come goes from PROVISIONING to STOPPED with the reason")
    func primaryTimesOut() async throws {
        try await Machine.with { machine in
            _ = try machine.ask("RegisterTaskDefinition", Self.sleeper)
            let answer = try machine.ask(
                "RunTask",
                """
                {"taskDefinition": "sleeper", "waitTimeoutMs": 50, "elasticNetworkInterfaces": [
                  {"ec2Id": "eni-0123456789abcdef1", "macAddress": "0a:11:22:33:44:58",
                   "ipv4Addresses": [{"primary": true, "privateAddress": "192.0.2.11"}],
                   "subnetGatewayIpv4Address": "192.0.2.1/24"}]}
                """, service: "TaskNetwork")
            let task = try #require(answer["tasks"][0]["taskArn"].text)
            let stopped = try await machine.wait(for: task, toBe: "STOPPED")
            #expect(stopped["stopCode"].text == "TaskFailedToStart")
            #expect(stopped["stoppedReason"].text?.contains("0a:11:22:33:44:58") == true)
            try await machine.expectNothingLeft()
        }
    }

    @Test("what an attachment message must not say is refused with the agent's texts")
    func refusals() async throws {
        try await Machine.with { machine in
            let task = try #require(try await machine.runAndWait(Self.sleeper)["taskArn"].text)
            let good = Self.message(task: task, mac: "0a:11:22:33:44:59")
            let faults = [
                (#""macAddress": "0a:11:22:33:44:59""#, #""macAddress": """#, "empty eni mac address in the message"),
                (#""ec2Id": "eni-0123456789abcdef0""#, #""ec2Id": """#, "empty eni id in the message"),
                (
                    #""subnetGatewayIpv4Address": "192.0.2.1/24""#, #""name": "eth1""#,
                    "no subnet gateway ipv4 address in the message"
                ),
                (#""index": 1"#, #""name": "a/b""#, "a/b"),
                (#""index": 1"#, #""name": "much-too-long-a-name""#, "much-too-long-a-name"),
                (#""privateAddress": "192.0.2.10""#, #""privateAddress": "198.51.100.10""#, "outside"),
                (#""privateAddress": "192.0.2.10""#, #""privateAddress": "192.0.2.1""#, "gateway"),
                (#""index": 1"#, #""subnetId": "default""#, "outside subnet"),
                (#""index": 1"#, #""subnetId": "subnet-0fff""#, "'subnet-0fff' does not exist"),
            ].map { part, bad, text in (good.replacing(part, with: bad), text) }
            // With the addresses of a subnet of this host's.
            let near = good.replacing("192.0.2.", with: "10.64.1.")
            let taken = [("10.64.1.2", "reserved"), ("10.64.1.4", "in use")].map { address, text in
                (near.replacing("10.64.1.10", with: address), text)
            }
            for (fault, text) in faults + taken {
                let answer = try machine.call("AttachNetworkInterface", fault, service: "TaskNetwork")
                #expect(answer.errorType == "InvalidParameterException", "\(fault): \(answer)")
                #expect(answer.message.contains(text), "\(answer.message)")
            }
            _ = try machine.ask("AttachNetworkInterface", good, service: "TaskNetwork")
            let twice = try machine.call(
                "AttachNetworkInterface", good.replacing("abcdef0", with: "abcdef2").replacing(".10", with: ".12"),
                service: "TaskNetwork")
            #expect(twice.status == 400)
            #expect(twice.message.contains("0a:11:22:33:44:59"), "\(twice)")
            try await machine.stop(task)
            try await machine.expectNothingLeft()
        }
    }
}

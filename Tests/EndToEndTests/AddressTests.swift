// SPDX-License-Identifier: Apache-2.0
import Glibc
import TestSupport
import Testing

@Suite("Addresses of a subnet", .requiresRoot)
struct AddressTests {
    static let small = """
        subnets:
        - {name: small, id: subnet-5a, cidrBlock: 10.64.7.0/28, ipv6CidrBlock: 'fd00:64:0:7::/64'}

        """

    private func address(_ task: JSON) -> String? { task["attachments"][0].detail("privateIPv4Address") }

    /// RunTask of a registered definition in the small subnet.
    private static let input = """
        {"taskDefinition": "sleeper", "networkConfiguration": {"awsvpcConfiguration": {"subnets": ["small"]}}}
        """

    private func free(_ machine: Machine) throws -> Int? {
        try machine.ask("ListSubnets", service: "TaskNetwork")["subnets"][0]["availableIpAddressCount"].integer
    }

    @Test("16 tasks at once for the last 10 addresses: 10 get one, 6 are told which subnet is full")
    func lastAddresses() async throws {
        try await Machine.with(configuration: Self.small) { machine in
            #expect(try free(machine) == 11)
            let first = try machine.runTask(AttachmentTests.sleeper, subnet: "small")
            let answers = try await withThrowingTaskGroup(of: JSON.self) { group in
                for _ in 0..<16 { group.addTask { try machine.ask("RunTask", Self.input) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            let arns = answers.compactMap { $0["tasks"][0]["taskArn"].text }
            let failures = answers.flatMap { $0["failures"].elements }
            #expect(arns.count == 10)
            #expect(failures.count == 6)
            for failure in failures {
                #expect(failure["reason"].text == "RESOURCE:ENI")
                #expect(
                    failure["detail"].text?.hasPrefix("subnet subnet-5a (small) has no free IPv4 address left") == true,
                    "\(failure)")
            }
            #expect(try free(machine) == 0)
            var addresses: Set<String> = []
            for arn in arns + [first] {
                addresses.insert(try #require(address(try await machine.wait(for: arn, toBe: "RUNNING"))))
            }
            #expect(addresses == Set((4...14).map { "10.64.7.\($0)" }))

            // Of two that come free the one that did so first is handed out first, whoever the daemon is by then.
            let freed = try [arns[4], arns[1]].map { try #require(address(try machine.describe($0))) }
            try await machine.stop(arns[4])
            try await machine.stop(arns[1])
            try machine.endDaemon(SIGKILL)
            try machine.startDaemon()
            #expect(try free(machine) == 2)
            var next: [String] = []
            for _ in 0..<2 {
                let answer = try machine.ask("RunTask", Self.input)
                next.append(try #require(answer["tasks"][0]["taskArn"].text, "\(answer)"))
            }
            #expect(try next.map { address(try machine.describe($0)) } == freed)

            for arn in [first] + arns.filter({ ![arns[4], arns[1]].contains($0) }) + next {
                try await machine.stop(arn)
            }
            #expect(try free(machine) == 11)
            try await machine.expectNothingLeft()
        }
    }

    @Test("an ENI of a subnet of ours has the address that it asks for, and as many more as it asks for")
    func asked() async throws {
        try await Machine.with(configuration: Self.small) { machine in
            _ = try machine.ask("RegisterTaskDefinition", AttachmentTests.sleeper)
            func run(_ members: String, in subnet: String = #""subnetId": "small", "#) throws -> APIAnswer {
                let interface = #"{"interfaceType": "veth", \#(subnet)\#(members)}"#
                return try machine.call(
                    "RunTask", #"{"taskDefinition": "sleeper", "elasticNetworkInterfaces": [\#(interface)]}"#,
                    service: "TaskNetwork")
            }
            let answer = try run(#""privateIpv4Addresses": ["10.64.7.9"], "secondaryPrivateIpAddressCount": 2"#)
            let arn = try #require(answer.body["tasks"][0]["taskArn"].text, "\(answer.body)")
            let task = try await machine.wait(for: arn, toBe: "RUNNING")
            #expect(address(task) == "10.64.7.9")
            let eth0 = try machine.runJSON(["ip", "-n", task["taskArn"].id, "-j", "-4", "addr", "show", "eth0"])[0]
            let addresses = eth0["addr_info"].elements.compactMap { $0["local"].text }
            #expect(addresses == ["10.64.7.9", "10.64.7.4", "10.64.7.5"])
            for address in addresses {
                try machine.run(["ping", "-c", "1", "-W", "5", address])
            }
            #expect(try free(machine) == 8)

            let taken = try run(#""privateIpv4Addresses": ["10.64.7.4"]"#)
            #expect(taken.status == 400)
            #expect(taken.message.hasPrefix("address 10.64.7.4 of subnet subnet-5a (small) is in use"), "\(taken)")
            let reserved = try run(#""privateIpv4Addresses": ["10.64.7.3"]"#)
            #expect(reserved.message.contains("is reserved (reserved for future use)"), "\(reserved)")
            let many = try run(#""secondaryPrivateIpAddressCount": 8"#)
            #expect(many.body["failures"][0]["reason"].text == "RESOURCE:ENI", "\(many)")
            #expect(try free(machine) == 8)
            let nowhere = try run(#""secondaryPrivateIpAddressCount": 1"#, in: "")
            #expect(nowhere.message.contains("give subnetId too"), "\(nowhere)")

            // To a task that runs, with all from the subnet.
            let attached = try machine.ask(
                "AttachNetworkInterface",
                #"{"taskArn": "\#(arn)", "elasticNetworkInterfaces": [{"interfaceType": "veth", "subnetId": "small"}]}"#,
                service: "TaskNetwork")
            #expect(attached["attachments"][0].detail("privateIPv4Address") == "10.64.7.6")
            try await machine.wait("the ENI is attached") {
                try machine.describe(arn)["attachments"][1]["status"].text == "ATTACHED"
            }
            let eth1 = try machine.runJSON(["ip", "-n", task["taskArn"].id, "-j", "addr", "show", "eth1"])[0]
            #expect(eth1["addr_info"].elements.compactMap { $0["local"].text }.contains("10.64.7.6"))
            try await machine.stop(arn)
            #expect(try free(machine) == 11)
            try await machine.expectNothingLeft()
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import SystemPackage
import TestSupport
import Testing

@Suite("Reloading the configuration", .requiresRoot)
struct ReloadTests {
    /// Reloads with these subnets, which come last in the file.
    private func reload(_ machine: Machine, _ subnets: String) async throws {
        let path = machine.configurationPath.string
        let text = try String(contentsOfFile: path, encoding: .utf8)
        let kept = text.components(separatedBy: "subnets:")[0]
        try (kept + "subnets:\n" + subnets).write(toFile: path, atomically: true, encoding: .utf8)
        try machine.reloadDaemon()
    }

    private func subnets(_ machine: Machine) throws -> [String?] {
        try machine.ask("ListSubnets", service: "TaskNetwork")["subnets"].elements.map { $0["cidrBlock"].text }
    }

    private func refusal(_ machine: Machine) throws -> String? {
        try machine.ask("DescribeHost", service: "TaskNetwork")["reloadRefusal"].text
    }

    static let blue = "- {name: blue, id: subnet-b1, cidrBlock: 10.64.8.0/24}\n"
    static let green = "- {name: green, id: subnet-92, cidrBlock: 10.64.9.0/24}\n"

    @Test("one that takes away what a task stands on is refused as a whole, and said")
    func groundOfATask() async throws {
        try await Machine.with(configuration: "subnets:\n" + Self.blue + Self.green) { machine in
            let arn = try #require(
                try await machine.runAndWait(DaemonRestartTests.server, subnet: "blue")["taskArn"].text)
            let id = JSON.string(arn).id
            let black = "- {name: black, id: subnet-b0, cidrBlock: 10.64.10.0/24}\n"
            for (change, told) in [
                (Self.green + black, "subnet subnet-b1 (blue) is to go, and is in use by task \(id) (10.64.8.4)"),
                (
                    "- {name: blue, id: subnet-b1, cidrBlock: 10.64.8.0/23}\n",
                    "subnet subnet-b1 (blue) is to have 10.64.8.0/23 in the place of 10.64.8.0/24, and is in use by"
                ),
                (
                    "- {name: blue, id: subnet-b2, cidrBlock: 10.64.8.0/24}\n",
                    "subnet subnet-b1 (blue) is to have the id subnet-b2, and is in use by task \(id)"
                ),
            ] {
                try await reload(machine, change)
                let refused = try refusal(machine) ?? "nothing"
                #expect(refused.hasPrefix(told), "\(refused)")
                #expect(try subnets(machine) == ["10.64.8.0/24", "10.64.9.0/24"])
            }
            let doctor = try machine.tasknet(["doctor"]).output
            #expect(doctor.contains("the configuration was not reloaded: subnet subnet-b1 (blue) is to have the id"))
            let log = try String(contentsOfFile: machine.logPath.string, encoding: .utf8)
            #expect(log.contains("not reloaded: subnet"))
            try machine.run(["busybox", "wget", "-q", "-O", "-", "http://10.64.8.4/"])

            // Where nobody is, everything goes; a new route or an IPv6 block disturbs nobody.
            try await reload(
                machine,
                "- {name: blue, id: subnet-b1, cidrBlock: 10.64.8.0/24, ipv6CidrBlock: 'fd00:64:0:8::/64'}\n" + black)
            #expect(try refusal(machine) == nil)
            #expect(try subnets(machine) == ["10.64.8.0/24", "10.64.10.0/24"])
            try machine.run(["busybox", "wget", "-q", "-O", "-", "http://10.64.8.4/"])
            try await machine.stop(arn)
            try await reload(machine, black)
            #expect(try subnets(machine) == ["10.64.10.0/24"])
            try await machine.expectNothingLeft()
        }
    }

    @Test("subnets that are the host's own are refused by name, at a reload and at the start")
    func overlaps() async throws {
        try await Machine.with(configuration: "subnets:\n" + Self.blue) { machine in
            try machine.run(["ip", "link", "add", "lan", "type", "veth", "peer", "name", "far"])
            try machine.run(["ip", "addr", "add", "10.64.9.3/16", "dev", "lan"])
            try machine.run(["ip", "link", "set", "lan", "up"])
            let routes = try machine.run(["ip", "route"])
            // What is there already is in nobody's way.
            try await reload(machine, Self.blue + Self.green)
            let told = """
                subnet subnet-92 (green): 10.64.9.0/24 overlaps the host's own route 10.64.0.0/16 src 10.64.9.3 dev lan, \
                10.64.9.0/24 overlaps the host's own address 10.64.9.3/16 on lan
                """
            let refused = try refusal(machine) ?? "nothing"
            #expect(refused.hasPrefix(told), "\(refused)")
            #expect(try subnets(machine) == ["10.64.8.0/24"])
            #expect(try machine.run(["ip", "route"]) == routes)

            try machine.endDaemon(SIGTERM)
            #expect(throws: (any Error).self) { try machine.startDaemon() }
            let log = try String(contentsOfFile: machine.logPath.string, encoding: .utf8)
            #expect(log.contains("subnet subnet-b1 (blue): 10.64.8.0/24 overlaps the host's own route 10.64.0.0/16"))
            #expect(try machine.run(["ip", "route", "show", "proto", "84"]).isEmpty)
            try machine.run(["ip", "link", "del", "lan"])
            try machine.startDaemon()
            #expect(try subnets(machine) == ["10.64.8.0/24", "10.64.9.0/24"])
        }
    }
}

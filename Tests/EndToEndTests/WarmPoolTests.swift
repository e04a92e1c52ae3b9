// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import Linux
import SystemPackage
import TestSupport
import Testing

@Suite("Namespaces that are ready before their tasks", .requiresRoot)
struct WarmPoolTests {
    private func pool(_ machine: Machine) throws -> JSON {
        try machine.ask("DescribeWarmPool", service: "TaskNetwork")
    }

    /// The host's ends that are no task's yet.
    private func readyLinks(_ machine: Machine) throws -> [JSON] {
        try machine.runJSON(["ip", "-j", "-d", "link"]).elements
            .filter { $0["ifalias"].text == "tasknet ready for any task" }
    }

    /// Waits until there are so many, in the daemon's eyes and in the kernel.
    private func wait(for count: Int, on machine: Machine) async throws {
        try await machine.wait("\(count) are ready") {
            try pool(machine)["ready"].integer == count && readyLinks(machine).count == count
        }
    }

    @Test("a task takes one, is reached, and another takes its place; the doctor says so")
    func taken() async throws {
        try await Machine.with(warmPool: "{minimum: 2, maximum: 4}") { machine in
            try await wait(for: 2, on: machine)
            let before = try readyLinks(machine).compactMap { $0["ifindex"].integer }
            let names = try readyLinks(machine).compactMap { $0["ifname"].text }
            let task = try await machine.runAndWait(DaemonRestartTests.server)
            let address = try #require(task["attachments"][0].detail("privateIPv4Address"))
            try machine.run(["busybox", "wget", "-q", "-O", "-", "http://\(address)/"])
            let end = try #require(
                try machine.runJSON(["ip", "-j", "route", "get", address]).elements.first?["dev"].text)
            let index = try machine.runJSON(["ip", "-j", "link", "show", end])[0]["ifindex"].integer
            #expect(before.contains { $0 == index }, "the link is one that was ready")
            #expect(names.contains(end), "it has the name that it had")
            #expect(try pool(machine)["taken"].integer == 1)
            try await wait(for: 2, on: machine)

            // They are nobody's leftover, and not the reconciler's business.
            _ = try machine.ask("Reconcile", service: "TaskNetwork")
            let state = try machine.ask("DescribeReconciliation", service: "TaskNetwork")
            #expect(state["repairs"].members.isEmpty && state["removals"].members.isEmpty, "\(state)")
            let doctor = try machine.tasknet(["doctor"]).output
            #expect(doctor.contains("2 of 2 namespaces are ready for tasks; since tasknetd's start 1 task took one"))
            #expect(doctor.contains("none: links, routes, namespaces, directories"), "\(doctor)")
            try await machine.stop(try #require(task["taskArn"].text))
        }
    }

    @Test("more tasks at once than are ready: each gets what was named for it, or its own")
    func rush() async throws {
        try await Machine.with(warmPool: "{minimum: 4, maximum: 4}") { machine in
            _ = try machine.ask("RegisterTaskDefinition", Machine.sleeper("rush", seconds: 600))
            for _ in 0..<4 {
                try await wait(for: 4, on: machine)
                let answer = try machine.ask(
                    "RunTask",
                    """
                    {"taskDefinition": "rush", "count": 10,
                     "networkConfiguration": {"awsvpcConfiguration": {"subnets": ["\(Machine.subnet)"]}}}
                    """)
                let arns = answer["tasks"].elements.compactMap { $0["taskArn"].text }
                #expect(arns.count == 10)
                for arn in arns { try await machine.wait(for: arn, toBe: "RUNNING") }
                for arn in arns { try await machine.stop(arn) }
            }
        }
    }

    @Test("more are kept ready once they did not suffice, up to the maximum")
    func raised() async throws {
        try await Machine.with(warmPool: "{minimum: 1, maximum: 2}") { machine in
            try await wait(for: 1, on: machine)
            let definition = """
                {"family": "sleeper", "networkMode": "awsvpc", "containerDefinitions": [
                  {"name": "main", "image": "busybox", "memory": 32, "stopTimeout": 2, "command": ["sleep", "600"]}]}
                """
            // Five at once find one.
            let name = try #require(
                try machine.ask("RegisterTaskDefinition", definition)["taskDefinition"]["taskDefinitionArn"].text)
            let answer = try machine.ask(
                "RunTask",
                """
                {"taskDefinition": "\(name)", "count": 5,
                 "networkConfiguration": {"awsvpcConfiguration": {"subnets": ["\(Machine.subnet)"]}}}
                """)
            for task in answer["tasks"].elements {
                try await machine.wait(for: try #require(task["taskArn"].text), toBe: "RUNNING")
            }
            let after = try pool(machine)
            #expect((after["taken"].integer ?? 0) + (after["missed"].integer ?? 0) == 5)
            try #require((after["missed"].integer ?? 0) > 0)
            #expect(after["target"].integer == 2)
            try await wait(for: 2, on: machine)
        }
    }

    @Test("nothing of it outlives the daemon", arguments: [SIGTERM, SIGKILL])
    func goesWithTheDaemon(signal: CInt) async throws {
        try await Machine.with(warmPool: "{minimum: 8}") { machine in
            try await wait(for: 8, on: machine)
            try machine.endDaemon(signal)
            try await machine.expectNothingLeft()
            // No process of the machine is in a namespace but the host's.
            let namespaces = try machine.run(["sh", "-c", "readlink /proc/[0-9]*/ns/net | sort -u"])
            #expect(namespaces.split(separator: "\n").count == 1)
            try machine.startDaemon()
            try await wait(for: 8, on: machine)
        }
    }

    @Test("a reload changes how many there are and how large their links")
    func reload() async throws {
        try await Machine.with(warmPool: "{minimum: 2}") { machine in
            try await wait(for: 2, on: machine)
            let path = machine.configurationPath.string
            let text = try String(contentsOfFile: path, encoding: .utf8)
            func reload(_ pool: String, _ more: String = "") throws {
                try (text.replacing("{minimum: 2}", with: pool) + more)
                    .write(toFile: path, atomically: true, encoding: .utf8)
                try machine.reloadDaemon()
            }
            try reload("{minimum: 4}")
            try await wait(for: 4, on: machine)
            try reload("{minimum: 4}", "mtu: 1400\n")
            try await wait(for: 4, on: machine)
            #expect(try readyLinks(machine).allSatisfy { $0["mtu"].integer == 1400 })
            try reload("{minimum: 1}", "mtu: 1400\n")
            try await wait(for: 1, on: machine)
            try reload("{minimum: 0}", "mtu: 1400\n")
            try await wait(for: 0, on: machine)
            let doctor = try machine.tasknet(["doctor"]).output
            #expect(doctor.contains("no namespaces are made ready ahead of tasks"), "\(doctor)")
        }
    }

    @Test("whoever switches forwarding off on all links has it on again on those that wait")
    func forwardingComesBack() async throws {
        try await Machine.with(warmPool: "{minimum: 1}") { machine in
            try await wait(for: 1, on: machine)
            let name = try #require(try readyLinks(machine).first?["ifname"].text)
            let setting = "/proc/sys/net/ipv4/ip_forward"
            try machine.run(["sh", "-c", "echo 1 >\(setting); echo 0 >\(setting)"])
            try await machine.wait("it forwards") {
                try machine.run(["cat", "/proc/sys/net/ipv4/conf/\(name)/forwarding"]) == "1\n"
            }
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import Linux
import SystemPackage
import TestSupport
import Testing

/// A reboot as far as the daemon can tell: another boot id, and nothing of the kernel's is left. What is under /run is,
/// as on hosts where that is on a disk.
@Suite("Tasks and the host's reboot", .requiresRoot)
struct RebootTests {
    static let web = """
        {"family": "web", "networkMode": "awsvpc", "containerDefinitions": [
          {"name": "web", "image": "busybox", "memory": 32, "stopTimeout": 2,
           "command": ["httpd", "-f", "-p", "80", "-h", "/www"]}]}
        """

    private func reboot(_ machine: Machine) async throws {
        try machine.endDaemon(SIGKILL)
        try machine.run(["bash", "-c", "pkill -KILL tasknet-pause; umount /run/netns/* 2>/dev/null; nft flush ruleset"])
        try await machine.wait("the links are gone") {
            try machine.runJSON(["ip", "-j", "link"]).elements.allSatisfy { $0["ifname"].text == "lo" }
        }
        try machine.run(["bash", "-c", "ip route flush proto 84; ip -4 address flush dev lo scope global"])
        let id = try machine.write("\(UUID().uuidString.lowercased())\n", to: "boot_id")
        try machine.run(["mount", "--bind", id.string, "/proc/sys/kernel/random/boot_id"])
        try machine.startDaemon()
    }

    @Test("tasks are STOPPED with the reason, at once, and nothing of them stays but what the store tells")
    func stopped() async throws {
        try await Machine.with { machine in
            let task = try await machine.runAndWait(Self.web)
            let arn = try #require(task["taskArn"].text)
            let earlier = try #require(try await machine.runAndWait(DaemonRestartTests.server)["taskArn"].text)
            try await machine.stop(earlier)
            try await reboot(machine)

            let stopped = try machine.describe(arn)
            #expect(stopped["lastStatus"].text == "STOPPED")
            #expect(stopped["stopCode"].text == "TerminationNotice")
            #expect(stopped["stoppedReason"].text == "The host was rebooted")
            #expect(stopped.container("web")["lastStatus"].text == "STOPPED")
            #expect(stopped.container("web")["exitCode"].integer == nil)
            #expect(stopped.container("web")["reason"].text?.contains("rebooted") == true)
            #expect(stopped["attachments"][0]["status"].text == "DELETED")
            #expect(try machine.describe(earlier)["stopCode"].text == "UserInitiated", "history stays")
            try await machine.expectNothingLeft()

            // Definitions are there, and the host's side is made again.
            let again = try machine.ask(
                "RunTask",
                """
                {"taskDefinition": "web", "networkConfiguration":
                  {"awsvpcConfiguration": {"subnets": ["\(Machine.subnet)"]}}}
                """)
            let next = try #require(again["tasks"][0]["taskArn"].text)
            let running = try await machine.wait(for: next, toBe: "RUNNING")
            let address = try #require(running["attachments"][0].detail("privateIPv4Address"))
            try machine.run(["busybox", "wget", "-q", "-O", "-", "http://\(address)/"])
            try await machine.stop(next)
            try await machine.expectNothingLeft()
        }
    }

    @Test("a task that is marked so comes back as a new one of the same kind")
    func comesBack() async throws {
        try await Machine.with { machine in
            let group = try machine.ask(
                "CreateSecurityGroup", #"{"GroupName": "web", "Description": "of the test"}"#, service: "TaskNetwork")
            let groupID = try #require(group["GroupId"].text)
            _ = try machine.ask("RegisterTaskDefinition", Self.web)
            let answer = try machine.ask(
                "RunTask",
                """
                {"taskDefinition": "web", "group": "service:web", "startedBy": "test",
                 "tags": [{"key": "tasknet:restart", "value": "always"}, {"key": "a", "value": "b"}],
                 "overrides": {"containerOverrides": [{"name": "web", "environment": [{"name": "X", "value": "1"}]}]},
                 "networkConfiguration": {"awsvpcConfiguration":
                   {"subnets": ["\(Machine.subnet)"], "securityGroups": ["\(groupID)"]}}}
                """)
            let first = try #require(answer["tasks"][0]["taskArn"].text)
            try await machine.wait(for: first, toBe: "RUNNING")
            // A later revision is not what comes back.
            _ = try machine.ask("RegisterTaskDefinition", Self.web)
            try await reboot(machine)

            let next = try await successor(of: first, machine)
            let running = try await machine.wait(for: next, toBe: "RUNNING")
            #expect(next != first)
            #expect(running["taskDefinitionArn"].text?.hasSuffix("web:1") == true)
            #expect(running["group"].text == "service:web")
            #expect(running["startedBy"].text == "test")
            #expect(running["overrides"]["containerOverrides"][0]["environment"][0]["value"].text == "1")
            let tagged = try machine.ask("DescribeTasks", #"{"tasks": ["\#(next)"], "include": ["TAGS"]}"#)
            let tags = tagged["tasks"][0]["tags"]
            #expect(tags.first(where: "key", is: "a")["value"].text == "b")
            #expect(running["attributes"].first(where: "name", is: "tasknet.restart-of")["value"].text == first.id)
            #expect(
                running["attributes"].first(where: "name", is: "tasknet.restart-cause")["value"].text
                    == "The host was rebooted")
            let interfaces = try machine.ask("ListNetworkInterfaces", service: "TaskNetwork")
            #expect("\(interfaces)".contains(groupID))
            // Told to stop, it does not come back.
            try await machine.stop(next)
            try await machine.expectNothingLeft()
            #expect(try machine.ask("ListTasks")["taskArns"].elements.isEmpty)
        }
    }

    @Test("one that fails comes back later and later, also over a restart of the daemon, until it is stopped")
    func backOff() async throws {
        try await Machine.with { machine in
            _ = try machine.ask(
                "RegisterTaskDefinition",
                """
                {"family": "brief", "networkMode": "awsvpc", "containerDefinitions": [
                  {"name": "main", "image": "busybox", "memory": 32, "command": ["sh", "-c", "exit 3"]}]}
                """)
            let answer = try machine.ask(
                "RunTask",
                """
                {"taskDefinition": "brief", "tags": [{"key": "tasknet:restart", "value": "always"}],
                 "networkConfiguration": {"awsvpcConfiguration": {"subnets": ["\(Machine.subnet)"]}}}
                """)
            let first = try #require(answer["tasks"][0]["taskArn"].text)
            let second = try await successor(of: first, machine)
            try machine.endDaemon(SIGKILL)
            try machine.startDaemon()
            let third = try await successor(of: second, machine)
            let stopped = try await machine.wait(for: third, toBe: "STOPPED")
            #expect(stopped["stopCode"].text == "EssentialContainerExited")
            // It has stopped already; this gives it up.
            _ = try machine.ask("StopTask", #"{"task": "\#(third)"}"#)
            try machine.endDaemon(SIGTERM)
            try machine.startDaemon()
            #expect(try machine.ask("ListTasks")["taskArns"].elements.isEmpty)
            try await machine.expectNothingLeft()
        }
    }

    @Test("other marks are refused, with what may stand there")
    func marks() async throws {
        try await Machine.with { machine in
            _ = try machine.ask("RegisterTaskDefinition", Self.web)
            let refused = try machine.call(
                "RunTask",
                """
                {"taskDefinition": "web", "tags": [{"key": "tasknet:restart", "value": "sometimes"}],
                 "networkConfiguration": {"awsvpcConfiguration": {"subnets": ["\(Machine.subnet)"]}}}
                """)
            #expect(refused.errorType == "InvalidParameterException")
            #expect(refused.message.contains("must be 'always' or 'no'"), "\(refused.message)")
        }
    }

    /// The task that runs in the place of one that has ended.
    private func successor(of task: String, _ machine: Machine) async throws -> String {
        let id = task.split(separator: "/").last.map(String.init) ?? task
        var found: String?
        try await machine.wait("a task runs in the place of \(id)") {
            for status in ["RUNNING", "STOPPED"] {
                let arns = try machine.ask("ListTasks", #"{"desiredStatus": "\#(status)"}"#)["taskArns"].elements
                for arn in arns.compactMap(\.text) {
                    let attributes = try machine.describe(arn)["attributes"]
                    if attributes.first(where: "name", is: "tasknet.restart-of")["value"].text == id { found = arn }
                }
            }
            return found != nil
        }
        return try #require(found)
    }
}

extension String {
    /// The last part of an ARN: a task's id.
    fileprivate var id: String { split(separator: "/").last.map(String.init) ?? self }
}

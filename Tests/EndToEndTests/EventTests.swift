// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import Linux
import SystemPackage
import TestSupport
import Testing

/// `tasknet events`, beside tasks and daemons that come and go.
@Suite("End to end: events", .requiresRoot)
struct EventTests {
    private static let definition = """
        {"family": "web", "networkMode": "awsvpc", "containerDefinitions": [
            {"name": "app", "image": "busybox", "memory": 64, "command": ["sh", "-c", "exec sleep 100000"]}]}
        """

    /// Each event of an output with one on a line.
    private func events(_ text: String) throws -> [JSON] {
        // What stands behind the last line end is not whole yet.
        let whole = text.prefix(upTo: text.lastIndex(of: "\n") ?? text.startIndex)
        return try whole.split(separator: "\n").map { try JSON(parsing: String($0)) }
    }

    private func changes(_ events: [JSON], _ kind: String) -> [String] {
        events.filter { $0["kind"].text == kind }.map { $0["toStatus"].text ?? "-" }
    }

    @Test("A task's life is told from its beginning to its end, with the reason")
    func life() async throws {
        try await Machine.with { machine in
            let file = try machine.write(Self.definition, to: "web.json")
            let id = try machine.run(
                [BuiltProduct.path("tasknet").string, "run", file.string, "--wait", "-q", "--subnet", Machine.subnet]
            ).trimmingCharacters(in: .whitespacesAndNewlines)
            _ = try machine.tasknet(["stop", id, "--wait", "--reason", "it is late"])
            let told = try events(machine.tasknet(["events", "--task", id, "--json"]).output)
            #expect(
                changes(told, "TASK") == [
                    "PROVISIONING", "PENDING", "RUNNING", "STOPPING", "DEPROVISIONING", "STOPPED",
                ])
            #expect(changes(told, "CONTAINER") == ["RUNNING", "STOPPED"])
            #expect(changes(told, "ATTACHMENT").contains("ATTACHED"))
            #expect(told.last?["cause"].text == "UserInitiated: it is late")
            let table = try machine.tasknet(["events", "--kind", "task", "-n", "1"]).output
            #expect(table.hasPrefix("TIME"))
            #expect(table.contains("DEPROVISIONING -> STOPPED  UserInitiated: it is late"))
            #expect(try machine.tasknet(["events", "--since", "1h", "--kind", "host"]).output.contains("STARTED"))
            #expect(try machine.tasknet(["events", "--kind", "weather"]).status == .exited(64))
        }
    }

    @Test("Who follows misses nothing when the daemon is killed and another comes")
    func following() async throws {
        try await Machine.with { machine in
            let file = try machine.write(Self.definition, to: "web.json")
            let output = machine.host.directory.appending("followed")
            let follower = try machine.run([
                "sh", "-c",
                "'\(BuiltProduct.path("tasknet"))' events -f --json --since 1h </dev/null >'\(output)' 2>/dev/null & echo $!",
            ]).trimmingCharacters(in: .whitespacesAndNewlines)
            func told() throws -> [JSON] {
                let text = try String(contentsOfFile: output.string, encoding: .utf8)
                return try events(text)
            }
            try machine.run([
                BuiltProduct.path("tasknet").string, "run", file.string, "--wait", "-q", "--subnet", Machine.subnet,
            ])
            try await machine.wait("the start is told") { try changes(told(), "TASK").contains("RUNNING") }
            try machine.endDaemon(SIGKILL)
            try machine.startDaemon()
            let id = try machine.tasknet(["ps", "-q"]).output.trimmingCharacters(in: .whitespacesAndNewlines)
            _ = try machine.tasknet(["stop", id, "--wait"])
            try await machine.wait("the end is told") { try changes(told(), "TASK").last == "STOPPED" }
            let sequences = try told().compactMap { $0["sequence"].integer }
            #expect(sequences == Array(1...sequences.count))
            #expect(try told().contains { $0["cause"].text?.contains("did not end in order") == true })
            try machine.run(["kill", follower])
        }
    }
}

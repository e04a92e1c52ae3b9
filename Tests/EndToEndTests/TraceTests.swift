// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import Linux
import TestSupport
import Testing

/// `tasknet trace`, of tasks and of other runtimes' sandboxes.
@Suite("End to end: traces", .requiresRoot)
struct TraceTests {
    private static let definition = """
        {"family": "web", "networkMode": "awsvpc", "containerDefinitions": [
            {"name": "app", "image": "busybox", "memory": 64, "command": ["sh", "-c", "exec sleep 100000"],
             "stopTimeout": 2}]}
        """

    /// The names of a path's steps at one depth.
    private func names(_ trace: JSON, _ path: String, depth: Int = 0) -> [String] {
        trace["steps"].elements.filter { $0["path"].text == path && $0["depth"].integer == depth }
            .compactMap { $0["name"].text }
    }

    private func expectConsistent(_ trace: JSON, sourceLocation: SourceLocation = #_sourceLocation) {
        let steps = trace["steps"].elements
        for step in steps {
            let offset = step["offsetMicroseconds"].integer ?? -1
            let duration = step["durationMicroseconds"].integer ?? -1
            let path = trace["paths"].elements.first { $0["name"].text == step["path"].text }
            let total = path?["totalMicroseconds"].integer ?? 0
            #expect(offset >= 0 && duration >= 0, "\(step)", sourceLocation: sourceLocation)
            #expect(offset <= total, "\(step) of \(total)", sourceLocation: sourceLocation)
            guard let parent = step["parent"].integer.map({ steps[$0] }) else { continue }
            #expect(
                (parent["offsetMicroseconds"].integer ?? 0) <= offset, "\(step) in \(parent)",
                sourceLocation: sourceLocation)
        }
    }

    @Test("A task's way to RUNNING and its way to STOPPED")
    func task() async throws {
        try await Machine.with { machine in
            let task = try await machine.runAndWait(Self.definition)["taskArn"].id
            let started = try await machine.trace(task)
            #expect(started["paths"].elements.map { $0["name"].text } == ["start"])
            let top = names(started, "start")
            for name in ["request", "network", "pause", "container"] {
                #expect(top.filter { $0 == name }.count == 1, "\(name): \(top)")
            }
            let inner = names(started, "start", depth: 1)
            for name in ["decode", "check", "lease", "plan", "turn", "intent", "firewall", "kernel", "outcome"] {
                #expect(inner.contains(name), "\(name): \(inner)")
            }
            let details = started["steps"].elements.compactMap { $0["detail"].text }
            #expect(details.contains("app"))
            #expect(details.contains { $0.hasPrefix("veth pair eth0 and tn-") }, "\(details)")
            expectConsistent(started)

            try await machine.stop(task)
            let stopped = try await machine.trace(String(task.prefix(8)))
            #expect(stopped["paths"].elements.map { $0["name"].text } == ["start", "stop"])
            #expect(names(stopped, "start") == top)
            let end = names(stopped, "stop")
            for name in ["request", "containers.end", "pause.end", "network.release"] {
                #expect(end.filter { $0 == name }.count == 1, "\(name): \(end)")
            }
            #expect(names(stopped, "stop", depth: 2).contains("namespace"))
            #expect(stopped["totalMicroseconds"].integer ?? 0 > 0)
            expectConsistent(stopped)

            let shown = try machine.tasknet(["trace", task])
            #expect(shown.succeeded && shown.errors.isEmpty, "\(shown)")
            #expect(shown.output.contains("STEP") && shown.output.contains("network.release"))
            #expect(shown.output.contains("most: "))
        }
    }

    @Test("Of what an earlier daemon did, it is said that nothing is known")
    func restart() async throws {
        try await Machine.with { machine in
            let task = try await machine.runAndWait(Self.definition)["taskArn"].id
            try machine.endDaemon(SIGKILL)
            try machine.startDaemon()
            let running = try machine.tasknet(["trace", task])
            #expect(running.succeeded && running.output.isEmpty)
            #expect(running.errors.contains("the steps of the start are not known"), "\(running.errors)")
            try await machine.stop(task)
            let stopped = try await machine.trace(task)
            #expect(stopped["paths"].elements.map { $0["name"].text } == ["stop"])
            #expect(names(stopped, "stop").contains("network.release"))
            #expect(stopped["notes"].elements.count == 1)
        }
    }

    @Test("A CNI sandbox's ENI, from ADD to DEL, and what is nobody's")
    func sandbox() async throws {
        try await Machine.with { machine in
            func plugin(_ command: String) throws {
                let script = """
                    mkdir -p /run/bin && ln -sf \(try BuiltProduct.path("tasknet-cni")) /run/bin/tasknet
                    CNI_COMMAND=\(command) CNI_CONTAINERID=box CNI_NETNS=/run/netns/box CNI_IFNAME=eth0 \\
                    CNI_PATH=/run/bin /run/bin/tasknet <<END
                    {"cniVersion": "1.1.0", "name": "vpc", "type": "tasknet", "prevResult": {"dns": {}}}
                    END
                    """
                try machine.run(["bash", "-c", script])
            }
            try machine.run(["ip", "netns", "add", "box"])
            try plugin("ADD")
            let eni = try #require(
                try machine.tasknetJSON(["eni", "list"])["networkInterfaces"][0]["networkInterfaceId"].text)
            let added = try await machine.trace(eni)
            #expect(added["networkInterfaceId"].text == eni)
            #expect(names(added, "start").contains("network"))
            #expect(names(added, "start", depth: 2).contains("host.veth"))
            expectConsistent(added)
            try plugin("DEL")
            let deleted = try await machine.trace(eni)
            #expect(deleted["paths"].elements.map { $0["name"].text } == ["start", "stop"])
            #expect(names(deleted, "stop").contains("network.release"))
            expectConsistent(deleted)
            try machine.run(["ip", "netns", "delete", "box"])

            let unknown = try machine.tasknet(["trace", "eni-00000000000000000"])
            #expect(!unknown.succeeded && unknown.errors.contains("does not exist"))
            let nobody = String(repeating: "0", count: 32)
            #expect(try machine.tasknet(["trace", nobody]).errors.contains("The referenced task was not found."))
            #expect(try machine.tasknet(["trace", "0"]).status == .exited(2))
        }
    }
}

extension Machine {
    /// What `tasknet trace` has of something, once all that it knows of is over: a status is told a moment before.
    fileprivate func trace(_ name: String) async throws -> JSON {
        var trace = JSON.null
        try await wait("nothing goes on") {
            trace = try tasknetJSON(["trace", name])
            return trace["paths"].elements.allSatisfy { $0["totalMicroseconds"].integer != nil }
                && trace["steps"].elements.allSatisfy { $0["durationMicroseconds"].integer != nil }
        }
        return trace
    }
}

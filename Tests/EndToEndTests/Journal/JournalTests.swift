// SPDX-License-Identifier: Apache-2.0
import Glibc
import Linux
import SystemPackage
import TestSupport
import Testing

/// A daemon dies at one boundary of a change, and the next one finishes the change or undoes it.
@Suite("Journal: a daemon that dies in the middle", .requiresRoot)
struct JournalTests {
    /// All that the built daemon has, but for the steps of plans, which have their own tests.
    private static let points: [String] = {
        let output = try? attempt([BuiltProduct.path("tasknetd").string, "--fault-points"])
        let names = output?.output.split(separator: "\n").map(String.init) ?? []
        return names.filter { $0.contains(".") && !$0.hasPrefix("removal.") }
    }()

    @Test("each boundary of each change: it is whole or gone, whoever looks", arguments: points)
    func boundary(_ point: String) async throws {
        let change = String(point.prefix { $0 != "." })
        let crash = try #require(Crash.all[point] ?? Crash.all[change], "nothing leads to \(point)")
        try await Machine.with { machine in
            try await crash.before(machine)
            try machine.endDaemon(SIGKILL)
            try await machine.die(at: point, by: crash.act)
            try machine.startDaemon()
            try await machine.expectAgreement()
            try await crash.after(machine)
            try await machine.expectAgreement()
            try await machine.tidy()
        }
    }

    @Test("there are boundaries to die at")
    func pointsAreThere() { #expect(Self.points.count > 30) }

    @Test("each step of a plan that is made: the host's, then the task's")
    func applySteps() async throws {
        try await Machine.with { machine in
            try machine.endDaemon(SIGTERM)
            var step = 1
            while try await machine.isDeath(at: "apply-step:\(step)", by: Crash.run, until: { $0.contains("RUNNING") })
            {
                try machine.startDaemon()
                try await machine.expectAgreement()
                try await machine.tidy()
                try machine.endDaemon(SIGTERM)
                step += 1
            }
            // What the host's side has, the namespace, the links, their settings, addresses, routes and files.
            #expect(step > 20)
            try await machine.tidy()
        }
    }

    @Test("each step of a plan that is undone, with a device in the task")
    func undoSteps() async throws {
        try await Machine.with { machine in
            try await Crash.attached(machine)
            try machine.endDaemon(SIGKILL)
            var step = 1
            while try await machine.isDeath(
                at: "undo-step:\(step)", by: Crash.stop, until: { $0.allSatisfy { $0 == "STOPPED" } })
            {
                try machine.startDaemon()
                try await machine.expectTask("STOPPED")
                try await machine.expectAgreement()
                try machine.run(["ip", "link", "show", "nic7"])
                try await machine.tidy()
                try await Crash.attached(machine)
                try machine.endDaemon(SIGKILL)
                step += 1
            }
            #expect(step > 5)
            try await machine.tidy()
        }
    }
}

extension Machine {
    /// Has a daemon die at a point: at its start, or by what is asked of it.
    fileprivate func die(at point: String, by act: (@Sendable (Machine) async throws -> Void)?) async throws {
        do {
            try startDaemon(dyingAt: point)
        } catch Errno.noSuchProcess {
            // At its start.
        }
        if let act { try await act(self) }
        #expect(try await daemonEnd() == .signaled(SIGKILL), "\(point) was not come by")
    }

    /// Whether a daemon dies at a point before the act has come to its end.
    fileprivate func isDeath(
        at point: String, by act: @Sendable (Machine) async throws -> Void, until isOver: ([String]) -> Bool
    ) async throws -> Bool {
        do {
            try startDaemon(dyingAt: point)
        } catch Errno.noSuchProcess {
            _ = try await daemonEnd()
            return true
        }
        try await act(self)
        while try await daemonEnd(within: 0.05) == nil {
            // It has come by all of them, and lives.
            if let statuses = try statusesIfAlive(), isOver(statuses) { return false }
        }
        return true
    }

    /// Of all tasks.
    private func statusesIfAlive() throws -> [String]? {
        var arns: [String] = []
        for status in ["RUNNING", "STOPPED"] {
            guard let list = try callIfAlive("ListTasks", #"{"desiredStatus": "\#(status)"}"#) else { return nil }
            arns += list.body["taskArns"].texts
        }
        let input = #"{"tasks": ["\#(arns.joined(separator: #"", ""#))"]}"#
        return try callIfAlive("DescribeTasks", input)?.body["tasks"].elements.compactMap { $0["lastStatus"].text }
    }
}

// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import Linux
import TestSupport
import Testing

@Suite("Fault: the control socket is removed", .requiresRoot)
struct ControlSocketFaultTests {
    private static let path = "/run/tasknet/tasknet.sock"

    @Test(
        "the daemon listens there again, for the same users", .timeLimit(.minutes(3)),
        arguments: [["rm", path], ["mv", path, "/run/elsewhere"], ["mv", "/run/tasknet", "/run/old"]])
    func removed(by command: [String]) async throws {
        try await Machine.with { machine in
            let before = try machine.run(["stat", "-c", "%a %u %g %F", Self.path])
            try machine.run(command)
            try await machine.waitForLog("the control socket was removed by somebody, and is made again")
            #expect(try machine.run(["stat", "-c", "%a %u %g %F", Self.path]) == before)
            #expect(try machine.call("ListTasks").status == 200)
            // Again, and the daemon takes the last one along.
            try machine.run(["rm", Self.path])
            try await machine.wait("it is there again") { try machine.attempt(["test", "-S", Self.path]).succeeded }
            #expect(try machine.call("ListTasks").status == 200)
            #expect(try machine.endDaemon(SIGTERM) == .exited(0))
            #expect(try !machine.attempt(["test", "-e", Self.path]).succeeded)
        }
    }

    @Test("a request under way is answered all the same")
    func underWay() async throws {
        try await Machine.with { machine in
            let connection = try machine.connect()
            try connection.send("ListTasks", holdingBack: 1)
            try machine.run(["rm", Self.path])
            try await machine.waitForLog("the control socket was removed")
            #expect(try machine.call("ListTasks").status == 200)
            try connection.finish()
            #expect(try connection.readStatus() == 200)
        }
    }

    @Test("what is in the way is left alone and told once; when it goes the socket comes")
    func inTheWay() async throws {
        try await Machine.with { machine in
            try machine.run(["bash", "-c", "echo mine >/run/mine && mv /run/mine \(Self.path)"])
            try await machine.waitForLog("something that is no socket is in the way")
            #expect(try machine.run(["cat", Self.path]) == "mine\n")
            try machine.run(["rm", Self.path])
            try await machine.waitForLog("is made again")
            #expect(try machine.call("ListTasks").status == 200)
            #expect(try machine.daemonLog().split(separator: "cannot be made again").count == 2)
        }
    }

    @Test("the same where systemd made the socket: one of the daemon's own takes its place")
    func inherited() async throws {
        try await Machine.with { machine in
            try machine.endDaemon(SIGTERM)
            // systemd's own program starts the daemon at the first connection.
            let script = """
                (until [ -S \(Self.path) ]; do sleep 0.05; done; chmod 620 \(Self.path)
                 exec curl --silent --unix-socket \(Self.path) http://localhost/ >/dev/null) &
                exec systemd-socket-activate -E NOTIFY_SOCKET --fdname=control --listen=\(Self.path) "$@"
                """
            try machine.startDaemon(through: ["bash", "-c", script, "bash"])
            #expect(try machine.call("ListTasks").status == 200)
            try machine.run(["rm", Self.path])
            try await machine.waitForLog("systemd's control socket was removed by somebody")
            #expect(try machine.run(["stat", "-c", "%a", Self.path]) == "620\n")
            #expect(try machine.call("ListTasks").status == 200)
            try machine.endDaemon(SIGTERM)
            #expect(try !machine.attempt(["test", "-e", Self.path]).succeeded)
        }
    }
}

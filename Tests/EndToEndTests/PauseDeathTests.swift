// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import Linux
import SystemPackage
import TestSupport
import Testing

@Suite("Tasks and their pause processes' end", .requiresRoot)
struct PauseDeathTests {
    @Test("a task that had not started an essential container goes on in the same namespace")
    func goesOn() async throws {
        try await Machine.with { machine in
            let arn = try machine.runTask(
                """
                {"family": "late", "networkMode": "awsvpc", "volumes": [{"name": "www"}], "containerDefinitions": [
                  {"name": "main", "image": "busybox", "memory": 32, "stopTimeout": 2,
                   "command": ["httpd", "-f", "-p", "80", "-h", "/www"],
                   "mountPoints": [{"sourceVolume": "www", "containerPath": "/www"}],
                   "dependsOn": [{"containerName": "side", "condition": "HEALTHY"}]},
                  {"name": "side", "image": "busybox", "memory": 32, "essential": false, "stopTimeout": 2,
                   "command": ["sh", "-c", "while [ ! -e /www/end ]; do usleep 20000; done; exit 5"],
                   "healthCheck": {"command": ["CMD-SHELL", "test -e /www/never"], "interval": 5},
                   "mountPoints": [{"sourceVolume": "www", "containerPath": "/www"}]}]}
                """)
            try await machine.wait("the side container runs") {
                try machine.describe(arn).container("side")["lastStatus"].text == "RUNNING"
            }
            try machine.run(["pkill", "-KILL", "-o", "tasknet-pause"])
            try await machine.wait("the side container has ended with it") {
                try machine.describe(arn).container("side")["lastStatus"].text == "STOPPED"
            }
            // What its essential container waited for cannot come any more: that is the container's end, not the pause's.
            let stopped = try await machine.wait(for: arn, toBe: "STOPPED")
            #expect(stopped["stopCode"].text == "TaskFailedToStart")
            #expect(stopped["stoppedReason"].text?.contains("ended before it was healthy") == true)
            let log = try String(contentsOfFile: machine.logPath.string, encoding: .utf8)
            #expect(log.contains("another one is started in its place"))
            try await machine.expectNothingLeft()
        }
    }

    private func pausePID(_ machine: Machine) throws -> String {
        try machine.attempt(["pgrep", "-o", "tasknet-pause"]).output
    }

    @Test("containers that are all killed from outside end their task")
    func containersKilled() async throws {
        try await Machine.with { machine in
            let arn = try #require(try await machine.runAndWait(DaemonRestartTests.server)["taskArn"].text)
            try machine.run(["pkill", "-KILL", "httpd|busybox"])
            let stopped = try await machine.wait(for: arn, toBe: "STOPPED")
            #expect(stopped["stopCode"].text == "EssentialContainerExited")
            #expect(stopped.container("web")["exitCode"].integer == 137)
            try await machine.expectNothingLeft()
        }
    }

    @Test("exit codes of several containers that ended while no daemon ran, the essential one's too, are known")
    func severalExitCodes() async throws {
        try await Machine.with { machine in
            let task = try await machine.runAndWait(
                """
                {"family": "several", "networkMode": "awsvpc", "volumes": [{"name": "v"}], "containerDefinitions": [
                  {"name": "main", "image": "busybox", "memory": 32,
                   "command": ["sh", "-c", "while [ ! -e /v/end ]; do usleep 20000; done; exit 7"],
                   "mountPoints": [{"sourceVolume": "v", "containerPath": "/v"}]},
                  {"name": "one", "image": "busybox", "memory": 32, "essential": false,
                   "command": ["sh", "-c", "while [ ! -e /v/end ]; do usleep 20000; done; exit 5"],
                   "mountPoints": [{"sourceVolume": "v", "containerPath": "/v"}]},
                  {"name": "two", "image": "busybox", "memory": 32, "essential": false,
                   "command": ["sh", "-c", "while [ ! -e /v/end ]; do usleep 20000; done; kill -9 $$"],
                   "mountPoints": [{"sourceVolume": "v", "containerPath": "/v"}]}]}
                """)
            let arn = try #require(task["taskArn"].text)
            try machine.endDaemon(SIGKILL)
            // As many clients as a pause process takes, none of which says anything.
            let socket = "/run/tasknet/tasks/\(task["taskArn"].id)/pause.sock"
            let busy = try machine.attempt([
                "bash", "-c",
                "for i in $(seq 8); do socat -u UNIX-CONNECT:\(socket),type=5 /dev/null >/dev/null 2>&1 & done; sleep 0.1",
            ])
            #expect(busy.succeeded, "\(busy.errors)")
            let end = machine.stateDirectory.appending("tasks/\(task["taskArn"].id)/volumes/v/end")
            try machine.run(["touch", end.string])
            try await machine.wait("the containers have ended") {
                try machine.attempt(["pgrep", "-f", "while .*end"]).output.isEmpty
            }
            try machine.startDaemon()
            let stopped = try await machine.wait(for: arn, toBe: "STOPPED")
            #expect(stopped["stopCode"].text == "EssentialContainerExited")
            #expect(stopped.container("main")["exitCode"].integer == 7)
            #expect(stopped.container("one")["exitCode"].integer == 5)
            #expect(stopped.container("two")["exitCode"].integer == 137)
            try await machine.expectNothingLeft()
        }
    }

    @Test("a process that has the recorded number by chance is not taken for the pause process, nor ended")
    func reusedNumber() async throws {
        try await Machine.with { machine in
            let arn = try #require(try await machine.runAndWait(DaemonRestartTests.server)["taskArn"].text)
            let number = try #require(Int(pausePID(machine).split(separator: "\n").first ?? ""))
            try machine.endDaemon(SIGKILL)
            try machine.run(["kill", "-KILL", "\(number)"])
            try await machine.wait("its number is free") {
                try !machine.attempt(["test", "-e", "/proc/\(number)"]).succeeded
            }
            try await machine.wait("somebody else has its number") {
                // Whatever is forked meanwhile takes the number away again.
                try machine.attempt([
                    "bash", "-c",
                    "echo \(number - 1) > /proc/sys/kernel/ns_last_pid; sleep 1000 >/dev/null 2>&1 & [ $! = \(number) ] || { kill $!; exit 1; }",
                ]).status == .exited(0)
            }
            try machine.startDaemon()
            let stopped = try await machine.wait(for: arn, toBe: "STOPPED")
            #expect(stopped["stoppedReason"].text?.contains("pause process") == true)
            #expect(try machine.run(["cat", "/proc/\(number)/comm"]) == "sleep\n", "it lives")
            try machine.run(["kill", "-KILL", "\(number)"])
            try await machine.expectNothingLeft()
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import Linux
import SystemPackage
import TestSupport
import Testing

@Suite("Tasks and the daemon's end", .requiresRoot)
struct DaemonRestartTests {
    static let server = """
        {"family": "server", "networkMode": "awsvpc", "containerDefinitions": [
          {"name": "web", "image": "busybox", "memory": 32, "stopTimeout": 2,
           "command": ["httpd", "-f", "-p", "80", "-h", "/www"]},
          {"name": "side", "image": "busybox", "memory": 32, "essential": false, "stopTimeout": 2,
           "command": ["sh", "-c", "while [ ! -e /www/end ]; do usleep 20000; done; exit 5"],
           "mountPoints": [{"sourceVolume": "www", "containerPath": "/www"}]}],
         "volumes": [{"name": "www"}]}
        """

    @Test("SIGTERM and SIGKILL of the daemon leave tasks running and reachable", arguments: [SIGTERM, SIGKILL])
    func survives(signal: CInt) async throws {
        try await Machine.with { machine in
            let task = try await machine.runAndWait(Self.server)
            let arn = try #require(task["taskArn"].text)
            let address = try #require(task["attachments"][0].detail("privateIPv4Address"))
            let pids = try machine.run(["pgrep", "busybox|httpd"])

            try machine.endDaemon(signal)
            let page = ["busybox", "wget", "-q", "-O", "-", "http://\(address)/"]
            #expect(try machine.run(page) == "hello from busybox\n", "without a daemon")
            try machine.startDaemon()

            #expect(try machine.run(["pgrep", "busybox|httpd"]) == pids, "the same processes")
            let after = try await machine.wait(for: arn, toBe: "RUNNING")
            #expect(after["startedAt"] == task["startedAt"])
            #expect(after.container("web")["lastStatus"].text == "RUNNING")
            #expect(try machine.run(page) == "hello from busybox\n")
            try await machine.stop(arn)
            try await machine.expectNothingLeft()
        }
    }

    @Test("the exit code of a container that ended without a daemon is known")
    func exitCodeKept() async throws {
        try await Machine.with { machine in
            let task = try await machine.runAndWait(Self.server)
            let arn = try #require(task["taskArn"].text)
            try machine.endDaemon(SIGKILL)
            let volume = machine.stateDirectory.appending("tasks/\(task["taskArn"].id)/volumes/www/end")
            try machine.run(["touch", volume.string])
            try await machine.wait("the container has ended") {
                try machine.attempt(["pgrep", "-f", "while .*end"]).output.isEmpty
            }
            try machine.startDaemon()
            try await machine.wait("the exit code is told") {
                try machine.describe(arn).container("side")["exitCode"].integer == 5
            }
            try await machine.stop(arn)
            try await machine.expectNothingLeft()
        }
    }

    @Test("a task that was being stopped when the daemon died is stopped by the next one")
    func stopGoesOn() async throws {
        try await Machine.with { machine in
            let task = try await machine.runAndWait(
                """
                {"family": "slow", "networkMode": "awsvpc", "containerDefinitions": [
                  {"name": "main", "image": "busybox", "memory": 32, "stopTimeout": 3,
                   "command": ["sh", "-c", "trap '' TERM; echo ready; while :; do sleep 1; done"]}]}
                """)
            let arn = try #require(task["taskArn"].text)
            try await machine.wait("the trap is set") { try machine.log(of: "main", task: arn) == ["ready\n"] }
            // What it answered holds from then on.
            _ = try machine.ask("StopTask", #"{"task": "\#(arn)"}"#)
            try machine.endDaemon(SIGKILL)
            try machine.startDaemon()
            let stopped = try await machine.wait(for: arn, toBe: "STOPPED")
            #expect(stopped["stopCode"].text == "UserInitiated")
            try await machine.expectNothingLeft()
        }
    }

    @Test("a daemon that was started with --stop-tasks ends them when it ends")
    func stopTasks() async throws {
        try await Machine.with { machine in
            try machine.endDaemon(SIGTERM)
            try machine.startDaemon(["--stop-tasks"])
            _ = try await machine.runAndWait(Self.server)
            try machine.endDaemon(SIGTERM)
            try await machine.expectNothingLeft()
        }
    }

    @Test("the host's side of the subnets stays for tasks, and goes with a daemon that has none")
    func hostSide() async throws {
        try await Machine.with { machine in
            func hostSide() throws -> [String] {
                let addresses = try machine.runJSON(["ip", "-j", "-4", "address", "show", "dev", "lo"])
                let routes = try machine.runJSON(["ip", "-j", "route", "show", "proto", "84"])
                return addresses[0]["addr_info"].elements.compactMap { $0["local"].text }
                    + routes.elements.compactMap { $0["dst"].text }
            }
            let whole = ["127.0.0.1", "10.64.1.1", "10.64.1.0/24"]
            #expect(try hostSide() == whole)
            let arn = try #require(try await machine.runAndWait(Self.server)["taskArn"].text)
            try machine.endDaemon(SIGTERM)
            #expect(try hostSide().starts(with: whole.prefix(2)))
            try machine.startDaemon()
            try await machine.stop(arn)

            // Another subnet, told to another daemon: what the one before made goes.
            try machine.endDaemon(SIGKILL)
            let text = try String(contentsOfFile: machine.configurationPath.string, encoding: .utf8)
            let subnet = "subnets: [{id: \(Machine.subnet), name: default, cidrBlock: 10.64.2.0/24}]\n"
            _ = try machine.write(text + subnet, to: "tasknet.yaml")
            try machine.startDaemon()
            #expect(try hostSide() == ["127.0.0.1", "10.64.2.1", "10.64.2.0/24"])
            try machine.endDaemon(SIGTERM)
            #expect(try hostSide() == ["127.0.0.1"])
        }
    }

    @Test("a pause process that is killed takes its task down, and nothing else stays")
    func pauseKilled() async throws {
        try await Machine.with { machine in
            let task = try await machine.runAndWait(Self.server)
            let arn = try #require(task["taskArn"].text)
            try machine.run(["pkill", "-KILL", "-o", "tasknet-pause"])
            let stopped = try await machine.wait(for: arn, toBe: "STOPPED")
            #expect(stopped["stoppedReason"].text?.contains("pause process") == true)
            try await machine.expectNothingLeft()
        }
    }

    @Test("a second daemon on the same state directory, or on the same socket, says so and ends")
    func secondDaemon() async throws {
        try await Machine.with { machine in
            let daemon = try BuiltProduct.path("tasknetd").string
            let same = try machine.attempt([daemon, "--config", machine.configurationPath.string])
            #expect(same.status == .exited(75))
            #expect(same.errors.contains("in use by the tasknetd with pid"), "\(same.errors)")
            let elsewhere = try machine.attempt([
                daemon, "--config", machine.configurationPath.string, "--runtime-directory", "/run/elsewhere",
                "--control-socket", "/run/elsewhere/control.sock",
            ])
            #expect(elsewhere.status == .exited(75))
            #expect(elsewhere.errors.contains("in use by the tasknetd with pid"), "\(elsewhere.errors)")
            #expect(try machine.attempt(["ls", "/run/elsewhere"]).status != .exited(0), "it made a directory")
            let other = machine.host.directory.appending("other").string
            let socket = try machine.attempt(
                [daemon, "--config", machine.configurationPath.string, "--state-directory", other])
            #expect(socket.status == .exited(75))
            #expect(socket.errors.contains("/run/tasknet/tasknet.sock"), "\(socket.errors)")
            #expect(access(other, F_OK) != 0, "it made a state directory")
            #expect(try machine.call("ListTasks").status == 200, "the first one serves on")
        }
    }

    @Test("of two daemons that are started at the same moment one says so and ends, and the other serves")
    func twoAtOnce() async throws {
        try await Machine.with { machine in
            try machine.endDaemon(SIGTERM)
            let script = """
                "$0" --config "$1" 2>"$1.first" & first=$!
                "$0" --config "$1" 2>"$1.second" & second=$!
                wait -n -p ended; status=$?
                [ "$ended" = "$first" ] && other=$second log=$1.first || { other=$first; log=$1.second; }
                grep -c 'in use by' "$log"
                echo "$status"
                until "$2" ps >/dev/null 2>&1; do sleep 0.02; done
                kill "$other"; wait "$other"; echo "$?"
                """
            for _ in 0..<5 {
                let output = try machine.run([
                    "bash", "-c", script, try BuiltProduct.path("tasknetd").string, machine.configurationPath.string,
                    try BuiltProduct.path("tasknet").string,
                ])
                #expect(output == "1\n75\n0\n")
            }
            try machine.startDaemon()
            #expect(try machine.call("ListTasks").status == 200)
        }
    }

    @Test("SIGHUP brings a new subnet and image to the running daemon, a faulty file changes nothing")
    func reload() async throws {
        try await Machine.with { machine in
            let task = try await machine.runAndWait(Self.server)
            let good = try String(contentsOfFile: machine.configurationPath.string, encoding: .utf8)
            let subnets = """
                subnets:
                  - {id: \(Machine.subnet), name: default, cidrBlock: 10.64.1.0/24}
                  - {id: subnet-0123456789abcdef0, name: second, cidrBlock: 10.64.2.0/24}

                """
            _ = try machine.write(good + subnets, to: "tasknet.yaml")
            try machine.signalDaemon(SIGHUP)
            try await machine.wait("the subnet is there") {
                try machine.ask("ListSubnets", service: "TaskNetwork")["subnets"].elements.count == 2
            }
            let second = try await machine.runAndWait(Self.server, subnet: "subnet-0123456789abcdef0")
            let address = try #require(second["attachments"][0].detail("privateIPv4Address"))
            #expect(address.hasPrefix("10.64.2."))
            #expect(
                try machine.run(["busybox", "wget", "-q", "-O", "-", "http://\(address)/"]) == "hello from busybox\n")

            _ = try machine.write(good + "subnets: nonsense\n", to: "tasknet.yaml")
            try machine.signalDaemon(SIGHUP)
            try await machine.wait("the fault is logged") {
                try String(contentsOfFile: machine.logPath.string, encoding: .utf8).contains("not reloaded")
            }
            #expect(try machine.ask("ListSubnets", service: "TaskNetwork")["subnets"].elements.count == 2)

            // A reload that takes away a task's subnet is refused. One that the next daemon does not find in its
            // configuration stays for the task that is in it, and goes with that.
            func hostRoutes() throws -> [String] {
                try machine.runJSON(["ip", "-j", "route", "show", "proto", "84", "type", "unreachable"])
                    .elements.compactMap { $0["dst"].text }
            }
            let first = try #require(task["attachments"][0].detail("privateIPv4Address"))
            let without = subnets.split(separator: "\n").filter { !$0.contains("10.64.1.0") }.joined(separator: "\n")
            _ = try machine.write(good + without + "\n", to: "tasknet.yaml")
            try machine.reloadDaemon()
            #expect(try machine.ask("ListSubnets", service: "TaskNetwork")["subnets"].elements.count == 2)
            try machine.endDaemon(SIGTERM)
            try machine.startDaemon()
            #expect(try machine.ask("ListSubnets", service: "TaskNetwork")["subnets"].elements.count == 1)
            #expect(
                try machine.run(["busybox", "wget", "-q", "-O", "-", "http://\(first)/"]) == "hello from busybox\n")
            #expect(try Set(hostRoutes()) == ["10.64.1.0/24", "10.64.2.0/24"])
            try await machine.stop(try #require(task["taskArn"].text))
            #expect(try hostRoutes() == ["10.64.2.0/24"])
            try await machine.stop(try #require(second["taskArn"].text))
            try await machine.expectNothingLeft()
        }
    }
}

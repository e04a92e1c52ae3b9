// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Testing

@testable import tasknet

@Suite("Command lines")
struct ArgumentTests {
    private func parse<Command: ParsableCommand>(_ arguments: [String], as type: Command.Type) throws -> Command {
        let command = try Tasknet.parseAsRoot(GlobalArguments.behindCommand(arguments))
        return try #require(command as? Command)
    }

    private func message(_ arguments: [String]) -> String {
        do {
            return "accepted: \(try Tasknet.parseAsRoot(arguments))"
        } catch {
            #expect(Tasknet.exitCode(for: error).rawValue == 64)
            return Tasknet.message(for: error)
        }
    }

    @Test("run")
    func run() throws {
        let command = try parse(
            [
                "run", "-", "--subnet", "a,b", "--subnet", "c", "--security-group", "g", "--count", "3", "--wait",
                "--timeout", "1m30s", "--cluster", "x", "--json", "-q",
            ], as: RunCommand.self)
        #expect(command.file == "-" && command.subnet == ["a,b", "c"] && command.securityGroup == ["g"])
        #expect(command.count == 3 && command.wait && !command.waitStopped && command.waiting.timeout == 90)
        #expect(command.cluster.cluster == "x" && command.global.json && command.quiet)
    }

    @Test("exec takes everything behind --")
    func exec() throws {
        let command = try parse(
            ["exec", "-it", "ab", "--container", "app", "--", "sh", "-c", "ls --json", "--"], as: ExecCommand.self)
        #expect(command.task == "ab" && command.container == "app")
        #expect(command.command == ["sh", "-c", "ls --json", "--"])
    }

    @Test("logs")
    func logs() throws {
        let command = try parse(
            ["logs", "ab", "-c", "a", "-c", "b", "-f", "-n", "5", "-t", "--since", "10m"], as: LogsCommand.self)
        #expect(command.container == ["a", "b"] && command.follow && command.tail == 5 && command.timestamps)
        #expect(command.since != nil)
        #expect(try parse(["logs", "ab", "--tail", "0"], as: LogsCommand.self).tail == 0)
    }

    @Test("Groups list when nothing else is said")
    func groups() throws {
        _ = try parse(["eni"], as: ENICommand.List.self)
        _ = try parse(["subnet"], as: SubnetCommand.List.self)
        _ = try parse(["sg"], as: SecurityGroupCommand.List.self)
        #expect(try parse(["--json", "sg", "show", "web"], as: SecurityGroupCommand.Show.self).global.json)
        #expect(try parse(["eni", "attach", "ab", "f.json"], as: ENICommand.Attach.self).file == "f.json")
        #expect(try parse(["eni", "detach", "eni-1", "--task", "ab"], as: ENICommand.Detach.self).task == "ab")
    }

    @Test("Global options may stand before the command")
    func globalOptions() throws {
        let command = try parse(["--socket", "/s", "--json", "eni", "list", "ab"], as: ENICommand.List.self)
        #expect(command.global.socketPath == "/s" && command.global.json && command.tasks == ["ab"])
        #expect(try parse(["--socket=/s", "ps", "-a"], as: PsCommand.self).global.socket == "/s")
        #expect(
            GlobalArguments.behindCommand(["--json", "exec", "a", "--", "x"]) == ["exec", "--json", "a", "--", "x"])
        for untouched in [["--version"], ["--json"], ["--socket"], ["--json", "--help"], [], ["ps", "--json"]] {
            #expect(GlobalArguments.behindCommand(untouched) == untouched)
        }
    }

    @Test(
        "What is wrong is said in words, with the exit code for usage",
        arguments: [
            (["exec", "ab"], "say after -- what to run"), (["run"], "Missing expected argument '<file>'"),
            (["run", "f", "--count", "0"], "--count is 1 or more"),
            (["run", "f", "--count", "x"], "The value 'x' is invalid for '--count"),
            (["run", "f", "--count", "2", "--eni", "g"], "--eni is for one task"),
            (["run", "f", "--timeout", "5s"], "--timeout goes with --wait"),
            (["stop", "ab", "--timeout", "5s"], "--timeout goes with --wait"),
            (["run", "f", "--wait", "--timeout", "soon"], "a duration is a number with a unit"),
            (["logs", "ab", "--tail=-1"], "--tail is 0 or more"),
            (["logs", "ab", "--since", "monday"], "--since takes how long ago"),
            (["stop"], "Missing expected argument"),
            (["eni", "attach", "ab"], "Missing expected argument '<file>'"),
        ])
    func refusals(arguments: [String], expected: String) {
        let text = message(arguments)
        #expect(text.contains(expected), "\(text)")
    }

    @Test("Completions are made for the usual shells", arguments: ["bash", "zsh", "fish"])
    func completions(shell: String) throws {
        let error = #expect(throws: (any Error).self) {
            try Tasknet.parseAsRoot(["--generate-completion-script", shell])
        }
        guard let error else { return }
        #expect(Tasknet.exitCode(for: error) == .success)
        #expect(Tasknet.fullMessage(for: error).contains("security-group"))
    }
}

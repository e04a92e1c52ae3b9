// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ControlClient
import Glibc
import JSON

@main
struct Tasknet: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tasknet",
        abstract: "Runs ECS tasks on this host, each with a network identity of its own.",
        discussion: """
            A task is named by its id, its ARN, or any beginning of them that fits only one task.

            Exit codes: 0 done; 1 it failed; 2 what was named is not there, or the name fits several; 64 wrong usage; \
            65 a file cannot be used; 69 tasknetd does not answer; 75 it took too long; 77 not permitted. \
            exec, and run when it waits, end with the exit code of the command or of the essential container. \
            why ends with 3 when the destination is not reachable, 4 when the model and the kernel disagree.

            Shell completions: tasknet --generate-completion-script bash (or zsh, or fish).
            """,
        version: "tasknet \(ProgramVersion.text)",
        subcommands: [
            RunCommand.self, PsCommand.self, DescribeCommand.self, ExecCommand.self, LogsCommand.self,
            StopCommand.self, EventsCommand.self, ENICommand.self, SubnetCommand.self, SecurityGroupCommand.self,
            WhyCommand.self, TraceCommand.self, DoctorCommand.self,
        ])

    static func main() {
        Glibc.exit(run(Array(CommandLine.arguments.dropFirst())))
    }

    /// Performs a command line and gives the exit code.
    static func run(_ arguments: [String]) -> Int32 {
        let code = perform(arguments)
        do {
            try Output.flush()
            return code
        } catch {
            Output.note(error.message)
            return code == 0 ? error.status.rawValue : code
        }
    }

    private static func perform(_ arguments: [String]) -> Int32 {
        do {
            try checkCommand(arguments)
            var command = try parseAsRoot(GlobalArguments.behindCommand(arguments))
            try command.run()
            return CommandStatus.success.rawValue
        } catch let code as ExitCode {
            return code.rawValue
        } catch let error where isParsersOwn(error) {
            let text = fullMessage(for: error)
            let code = exitCode(for: error)
            if code == .success { print(text) } else { Terminal.writeError(text + "\n") }
            return code.rawValue
        } catch {
            let failure = CommandFailure(error)
            // What was printed before it stands before it.
            try? Output.flush()
            if !failure.message.isEmpty { Output.note(failure.message) }
            return failure.status.rawValue
        }
    }

    /// A command that is not there is answered better than as an unexpected argument.
    private static func checkCommand(_ arguments: [String]) throws {
        let names = configuration.subcommands.compactMap { $0.configuration.commandName } + ["help"]
        guard let word = arguments.first, !word.hasPrefix("-"), !names.contains(word) else { return }
        let question = Spelling.nearest(to: word, among: names).map { " (did you mean \($0)?)" } ?? ""
        throw CommandFailure(
            "there is no command \(EscapedText.quoted(word.utf8))\(question); tasknet --help lists them", .usage)
    }

    /// Whether an error is about the command line (or a request for help), which the parser words best.
    private static func isParsersOwn(_ error: any Error) -> Bool {
        error is CleanExit || error is ValidationError || exitCode(for: error) != .failure
    }
}

/// Global options may also stand before the command, as in `tasknet --json ps`.
enum GlobalArguments {
    private static let groups: Set<String> = ["eni", "sg", "subnet"]

    /// The arguments with leading global options moved behind the command's name.
    static func behindCommand(_ arguments: [String]) -> [String] {
        var rest = arguments[...]
        var moved: [String] = []
        while let first = rest.first {
            if first == "--json" || first.hasPrefix("--socket=") {
                moved.append(first)
                rest = rest.dropFirst()
            } else if first == "--socket", rest.count > 1 {
                moved += rest.prefix(2)
                rest = rest.dropFirst(2)
            } else {
                break
            }
        }
        guard !moved.isEmpty, let command = rest.first, !command.hasPrefix("-") else { return arguments }
        var words = [command]
        rest = rest.dropFirst()
        if groups.contains(command), let subcommand = rest.first, !subcommand.hasPrefix("-") {
            words.append(subcommand)
            rest = rest.dropFirst()
        }
        return words + moved + rest
    }
}

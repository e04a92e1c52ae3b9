// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ControlClient
import ECSAPI
import Glibc
import JSON
import Linux
import SystemPackage
import VPC

struct ExecCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "exec", abstract: "Runs a command inside a task, on this terminal. Needs root.",
        usage: "tasknet exec <task> [--container <name>] -- <command> ...",
        discussion: """
            Without a container, the command runs in the task's network, IPC and host name, with this host's files: \
            tasknet exec TASK -- ip addr. With one, it runs in the container as the container does: its files, its \
            processes, its user, capabilities and environment.

            Ends with the command's exit code; 127 when there is no such program, 126 when it cannot be run.
            """)

    @Argument(help: "Which task.", completion: Completions.runningTasks)
    var task: String

    @Option(name: .shortAndLong, help: ArgumentHelp("Run it inside this container.", valueName: "name"))
    var container: String?

    // What fingers type that know other programs' exec. The terminal is always passed on.
    @Flag(name: .short, help: .hidden) var interactive = false
    @Flag(name: [.customShort("t"), .customLong("tty")], help: .hidden) var terminal = false

    @OptionGroup var cluster: ClusterOptions
    @OptionGroup var global: GlobalOptions

    @Argument(parsing: .postTerminator, help: "The command and its arguments, after --.")
    var command: [String] = []

    func validate() throws {
        guard !command.isEmpty else {
            throw ValidationError("say after -- what to run, as in: tasknet exec \(task) -- ip addr")
        }
    }

    func run() throws {
        guard geteuid() == 0 else {
            throw CommandFailure(
                "exec enters the task's namespaces, which takes root: sudo tasknet exec ...", .notPermitted)
        }
        if container != nil { try EnteredProgram.protectOurFile(arguments: CommandLine.arguments) }
        let catalog = TaskCatalog(client: global.client, cluster: cluster.cluster)
        let arn = try catalog.resolve([task])[0]
        guard let task = try catalog.task(arn), !task.isStopped else {
            throw CommandFailure(
                "task \(TaskIndex.id(of: arn).prefix(12)) has stopped; its logs: tasknet logs", .notFound)
        }
        let paths = try HostPaths(askedBy: global.client)
        let socket = try paths.pauseSocket(of: task.id)
        let pause = try pauseStatus(of: task, at: socket)
        let status = try container.map { try run(in: $0, of: task, pause) } ?? run(beside: pause, of: task, at: socket)
        throw ExitCode(status.code)
    }

    private func pauseStatus(of task: ECSTask, at socket: FilePath) throws -> PauseStatus {
        do {
            return try PauseStatus.ask(socketPath: socket.string)
        } catch let error as LinuxError
            where error.errno == .noSuchFileOrDirectory || error.errno == .connectionRefused
        {
            let state = task.lastStatus?.rawValue ?? "in an unknown state"
            throw CommandFailure("task \(task.shortID) is \(state) and has no namespaces to enter", .notFound)
        }
    }

    /// In the task's namespaces, with our files.
    private func run(beside pause: PauseStatus, of task: ECSTask, at socket: FilePath) throws -> ExitStatus {
        let process = try ProcessHandle(pid: pause.pid)
        // Had it ended before, its number could be another process's by now.
        guard try pauseStatus(of: task, at: socket).pid == pause.pid else {
            throw CommandFailure("the pause process of task \(task.shortID) has just ended", .notFound)
        }
        let program = EnteredProgram(
            namespaces: [.network, .ipc, .uts], arguments: command, environment: ProcessEnvironment.own,
            workingDirectory: Self.ownDirectory)
        return try run(program, in: process)
    }

    private func run(in name: String, of task: ECSTask, _ pause: PauseStatus) throws -> ExitStatus {
        guard let container = pause.containers.first(where: { $0.name == name }), container.isRunning else {
            let all = (task.containers ?? []).map(\.name)
            if all.contains(name) {
                throw CommandFailure(
                    "container \(EscapedText.of(name)) does not run (\(task.containersText))", .notFound)
            }
            let names = EscapedText.of(all.joined(separator: ", "))
            throw CommandFailure("there is no container \(EscapedText.of(name)); the task has: \(names)", .notFound)
        }
        let process = try ProcessHandle(pid: container.pid, startTime: container.startTime)
        let surroundings = try ProcessSurroundings(of: container.pid)
        var environment = surroundings.environment
        let term = Terminal.environment("TERM")
        if !term.isEmpty, !environment.contains(where: { $0.hasPrefix("TERM=") }) { environment.append("TERM=\(term)") }
        let program = EnteredProgram(
            namespaces: [.network, .ipc, .uts, .mount, .process], arguments: command, environment: environment,
            workingDirectory: surroundings.workingDirectory, identity: surroundings.identity)
        return try run(program, in: process)
    }

    private func run(_ program: EnteredProgram, in process: ProcessHandle) throws -> ExitStatus {
        try Output.flush()
        do {
            return try program.run(in: process)
        } catch {
            guard error.operation == "run" else { throw error }
            throw notRun(error.errno)
        }
    }

    /// The exit codes that shells have for a program that could not be run.
    private func notRun(_ errno: Errno) -> ExitCode {
        let place = container.map { "container \(EscapedText.of($0))" } ?? "this host"
        let name = EscapedText.of(command.first ?? "")
        if errno == .noSuchFileOrDirectory {
            Output.note("there is no program \(name) in \(place)")
            return ExitCode(127)
        }
        Output.note("\(name) cannot be run in \(place): \(errno)")
        return ExitCode(126)
    }

    private static var ownDirectory: String {
        guard let text = getcwd(nil, 0) else { return "/" }
        defer { free(text) }
        return String(cString: text)
    }
}

// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ControlClient
import ECSAPI
import JSON
import TaskDefinitions

struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Registers a task definition and runs it.",
        discussion: """
            The file holds an ECS task definition as JSON: what register-task-definition takes, what \
            describe-task-definition prints, or what a tutorial shows. What is harmless in it is mended, and told on \
            standard error with its place. A networkConfiguration in the file is used for the run.

            With --wait it returns when each task runs, with --wait-stopped when each has stopped. If a task has stopped \
            by then, the exit code is that of the definition's first essential container, 1 if that never ran.
            """)

    @Argument(
        help: ArgumentHelp("The task definition; - reads standard input.", valueName: "file"),
        completion: Completions.json)
    var file: String

    @Option(
        name: .long,
        help: ArgumentHelp("A subnet for the tasks, by id or name; several are tried in turn.", valueName: "subnet"),
        completion: Completions.subnets)
    var subnet: [String] = []

    @Option(
        name: .long, help: ArgumentHelp("A security group of the tasks, by id or name.", valueName: "group"),
        completion: Completions.securityGroups)
    var securityGroup: [String] = []

    @Option(name: .long, help: "How many tasks.")
    var count = 1

    @Option(
        name: .long,
        help: ArgumentHelp(
            "ENIs that somebody else made, for one task: a JSON file with one, a list of them, or ECS's attachment message.",
            valueName: "file"), completion: Completions.json)
    var eni: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "always: a new task runs in the place of one that ended otherwise than by stop, also after a reboot.",
            valueName: "always|no"))
    var restart = TaskRestartPolicy.no

    @Flag(name: .long, help: "Wait until each task runs.")
    var wait = false

    @Flag(name: .long, help: "Wait until each task has stopped.")
    var waitStopped = false

    @Flag(name: .shortAndLong, help: "Print the tasks' ids and nothing else.")
    var quiet = false

    @OptionGroup var waiting: WaitOptions
    @OptionGroup var cluster: ClusterOptions
    @OptionGroup var global: GlobalOptions

    func validate() throws {
        guard count >= 1 else { throw ValidationError("--count is 1 or more") }
        guard eni == nil || count == 1 else { throw ValidationError("--eni is for one task: leave --count out") }
        if waiting.timeout != nil && !wait && !waitStopped {
            throw ValidationError("--timeout goes with --wait or --wait-stopped")
        }
    }

    func run() throws {
        let document = try TaskDefinitionFile(path: file).read()
        let run = TaskRun(
            client: global.client, cluster: cluster.cluster, document: document, subnets: split(subnet),
            securityGroups: split(securityGroup), restart: restart)
        let interfaces = try eni.map { try InterfaceFile(path: $0).read() }
        let name = InputFile(path: file).shownName
        let network = try run.networkConfiguration(file: name, hasInterfaces: interfaces != nil) { subnet in
            if !quiet { Output.note("\(name) names no subnet: taking \(EscapedText.of(subnet)), the only one") }
        }
        let definition = try run.register()
        if !quiet && !global.json { Output.line("registered \(EscapedText.of(definition.familyAndRevision))") }

        var answer = try run.start(definition, count: count, network: network, interfaces: interfaces)
        var tasks = answer.tasks
        let isWaiting = (wait || waitStopped) && !tasks.isEmpty
        if isWaiting {
            let catalog = TaskCatalog(client: global.client, cluster: cluster.cluster)
            let waiter = TaskWaiter(catalog: catalog, timeout: waiting.timeout)
            tasks = try waiter.wait(for: tasks.map(\.taskArn), until: waitStopped ? .stopped : .running)
            answer.document = try JSONNode(encoding: RunTask.Output(tasks: tasks, failures: answer.failures))
        }
        try show(answer, tasks)
        let code = isWaiting ? TaskOutcome.exitCode(tasks, definition: definition) : 0
        if code != 0 { throw ExitCode(code) }
        if !answer.failures.isEmpty { throw ExitCode(CommandStatus.failure.rawValue) }
    }

    private func show(_ answer: TaskRun.Answer, _ tasks: [ECSTask]) throws {
        if global.json {
            Output.json(answer.document)
        } else if quiet {
            for task in tasks { Output.line(task.id) }
        } else if !tasks.isEmpty {
            Output.table(PsCommand.table(tasks, now: .now(), showsReasons: false))
        }
        try Output.flush()
        for task in tasks where task.isStopped && !global.json {
            Output.note("task \(task.shortID) has stopped: \(EscapedText.of(task.stoppedText))")
        }
        for failure in answer.failures {
            let parts = [failure.arn, failure.reason, failure.detail].compactMap(\.self).joined(separator: ": ")
            Output.note("not started: \(EscapedText.of(parts))")
        }
    }

    /// "--subnet a,b" is two.
    private func split(_ values: [String]) -> [String] {
        values.flatMap { $0.split(separator: ",").map(String.init) }
    }
}

extension TaskRestartPolicy: ExpressibleByArgument {}

/// A task definition on disk.
struct TaskDefinitionFile {
    var path: String

    /// Reads it, and tells on standard error what was mended.
    func read() throws -> TaskDefinitionDocument {
        let file = InputFile(path: path)
        let bytes = try file.read(limit: TaskDefinitionDocument.limit)
        do throws(DocumentError) {
            let document = try TaskDefinitionDocument.read(bytes, defaultFamily: file.baseName)
            for line in document.warnings.warningLines(file: file.shownName) { Terminal.writeError(line + "\n") }
            return document
        } catch {
            for line in error.lines(file: file.shownName) { Terminal.writeError(line + "\n") }
            throw CommandFailure("", .badData)
        }
    }
}

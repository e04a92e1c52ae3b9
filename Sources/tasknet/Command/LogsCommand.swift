// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ControlClient
import ECSAPI
import FoundationEssentials
import Glibc
import JSON
import Linux
import SystemPackage
import VPC

struct LogsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs", abstract: "Shows what a task's containers have written.",
        discussion: """
            What containers wrote to standard error goes to standard error. Of several containers each line begins with \
            the container's name, and entries are in order of time. With --json each entry is one object on a line of its \
            own: container, stream, time, log.
            """)

    /// How long a container that has stopped can go unnoticed while its log is followed.
    private static let pause = Duration.milliseconds(500)

    @Argument(help: "Which task.", completion: Completions.tasks)
    var task: String

    @Option(name: .shortAndLong, help: ArgumentHelp("Only of this container.", valueName: "name"))
    var container: [String] = []

    @Flag(name: .shortAndLong, help: "Go on with what is written from now on, until the containers have stopped.")
    var follow = false

    @Option(
        name: [.customShort("n"), .long],
        help: ArgumentHelp("Begin with the last so many lines of each container. (default: all)", valueName: "lines"))
    var tail: Int?

    @Flag(name: .shortAndLong, help: "The time before each line.")
    var timestamps = false

    @Option(
        name: .long,
        help: ArgumentHelp("Only what is newer: 10m, 2h, or 2025-11-02T10:00:00Z.", valueName: "time"),
        transform: LogsCommand.time)
    var since: LogTime?

    @OptionGroup var cluster: ClusterOptions
    @OptionGroup var global: GlobalOptions

    func validate() throws {
        if let tail, tail < 0 { throw ValidationError("--tail is 0 or more") }
    }

    func run() throws {
        let catalog = TaskCatalog(client: global.client, cluster: cluster.cluster)
        let arn = try catalog.resolve([task])[0]
        guard let task = try catalog.task(arn) else {
            throw CommandFailure("task \(TaskIndex.id(of: arn)) is no longer known", .notFound)
        }
        let names = try containers(of: task)
        let paths = try HostPaths(askedBy: global.client)
        var files: [(name: String, path: FilePath)] = []
        for name in names { files.append((name, try paths.log(of: task.id, container: name))) }
        try checkAccess(paths.stateDirectory)
        if !follow { noteMissing(files, of: task) }

        let sources = files.map { LogSource(container: $0.name, path: $0.path.string, since: since) }
        if let tail { for source in sources { try source.skip(toLast: tail) } }
        let form: LogPrinter.Form = global.json ? .json : .text(timestamps: timestamps)
        var printer = LogPrinter(form: form, containers: names, styled: Terminal.isStyled)
        try put(sources, &printer)
        guard follow else { return }
        var watch = try LogWatch()
        while true {
            for file in files { try watch.add(file.path.removingLastComponent().string) }
            // Looked at before the last lines are read: what is written before the end is seen.
            let isOver = hasStopped(arn, names, catalog)
            try put(sources, &printer)
            if isOver { return }
            let deadline = ContinuousClock.now + Self.pause
            while ContinuousClock.now < deadline {
                try watch.wait(until: deadline)
                try put(sources, &printer)
            }
        }
    }

    /// Puts all entries out that are there.
    private func put(_ sources: [LogSource], _ printer: inout LogPrinter) throws {
        var pending = ""
        while let (source, line) = try LogSource.oldest(of: sources) {
            source.drop()
            let (text, isError) = printer.text(of: line, container: source.container)
            if isError {
                try Output.write(pending)
                pending = ""
                try Output.write(text, isError: true)
            } else {
                pending += text
                if pending.utf8.count > 32 << 10 {
                    try Output.write(pending)
                    pending = ""
                }
            }
        }
        try Output.write(pending)
    }

    private func containers(of task: ECSTask) throws -> [String] {
        let all = (task.containers ?? []).map(\.name)
        if let unknown = container.first(where: { !all.contains($0) }) {
            let names = EscapedText.of(all.joined(separator: ", "))
            throw CommandFailure("there is no container \(EscapedText.of(unknown)); the task has: \(names)", .notFound)
        }
        return container.isEmpty ? all : container
    }

    private func checkAccess(_ directory: FilePath) throws {
        guard access(directory.string, X_OK) != 0, errno == EACCES else { return }
        throw CommandFailure("the logs below \(directory) are root's: sudo tasknet logs ...", .notPermitted)
    }

    private func noteMissing(_ files: [(name: String, path: FilePath)], of task: ECSTask) {
        for file in files where access(file.path.string, F_OK) != 0 {
            let isPending = (task.containers ?? []).first { $0.name == file.name }?.lastStatus == .pending
            let reason = isPending ? "it has not started" : "it has written nothing to a json-file log"
            Output.note("no log of \(EscapedText.of(file.name)): \(reason)")
        }
    }

    private func hasStopped(_ arn: String, _ names: [String], _ catalog: TaskCatalog) -> Bool {
        // A daemon that does not answer is being restarted; the containers run on, and so does this.
        guard let answer = try? catalog.tasks([arn]) else { return false }
        guard let task = answer.first, !task.isStopped else { return true }
        let containers = (task.containers ?? []).filter { names.contains($0.name) }
        return containers.allSatisfy { $0.lastStatus == .stopped }
    }

    static func time(_ text: String) throws -> LogTime {
        if let time = LogTime(text) { return time }
        guard let seconds = ElapsedTime.seconds(text) else {
            throw ValidationError("--since takes how long ago (10m, 2h) or a time such as 2025-11-02T10:00:00Z")
        }
        // A number that large is a time since 1970 itself, as date +%s prints it.
        if text.allSatisfy(\.isNumber), seconds >= 1_000_000_000 { return LogTime(seconds: Int(seconds)) }
        let moment = Date().timeIntervalSince1970 - seconds
        return LogTime(seconds: Int(moment.rounded(.down)), nanoseconds: Int((moment - moment.rounded(.down)) * 1e9))
    }
}

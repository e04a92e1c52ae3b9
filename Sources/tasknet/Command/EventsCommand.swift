// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ControlClient
import ECSAPI
import ECSClient
import FoundationEssentials
import JSON
import VPC

struct EventsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "events", abstract: "Shows what has happened to tasks, ENIs and the daemon, and why.",
        discussion: """
            The daemon keeps events for some time (eventRetention, 3 hours) and so many (maximumEvents). With -f it goes on \
            with what happens from now on, until it is interrupted, also over restarts of the daemon; without --since or \
            -n it then begins with the last \(lastBeforeFollowing). With --json each event is one object on a line of its own.
            """)

    private static let lastBeforeFollowing = 10

    @Flag(name: .shortAndLong, help: "Go on with what happens from now on.")
    var follow = false

    @Option(
        name: .long,
        help: ArgumentHelp("Only what is newer: 10m, 2h, or 2025-11-02T10:00:00Z.", valueName: "time"),
        transform: LogsCommand.time)
    var since: LogTime?

    @Option(
        name: .long, help: ArgumentHelp("Only of this task; may be repeated.", valueName: "task"),
        completion: Completions.tasks)
    var task: [String] = []

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Only of this kind: \(EventKind.all.map { $0.rawValue.lowercased() }.joined(separator: ", ")); may be repeated.",
            valueName: "kind"),
        completion: .list(EventKind.all.map { $0.rawValue.lowercased() }),
        transform: { EventKind(rawValue: $0.uppercased()) })
    var kind: [EventKind] = []

    @Option(
        name: [.customShort("n"), .long], help: ArgumentHelp("Begin with the last so many.", valueName: "events"))
    var tail: Int?

    @OptionGroup var cluster: ClusterOptions
    @OptionGroup var global: GlobalOptions

    func validate() throws {
        if let tail, tail < 0 { throw ValidationError("--tail is 0 or more") }
        if let unknown = kind.first(where: { !EventKind.all.contains($0) }) {
            let known = EventKind.all.map { $0.rawValue.lowercased() }.joined(separator: ", ")
            throw ValidationError("there is no kind \(EscapedText.of(unknown.rawValue.lowercased())): \(known)")
        }
    }

    func run() throws {
        var question = TaskNetworkAPI.ListEvents.Input(cluster: cluster.cluster)
        let catalog = TaskCatalog(client: global.client, cluster: cluster.cluster)
        question.tasks = task.isEmpty ? nil : try task.map(catalog.known)
        question.kinds = kind.isEmpty ? nil : kind
        question.since = since.map {
            Timestamp(millisecondsSince1970: Int64($0.seconds) * 1000 + Int64($0.nanoseconds / 1_000_000))
        }
        let list = EventList(client: global.client, question: question)
        var printer = EventPrinter(isJSON: global.json, styled: Terminal.isStyled)
        let limit = tail ?? (follow && since == nil ? Self.lastBeforeFollowing : nil)
        var last = try list.show(last: limit, &printer)
        guard follow else { return try printer.finish() }
        while true { last = try list.show(after: last, &printer) }
    }
}

// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ControlClient
import ECSAPI
import JSON
import VPC

struct PsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ps", abstract: "Lists tasks: those that run or will run, with -a also those that stopped.")

    @Flag(name: .shortAndLong, help: "Stopped tasks as well, and why they stopped.")
    var all = false

    @Flag(name: .shortAndLong, help: "Only the ids.")
    var quiet = false

    @OptionGroup var cluster: ClusterOptions
    @OptionGroup var global: GlobalOptions

    func run() throws {
        let catalog = TaskCatalog(client: global.client, cluster: cluster.cluster)
        let arns = try catalog.arns(all ? [.running, .stopped] : [.running])
        let tasks = try catalog.tasks(arns).sorted {
            ($0.createdAt?.millisecondsSince1970 ?? 0, $0.id) < ($1.createdAt?.millisecondsSince1970 ?? 0, $1.id)
        }
        if global.json {
            Output.json(["tasks": .array(try tasks.map { try JSONNode(encoding: $0) })])
        } else if quiet {
            for task in tasks { Output.line(task.id) }
        } else {
            Output.table(Self.table(tasks, now: .now(), showsReasons: all))
        }
    }

    static func table(_ tasks: [ECSTask], now: Timestamp, showsReasons: Bool) -> Table {
        let showsHealth = tasks.contains { ($0.healthStatus ?? .unknown) != .unknown }
        // A network that is not as it ought to be is the exception, and then has to be seen.
        let showsNetwork = tasks.contains(where: \.isDisconnected)
        let titles =
            ["TASK", "DEFINITION", "STATUS"] + (showsHealth ? ["HEALTH"] : []) + (showsNetwork ? ["NETWORK"] : [])
            + ["ADDRESS", "CONTAINERS", "CREATED"] + (showsReasons ? ["STOPPED BECAUSE"] : [])
        var table = Table(titles)
        for task in tasks {
            var cells: [Table.Cell] = [
                Table.Cell(task.shortID), Table.Cell(task.definitionName),
                Table.Cell(task.lastStatus?.rawValue ?? "", task.lastStatus?.style ?? .plain),
            ]
            if showsHealth {
                let health = task.healthStatus ?? .unknown
                cells.append(Table.Cell(health.rawValue, health == .unhealthy ? .bad : .plain))
            }
            if showsNetwork {
                cells.append(task.isDisconnected ? Table.Cell("BROKEN", .bad) : Table.Cell(""))
            }
            cells += [
                // Those of a stopped task may be another's by now.
                Table.Cell(task.isStopped ? "" : task.addresses.joined(separator: ", ")),
                Table.Cell(task.containersText),
                Table.Cell(ECSTask.age(task.createdAt, now: now)),
            ]
            if showsReasons { cells.append(Table.Cell(task.isStopped ? task.stoppedReason ?? "" : "")) }
            table.rows.append(cells)
        }
        return table
    }
}

// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ControlClient
import ECSAPI
import ECSClient
import JSON

struct StopCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stop", abstract: "Stops tasks: their containers get SIGTERM, and SIGKILL after their stopTimeout."
    )

    @Argument(help: ArgumentHelp("Which tasks.", valueName: "task"), completion: Completions.runningTasks)
    var tasks: [String]

    @Option(name: .long, help: ArgumentHelp("Kept with the task as the reason.", valueName: "text"))
    var reason: String?

    @Flag(name: .long, help: "Wait until they have stopped.")
    var wait = false

    @OptionGroup var waiting: WaitOptions
    @OptionGroup var cluster: ClusterOptions
    @OptionGroup var global: GlobalOptions

    func validate() throws {
        if waiting.timeout != nil && !wait { throw ValidationError("--timeout goes with --wait") }
    }

    func run() throws {
        let catalog = TaskCatalog(client: global.client, cluster: cluster.cluster)
        // All names first: with a wrong one among them, nothing is stopped.
        let arns = try catalog.resolve(tasks)
        var stopped: [ECSTask] = []
        for arn in arns {
            let input = StopTask.Input(task: arn, cluster: cluster.cluster, reason: reason)
            if let task = try global.client.call(StopTask.self, input).task { stopped.append(task) }
        }
        if wait {
            stopped = try TaskWaiter(catalog: catalog, timeout: waiting.timeout).wait(for: arns, until: .stopped)
        }
        if global.json {
            Output.json(try JSONNode(encoding: DescribeTasks.Output(tasks: stopped)))
        } else {
            Output.table(PsCommand.table(stopped, now: .now(), showsReasons: wait))
        }
    }
}

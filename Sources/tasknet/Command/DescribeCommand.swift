// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ControlClient
import ECSAPI
import ECSClient
import JSON

struct DescribeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "describe", abstract: "Shows everything about tasks; with --json ECS's describe-tasks document.")

    @Argument(help: ArgumentHelp("Which tasks.", valueName: "task"), completion: Completions.tasks)
    var tasks: [String]

    @OptionGroup var cluster: ClusterOptions
    @OptionGroup var global: GlobalOptions

    func run() throws {
        let catalog = TaskCatalog(client: global.client, cluster: cluster.cluster)
        let input = DescribeTasks.Input(
            tasks: try catalog.resolve(tasks), cluster: cluster.cluster, include: [.tags])
        let answer = try global.client.send(DescribeTasks.self, input)
        let output = try global.client.decode(DescribeTasks.self, answer)
        if global.json {
            Output.json(try JSONParser.parse(answer))
        } else {
            for (index, task) in (output.tasks ?? []).enumerated() {
                if index > 0 { Output.line() }
                Output.lines(TaskView(task: task, now: .now()).lines(styled: Terminal.isStyled))
            }
        }
        let failures = output.failures ?? []
        for failure in failures {
            Output.note(EscapedText.of("\(failure.arn ?? "a task"): \(failure.reason ?? "not described")"))
        }
        if !failures.isEmpty { throw ExitCode(CommandStatus.notFound.rawValue) }
    }
}

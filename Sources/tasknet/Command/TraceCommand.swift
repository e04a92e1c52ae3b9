// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ControlClient
import ECSAPI
import ECSClient
import Glibc
import JSON

struct TraceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trace", abstract: "Shows where the time went while a task was started and stopped.",
        discussion: """
            Each step with its offset from the request, its duration, and a bar of the whole; parts of a step stand below \
            it, further in. An ENI (eni-...) of a sandbox, or one that was attached to a running task, has steps of its \
            own. The daemon keeps them in memory, of the last 1,000 tasks and ENIs; with the daemon they are gone.
            """)

    @Argument(
        help: ArgumentHelp("Which task, or an ENI's id.", valueName: "task"), completion: Completions.tasks)
    var task: String

    @OptionGroup var cluster: ClusterOptions
    @OptionGroup var global: GlobalOptions

    func run() throws {
        var input = TaskNetworkAPI.DescribeTaskTrace.Input(cluster: cluster.cluster)
        if task.hasPrefix("eni-") {
            input.networkInterfaceId = task
        } else {
            input.task = try TaskCatalog(client: global.client, cluster: cluster.cluster).known(task)
        }
        let answer = try global.client.send(TaskNetworkAPI.DescribeTaskTrace.self, input)
        let trace = try global.client.decode(TaskNetworkAPI.DescribeTaskTrace.self, answer)
        if global.json { return Output.json(try JSONParser.parse(answer)) }
        let view = TraceView(
            trace: trace, width: Terminal.width(of: STDOUT_FILENO), hasBlocks: Terminal.showsUTF8)
        Output.lines(view.lines(styled: Terminal.isStyled))
        for note in trace.notes { Output.note(EscapedText.of(note)) }
    }
}

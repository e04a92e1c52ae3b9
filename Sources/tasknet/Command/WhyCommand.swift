// SPDX-License-Identifier: Apache-2.0

import Addressing
import ArgumentParser
import ControlClient
import ECSAPI
import ECSClient
import JSON

struct WhyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "why", abstract: "Tells whether one end reaches another, and why or why not, hop by hop.",
        discussion: """
            An end is a task (its id or the beginning of it), an ENI, an address, internet, or host. The destination \
            may have a port and a protocol; without a port it is a ping, with one it is tcp:

              tasknet why 1f3c 9a0e:5432
              tasknet why 1f3c 8.8.8.8:53/udp
              tasknet why internet 1f3c:80
              tasknet why 1f3c [fd00:1::4]:443 --probe

            What the model says is compared with the kernel at every hop. With --probe a real connection is tried too, \
            from inside the source.

            Exit codes: 0 reachable; 3 not reachable; 4 the model and the kernel disagree; others as of every command.
            """)

    @Argument(help: "Where it begins.", completion: Completions.pathEnds)
    var source: String

    @Argument(
        help: ArgumentHelp("Where it goes to.", valueName: "destination[:port][/protocol]"),
        completion: Completions.pathEnds)
    var destination: String

    @Flag(name: .long, help: "Also try a real connection from inside the source.")
    var probe = false

    @OptionGroup var cluster: ClusterOptions
    @OptionGroup var global: GlobalOptions

    func run() throws {
        let from = try PathArgument(source)
        if from.port != nil || from.ipProtocol != nil {
            throw CommandFailure("the port and the protocol go with the destination", .usage)
        }
        let to = try PathArgument(destination)
        let input = TaskNetworkAPI.AnalyzeNetworkPath.Input(
            source: try resolved(from.name), destination: try resolved(to.name), destinationPort: to.port,
            protocol: to.ipProtocol, probe: probe ? true : nil, cluster: cluster.cluster)
        let answer = try global.client.send(TaskNetworkAPI.AnalyzeNetworkPath.self, input)
        let output = try global.client.decode(TaskNetworkAPI.AnalyzeNetworkPath.self, answer)
        if global.json {
            Output.json(try JSONParser.parse(answer))
        } else {
            Output.lines(PathView(output: output).lines(styled: Terminal.isStyled))
        }
        if output.status != .success { throw ExitCode(output.status.rawValue) }
    }

    /// The ARN of a task whose id begins so; what is none the daemon may know otherwise.
    private func resolved(_ name: String) throws -> String {
        let isOther =
            name == "internet" || name == "host" || name.hasPrefix("eni-") || IPAddress(name) != nil
            || !name.hasPrefix("arn:") && !name.allSatisfy(\.isHexDigit)
        if isOther { return name }
        return try TaskCatalog(client: global.client, cluster: cluster.cluster).resolve([name])[0]
    }
}

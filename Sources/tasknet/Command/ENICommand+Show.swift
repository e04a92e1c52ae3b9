// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ControlClient
import ECSAPI
import JSON

extension ENICommand {
    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "show",
            abstract: "Shows an ENI with its addresses, its security groups, and what was dropped of its packets.",
            discussion: "Groups are enforced, and drops counted, on ENIs of the kind veth.")

        @Argument(help: "The ENI's id or its MAC address.", completion: Completions.networkInterfaces)
        var eni: String

        @OptionGroup var cluster: ClusterOptions
        @OptionGroup var global: GlobalOptions

        func run() throws {
            let all = try global.client.networkInterfaces(.init(cluster: cluster.cluster))
            let mac = eni.lowercased()
            guard
                let found = all.first(where: { $0.networkInterfaceId == eni })
                    ?? all.first(where: { $0.macAddress == mac })
            else {
                throw CommandFailure(
                    """
                    there is no ENI \(EscapedText.quoted(eni.utf8, limit: 120)) of a task or sandbox that has not \
                    stopped (tasknet eni list lists them)
                    """, .notFound)
            }
            if global.json {
                Output.json(try JSONNode(encoding: found))
            } else {
                Output.lines(NetworkInterfaceView(eni: found).lines(styled: Terminal.isStyled))
            }
        }
    }
}

// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ControlClient
import ECSAPI
import ECSClient
import JSON
import VPC

struct ENICommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "eni", abstract: "Shows, attaches, changes and detaches elastic network interfaces (ENIs).",
        subcommands: [List.self, Show.self, Attach.self, Modify.self, Detach.self], defaultSubcommand: List.self)

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "Lists the ENIs of tasks that have not stopped, and of sandboxes.")

        @Argument(
            help: ArgumentHelp("Only those of these tasks.", valueName: "task"), completion: Completions.runningTasks)
        var tasks: [String] = []

        @OptionGroup var cluster: ClusterOptions
        @OptionGroup var global: GlobalOptions

        func run() throws {
            let catalog = TaskCatalog(client: global.client, cluster: cluster.cluster)
            let interfaces = try global.client.networkInterfaces(
                .init(cluster: cluster.cluster, tasks: tasks.isEmpty ? nil : try catalog.resolve(tasks)))
            if global.json {
                Output.json(try JSONNode(encoding: ["networkInterfaces": interfaces]))
            } else {
                Output.table(Self.table(interfaces))
            }
        }

        static func table(_ interfaces: [NetworkInterfaceDescription]) -> Table {
            let showsGroups = interfaces.contains { $0.securityGroups != nil }
            let showsDrops = interfaces.contains { $0.drops != nil }
            var table = Table(
                ["ENI", "OWNER", "NAME", "KIND", "STATUS", "MAC", "ADDRESS", "SUBNET", "ON THE HOST"]
                    + (showsGroups ? ["GROUPS"] : []) + (showsDrops ? [">DROPPED"] : []))
            for eni in interfaces {
                let addresses = eni.privateIpv4Addresses + eni.ipv6Addresses
                var cells = [
                    eni.networkInterfaceId, owner(of: eni), eni.interfaceName ?? "",
                    eni.interfaceType?.rawValue ?? "", eni.status?.rawValue ?? "", eni.macAddress,
                    addresses.joined(separator: ", "),
                    eni.subnetId ?? "", eni.hostInterfaceName ?? "",
                ]
                if showsGroups { cells.append(groups(of: eni)) }
                if showsDrops { cells.append(eni.drops.map { String($0.packets) } ?? "") }
                table.rows.append(cells.map { Table.Cell($0) })
            }
            return table
        }

        /// The task, or the container and, where it is known, the pod.
        static func owner(of eni: NetworkInterfaceDescription) -> String {
            if let task = eni.taskArn { return String(TaskIndex.id(of: task).prefix(12)) }
            guard let sandbox = eni.sandbox else { return "" }
            let pod = [sandbox.podNamespace, sandbox.podName].compactMap(\.self).joined(separator: "/")
            return shortened(sandbox.containerId) + (pod.isEmpty ? "" : " (\(pod))")
        }

        /// Their names; groups that are not enforced are in brackets.
        private static func groups(of eni: NetworkInterfaceDescription) -> String {
            let names = (eni.securityGroups ?? []).map { $0.groupName ?? $0.groupId }.joined(separator: ", ")
            return eni.enforced == false && !names.isEmpty ? "(\(names))" : names
        }

        /// Random digits say as much when there are fewer of them; a name that somebody chose is told at its end.
        private static func shortened(_ containerID: String) -> String {
            let isRandom = containerID.utf8.count >= 32 && containerID.allSatisfy(\.isHexDigit)
            return isRandom ? String(containerID.prefix(12)) : containerID
        }
    }

    struct Attach: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "attach", abstract: "Attaches ENIs to a task that runs.",
            discussion: """
                The file holds one ENI, a list of them, or ECS's attachment message. A device is waited for by its MAC \
                address until waitTimeoutMs.
                """)

        @Argument(help: "Which task.", completion: Completions.runningTasks)
        var task: String

        @Argument(
            help: ArgumentHelp("The ENIs as JSON; - reads standard input.", valueName: "file"),
            completion: Completions.json)
        var file: String

        @Flag(name: .long, help: "Wait until they are attached.")
        var wait = false

        @OptionGroup var waiting: WaitOptions
        @OptionGroup var cluster: ClusterOptions
        @OptionGroup var global: GlobalOptions

        func validate() throws {
            if waiting.timeout != nil && !wait { throw ValidationError("--timeout goes with --wait") }
        }

        func run() throws {
            let document = try InterfaceFile(path: file).read()
            let catalog = TaskCatalog(client: global.client, cluster: cluster.cluster)
            let arn = try catalog.resolve([task])[0]
            let input = TaskNetworkAPI.AttachNetworkInterface.Input(
                taskArn: arn, elasticNetworkInterfaces: document.interfaces, waitTimeoutMs: document.waitTimeoutMs)
            let answer = try global.client.send(TaskNetworkAPI.AttachNetworkInterface.self, input)
            let output = try global.client.decode(TaskNetworkAPI.AttachNetworkInterface.self, answer)
            var attachments = output.attachments ?? []
            if wait {
                attachments = try TaskWaiter(catalog: catalog, timeout: waiting.timeout)
                    .wait(forAttachments: attachments.compactMap(\.id), of: arn)
            }
            if global.json {
                Output.json(
                    wait
                        ? try JSONNode(encoding: TaskNetworkAPI.AttachNetworkInterface.Output(attachments: attachments))
                        : try JSONParser.parse(answer))
            } else {
                Output.table(attachmentTable(attachments))
            }
            if wait, let failed = attachments.first(where: { $0.status != .attached }) {
                let eni = failed.detail(TaskAttachment.Detail.networkInterfaceID) ?? failed.id ?? ""
                let reason = failed.detail(TaskAttachment.Detail.statusReason) ?? "tasknetd's log says more"
                throw CommandFailure("\(eni) is not attached: \(reason)")
            }
        }
    }

    struct Modify: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "modify", abstract: "Puts an ENI into other security groups, while it runs.",
            discussion: "The groups that are named are all that it is in afterwards.")

        @Argument(help: "The ENI's id.", completion: Completions.networkInterfaces)
        var eni: String

        @Option(
            name: .long,
            help: ArgumentHelp("A security group, by id or name; may be repeated.", valueName: "group"),
            completion: Completions.securityGroups)
        var securityGroup: [String]

        @OptionGroup var global: GlobalOptions

        func run() throws {
            let groups = securityGroup.flatMap { $0.split(separator: ",").map(String.init) }
            let answer = try global.client.send(
                TaskNetworkAPI.ModifyNetworkInterfaceAttribute.self, .init(networkInterfaceId: eni, groups: groups))
            if global.json { Output.json(try JSONParser.parse(answer)) }
        }
    }

    struct Detach: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "detach", abstract: "Takes an ENI from a task that runs; not its primary one.")

        @Argument(help: "The ENI's id, its MAC address, or the attachment's id or ARN.")
        var eni: String

        @Option(name: .long, help: "The task that has it, where that is not clear.")
        var task: String?

        @OptionGroup var cluster: ClusterOptions
        @OptionGroup var global: GlobalOptions

        func run() throws {
            let catalog = TaskCatalog(client: global.client, cluster: cluster.cluster)
            let input = TaskNetworkAPI.DetachNetworkInterface.Input(
                attachment: eni, task: try task.map { try catalog.resolve([$0])[0] }, cluster: cluster.cluster)
            let answer = try global.client.send(TaskNetworkAPI.DetachNetworkInterface.self, input)
            if global.json {
                Output.json(try JSONParser.parse(answer))
                return
            }
            let output = try global.client.decode(TaskNetworkAPI.DetachNetworkInterface.self, answer)
            Output.table(attachmentTable(output.attachment.map { [$0] } ?? []))
        }
    }
}

private func attachmentTable(_ attachments: [TaskAttachment]) -> Table {
    var table = Table("ENI", "ATTACHMENT", "STATUS", "MAC", "ADDRESS", "SUBNET")
    for attachment in attachments {
        table.rows.append(
            [
                attachment.detail(TaskAttachment.Detail.networkInterfaceID) ?? "", attachment.id ?? "",
                attachment.status?.rawValue ?? "", attachment.detail(TaskAttachment.Detail.macAddress) ?? "",
                attachment.addresses.joined(separator: ", "), attachment.detail(TaskAttachment.Detail.subnetID) ?? "",
            ].map { Table.Cell($0) })
    }
    return table
}

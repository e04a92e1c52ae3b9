// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ControlClient
import ECSAPI
import ECSClient
import JSON

struct SecurityGroupCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sg", abstract: "Shows, makes and changes security groups.",
        discussion: """
            A group is named by its id or its name. Groups of the configuration file are changed there; those that are \
            made here stay until they are deleted.
            """,
        subcommands: [List.self, Show.self, Create.self, Delete.self, Authorize.self, Revoke.self],
        defaultSubcommand: List.self)

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(commandName: "list", abstract: "Lists the security groups.")

        @OptionGroup var global: GlobalOptions

        func run() throws {
            let answer = try global.client.send(TaskNetworkAPI.DescribeSecurityGroups.self, .init())
            if global.json {
                Output.json(try JSONParser.parse(answer))
                return
            }
            let output = try global.client.decode(TaskNetworkAPI.DescribeSecurityGroups.self, answer)
            Output.table(Self.table(output.securityGroups ?? []))
        }

        static func table(_ groups: [SecurityGroupDescription]) -> Table {
            var table = Table("NAME", "GROUP", ">IN", ">OUT", ">ENIS", "MADE BY", "DESCRIPTION")
            for group in groups {
                table.rows.append(
                    [
                        group.groupName, group.groupId, String(group.ruleCount(group.ipPermissions)),
                        String(group.ruleCount(group.ipPermissionsEgress)),
                        group.networkInterfaceCount.map(String.init) ?? "", group.originText, group.description,
                    ].map { Table.Cell($0) })
            }
            return table
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "show", abstract: "Shows a security group with its rules, their counters, and its members.",
            discussion: """
                A rule counts the first packet of each connection that it lets through; what follows belongs to the \
                connection. Groups are enforced on ENIs of the kind veth: others are members, and no more.
                """)

        @Argument(help: "Which group.", completion: Completions.securityGroups)
        var group: String

        @OptionGroup var global: GlobalOptions

        func run() throws {
            let catalog = try SecurityGroupCatalog(client: global.client)
            let group = try catalog.group(group)
            let view = try SecurityGroupView(group, catalog: catalog)
            if global.json {
                Output.json(try view.json)
            } else {
                Output.lines(view.lines(styled: Terminal.isStyled))
            }
        }
    }

    struct Create: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "create",
            abstract: "Makes a security group, which may speak to anyone and hears nobody; prints its id.")

        @Argument(help: "Its name; default and what begins with sg- are taken.")
        var name: String

        @Option(name: .long, help: ArgumentHelp("What it is for. (default: its name)", valueName: "text"))
        var description: String?

        @OptionGroup var global: GlobalOptions

        func run() throws {
            let answer = try global.client.send(
                TaskNetworkAPI.CreateSecurityGroup.self, .init(groupName: name, description: description ?? name))
            if global.json {
                Output.json(try JSONParser.parse(answer))
            } else {
                let output = try global.client.decode(TaskNetworkAPI.CreateSecurityGroup.self, answer)
                Output.line(EscapedText.of(output.groupId))
            }
        }
    }

    struct Delete: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "delete", abstract: "Deletes a security group that no ENI is in and that no rule names.")

        @Argument(help: "Which group.", completion: Completions.securityGroups)
        var group: String

        @OptionGroup var global: GlobalOptions

        func run() throws {
            let group = try SecurityGroupCatalog(client: global.client).group(group)
            let answer = try global.client.send(
                TaskNetworkAPI.DeleteSecurityGroup.self, .init(groupId: group.groupId))
            if global.json { Output.json(try JSONParser.parse(answer)) }
        }
    }
}

extension SecurityGroupDescription {
    /// Each peer is a rule.
    func ruleCount(_ permissions: [IpPermission]) -> Int {
        permissions.reduce(0) {
            $0 + $1.ipRanges.count + $1.ipv6Ranges.count + $1.userIdGroupPairs.count + $1.prefixListIds.count
        }
    }

    /// Where it can be changed.
    var originText: String { isConfigured.map { $0 ? "file" : "API" } ?? "" }
}

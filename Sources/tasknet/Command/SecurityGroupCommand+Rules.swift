// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ControlClient
import ECSAPI
import ECSClient
import JSON

extension SecurityGroupCommand {
    struct Authorize: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "authorize", abstract: "Adds rules to a security group: all of them or none.",
            discussion: """
                Without --egress the rules say whom the group's members hear, with it whom they may speak to.

                  tasknet sg authorize web --protocol tcp --port 80 --cidr 0.0.0.0/0
                  tasknet sg authorize data --protocol tcp --port 5432 --source-group web
                  tasknet sg authorize web --protocol icmp --icmp-type 8 --prefix-list lan
                  tasknet sg authorize web --ip-permissions rules.json
                """)

        @Argument(help: "Which group.", completion: Completions.securityGroups)
        var group: String

        @OptionGroup var rules: RuleOptions

        @Option(name: .long, help: ArgumentHelp("What the rules are for.", valueName: "text"))
        var description: String?

        @OptionGroup var global: GlobalOptions

        func validate() throws {
            try rules.validateRules()
            if rules.ipPermissions != nil, description != nil {
                throw ValidationError("--description goes with --protocol; a file has its own")
            }
        }

        func run() throws {
            let permissions = try rules.permissions(description: description)
            let catalog = try SecurityGroupCatalog(client: global.client)
            let input = TaskNetworkAPI.AuthorizeSecurityGroupInput(
                groupId: try catalog.group(group).groupId, ipPermissions: permissions)
            let answer =
                rules.egress
                ? try global.client.send(TaskNetworkAPI.AuthorizeSecurityGroupEgress.self, input)
                : try global.client.send(TaskNetworkAPI.AuthorizeSecurityGroupIngress.self, input)
            if global.json {
                Output.json(try JSONParser.parse(answer))
            } else {
                let output = try global.client.decode(TaskNetworkAPI.AuthorizeSecurityGroupIngress.self, answer)
                Output.table(
                    RuleTable(catalog: catalog, isEgress: rules.egress).table(output.securityGroupRules ?? []))
            }
        }
    }

    struct Revoke: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "revoke", abstract: "Takes rules from a security group: all of them or none.",
            discussion: """
                They are named by their ids, which sg show tells, or by what they say, as for authorize. Connections \
                that a rule allowed live on, as in AWS, unless the daemon is configured to end them \
                (endRevokedConnections).
                """)

        @Argument(help: "Which group.", completion: Completions.securityGroups)
        var group: String

        @Option(name: .long, help: ArgumentHelp("A rule's id; all of one direction.", valueName: "sgr-id"))
        var rule: [String] = []

        @OptionGroup var rules: RuleOptions
        @OptionGroup var global: GlobalOptions

        func validate() throws {
            guard rule.isEmpty else {
                if !rules.isEmpty { throw ValidationError("--rule names the rules: leave the other options out") }
                return
            }
            if rules.isEmpty { throw ValidationError("say which rules: --rule, --protocol or --ip-permissions") }
            try rules.validateRules()
        }

        func run() throws {
            let catalog = try SecurityGroupCatalog(client: global.client)
            let id = try catalog.group(group).groupId
            if rule.isEmpty {
                let permissions = try rules.permissions(description: nil)
                try revoke(.init(groupId: id, ipPermissions: permissions), isEgress: rules.egress, catalog)
            } else {
                let found = try namedRules(in: try catalog.rules(ofGroup: id))
                let isEgress = found.contains(where: \.isEgress)
                // One request is of one direction, and two would not be all or none.
                if found.contains(where: { $0.isEgress != isEgress }) {
                    throw CommandFailure(
                        "inbound and outbound rules cannot be revoked in one go: name them apart", .usage)
                }
                try revoke(.init(groupId: id, securityGroupRuleIds: rule), isEgress: isEgress, catalog)
            }
        }

        private func namedRules(
            in known: [SecurityGroupRuleDescription]
        ) throws(CommandFailure) -> [SecurityGroupRuleDescription] {
            var found: [SecurityGroupRuleDescription] = []
            for id in rule {
                guard let rule = known.first(where: { $0.securityGroupRuleId == id }) else {
                    throw CommandFailure(
                        """
                        there is no rule \(EscapedText.of(id)) in \(EscapedText.of(group)) (tasknet sg show lists them)
                        """, .notFound)
                }
                found.append(rule)
            }
            return found
        }

        private func revoke(
            _ input: TaskNetworkAPI.RevokeSecurityGroupInput, isEgress: Bool, _ catalog: SecurityGroupCatalog
        ) throws {
            let answer =
                isEgress
                ? try global.client.send(TaskNetworkAPI.RevokeSecurityGroupEgress.self, input)
                : try global.client.send(TaskNetworkAPI.RevokeSecurityGroupIngress.self, input)
            if global.json {
                Output.json(try JSONParser.parse(answer))
            } else {
                let output = try global.client.decode(TaskNetworkAPI.RevokeSecurityGroupIngress.self, answer)
                Output.table(
                    RuleTable(catalog: catalog, isEgress: isEgress).table(output.revokedSecurityGroupRules ?? []))
            }
        }
    }
}

// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ControlClient
import ECSAPI
import ECSClient
import JSON

struct SubnetCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "subnet", abstract: "Shows the subnets of this host.", subcommands: [List.self],
        defaultSubcommand: List.self)

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "Lists the subnets with the addresses that are free in them.")

        @OptionGroup var global: GlobalOptions

        func run() throws {
            let answer = try global.client.send(TaskNetworkAPI.ListSubnets.self, .init())
            if global.json {
                Output.json(try JSONParser.parse(answer))
                return
            }
            let subnets = try global.client.decode(TaskNetworkAPI.ListSubnets.self, answer).subnets ?? []
            Output.table(Self.table(subnets))
        }

        static func table(_ subnets: [SubnetDescription]) -> Table {
            let hasIPv4 = subnets.contains { $0.cidrBlock != nil }
            let hasIPv6 = subnets.contains { $0.ipv6CidrBlock != nil }
            var table = Table(
                ["NAME", "SUBNET"] + (hasIPv4 ? ["IPV4 BLOCK", ">FREE", "GATEWAY"] : [])
                    + (hasIPv6 ? ["IPV6 BLOCK", ">FREE"] : []) + [">ENIS", "ZONE"])
            for subnet in subnets {
                var cells = [subnet.name, subnet.subnetId]
                if hasIPv4 {
                    cells += [
                        subnet.cidrBlock ?? "", count(subnet.availableIpAddressCount), subnet.gatewayIpv4Address ?? "",
                    ]
                }
                if hasIPv6 { cells += [subnet.ipv6CidrBlock ?? "", count(subnet.availableIpv6AddressCount)] }
                cells += [subnet.networkInterfaceCount.map(String.init) ?? "", subnet.availabilityZone ?? ""]
                table.rows.append(cells.map { Table.Cell($0) })
            }
            return table
        }

        /// Nobody counts the addresses of an IPv6 subnet.
        static func count(_ number: UInt64?) -> String {
            guard let number else { return "" }
            guard number > 1 << 32 else { return String(number) }
            let isNearerAbove = number.leadingZeroBitCount == 0 || number > 3 << (62 - number.leadingZeroBitCount)
            return "~2^\(63 - number.leadingZeroBitCount + (isNearerAbove ? 1 : 0))"
        }
    }
}

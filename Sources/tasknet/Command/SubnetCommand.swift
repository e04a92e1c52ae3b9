// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ControlClient
import ECSAPI
import ECSClient
import JSON

struct SubnetCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "subnet", abstract: "Shows the subnets of this host.", subcommands: [List.self, Show.self],
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
            let hasRoute = subnets.contains { $0.route != nil }
            var table = Table(
                ["NAME", "SUBNET"] + (hasIPv4 ? ["IPV4 BLOCK", ">FREE", "GATEWAY"] : [])
                    + (hasIPv6 ? ["IPV6 BLOCK", ">FREE"] : []) + (hasRoute ? ["ROUTE"] : []) + [">ENIS", "ZONE"])
            for subnet in subnets {
                var cells = [subnet.name, subnet.subnetId]
                if hasIPv4 {
                    cells += [
                        subnet.cidrBlock ?? "", count(subnet.availableIpAddressCount), subnet.gatewayIpv4Address ?? "",
                    ]
                }
                if hasIPv6 { cells += [subnet.ipv6CidrBlock ?? "", count(subnet.availableIpv6AddressCount)] }
                if hasRoute { cells.append(subnet.route ?? "") }
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

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "show", abstract: "Shows a subnet with its route and its addresses.")

        @Argument(help: "Which subnet, by id or name.", completion: Completions.subnets)
        var subnet: String

        @OptionGroup var global: GlobalOptions

        func run() throws {
            let answer = try global.client.send(TaskNetworkAPI.ListSubnets.self, .init())
            let all = try global.client.decode(TaskNetworkAPI.ListSubnets.self, answer).subnets ?? []
            guard let found = all.first(where: { $0.subnetId == subnet }) ?? all.first(where: { $0.name == subnet })
            else {
                let names = all.map { EscapedText.of($0.name) }.joined(separator: ", ")
                throw CommandFailure(
                    "there is no subnet \(EscapedText.quoted(subnet.utf8, limit: 120)); there are: \(names)", .notFound)
            }
            if global.json {
                Output.json(try JSONNode(encoding: found))
            } else {
                Output.lines(Self.lines(found))
            }
        }

        static func lines(_ subnet: SubnetDescription) -> [String] {
            var lines = ValuePairs([
                ("Subnet", subnet.subnetId), ("Name", subnet.name), ("VPC", subnet.vpcId),
                ("Zone", subnet.availabilityZone), ("Route", subnet.route.map(routeText)),
                ("ENIs", subnet.networkInterfaceCount.map(String.init)),
                ("IPv4 block", subnet.cidrBlock), ("  Gateway", subnet.gatewayIpv4Address),
                ("  Free", free(subnet.availableIpAddressCount, of: subnet.usableIpAddressCount)),
                ("  Next", subnet.nextIpAddress),
                ("IPv6 block", subnet.ipv6CidrBlock), ("  Gateway", subnet.gatewayIpv6Address),
                ("  Free", free(subnet.availableIpv6AddressCount, of: subnet.usableIpv6AddressCount)),
                ("  Next", subnet.nextIpv6Address),
            ]).lines()
            let reserved = subnet.reservedIpAddresses ?? []
            if !reserved.isEmpty {
                var table = Table("RESERVED", "FOR")
                for address in reserved { table.add(Table.Cell(address.address), Table.Cell(address.purpose)) }
                lines += [""] + table.lines()
            }
            return lines
        }

        private static func free(_ free: UInt64?, of usable: UInt64?) -> String? {
            guard let free else { return nil }
            return usable.map { "\(List.count(free)) of \(List.count($0))" } ?? List.count(free)
        }

        private static func routeText(_ route: String) -> String {
            switch route {
            case "nat": "nat: out with the host's address, nothing begins from outside"
            case "none": "none: nothing from or to the outside"
            case "public": "public: as it is, may be reached from outside"
            default: route
            }
        }
    }
}

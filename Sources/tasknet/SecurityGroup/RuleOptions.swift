// SPDX-License-Identifier: Apache-2.0

import Addressing
import ArgumentParser
import ECSAPI
import VPC

/// What rules say, on the command line or in a file.
struct RuleOptions: ParsableArguments {
    @Flag(name: .long, help: "Rules for what members send, not for what they are sent.")
    var egress = false

    @Option(
        name: .customLong("protocol"),
        help: ArgumentHelp("tcp, udp, icmp, icmpv6, a number, or all.", valueName: "protocol"),
        completion: .list(["tcp", "udp", "icmp", "icmpv6", "all"]), transform: RuleOptions.ipProtocol)
    var ipProtocol: IPProtocol?

    @Option(
        name: .long, help: ArgumentHelp("For tcp and udp: a port or a range; may be repeated.", valueName: "80[-90]"),
        transform: RuleOptions.ports)
    var port: [ClosedRange<Int>] = []

    @Option(
        name: .long,
        help: ArgumentHelp("For icmp and icmpv6: a type, with a code or without. (default: all)", valueName: "8[/0]"),
        transform: RuleOptions.icmpType)
    var icmpType: ICMPType?

    @Option(
        name: .long, help: ArgumentHelp("Addresses of IPv4 or IPv6; may be repeated.", valueName: "10.0.0.0/8"),
        transform: RuleOptions.block)
    var cidr: [InterfaceAddress] = []

    @Option(
        name: .long,
        help: ArgumentHelp(
            "The members of a group, with --egress as those spoken to; may be repeated.", valueName: "group"),
        completion: Completions.securityGroups)
    var sourceGroup: [String] = []

    @Option(
        name: .long, help: ArgumentHelp("The addresses of a prefix list; may be repeated.", valueName: "list"),
        completion: Completions.prefixLists)
    var prefixList: [String] = []

    @Option(
        name: .long,
        help: ArgumentHelp(
            "EC2's IpPermissions in a JSON file, or a group that has them, instead of all these; - reads standard input.",
            valueName: "file"),
        completion: Completions.json)
    var ipPermissions: String?

    struct ICMPType: Equatable {
        var type: Int
        var code: Int?
    }

    /// Whether nothing is said at all.
    var isEmpty: Bool { ipProtocol == nil && !saysMoreThanProtocol && ipPermissions == nil && !egress }

    private var saysMoreThanProtocol: Bool {
        !port.isEmpty || icmpType != nil || !cidr.isEmpty || !sourceGroup.isEmpty || !prefixList.isEmpty
    }

    /// Not `validate`, which is asked also where nothing need be said.
    func validateRules() throws {
        if ipPermissions != nil {
            if ipProtocol != nil || saysMoreThanProtocol {
                throw ValidationError("--ip-permissions says all: leave the other options out, but for --egress")
            }
            return
        }
        guard let ipProtocol else { throw ValidationError("say --protocol, or give --ip-permissions") }
        if ipProtocol.hasPorts, port.isEmpty {
            throw ValidationError("--port is needed with \(ipProtocol); 0-65535 is all")
        }
        if !ipProtocol.hasPorts, !port.isEmpty { throw ValidationError("--port goes with tcp and udp") }
        if !ipProtocol.hasTypes, icmpType != nil { throw ValidationError("--icmp-type goes with icmp and icmpv6") }
        if cidr.isEmpty, sourceGroup.isEmpty, prefixList.isEmpty {
            throw ValidationError("say who: --cidr, --source-group or --prefix-list")
        }
    }

    /// The permissions, read from the file or made from the options.
    func permissions(description: String?) throws -> [IpPermission] {
        if let ipPermissions { return try PermissionFile(path: ipPermissions).read(isEgress: egress) }
        let text = ipProtocol?.description
        var permission = IpPermission(ipProtocol: text)
        if ipProtocol?.hasTypes == true {
            permission.fromPort = icmpType?.type ?? -1
            permission.toPort = icmpType?.code ?? -1
        }
        for address in cidr {
            let block = address.network?.description ?? address.description
            switch address.family {
            case .v4: permission.ipRanges.append(.init(cidrIp: block, description: description))
            case .v6: permission.ipv6Ranges.append(.init(cidrIpv6: block, description: description))
            }
        }
        permission.userIdGroupPairs = sourceGroup.map { text in
            text.hasPrefix("sg-")
                ? .init(groupId: text, description: description)
                : .init(groupId: nil, groupName: text, description: description)
        }
        permission.prefixListIds = prefixList.map { .init(prefixListId: $0, description: description) }
        guard !port.isEmpty else { return [permission] }
        return port.map { range in
            permission.fromPort = range.lowerBound
            permission.toPort = range.upperBound
            return permission
        }
    }

    static func ipProtocol(_ text: String) throws -> IPProtocol {
        guard let value = IPProtocol(text) else {
            throw ValidationError("a protocol is tcp, udp, icmp, icmpv6, a number from 0 to 255, or all")
        }
        return value
    }

    static func ports(_ text: String) throws -> ClosedRange<Int> {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false).map { number(String($0), most: 65535) }
        if let first = parts.first, let from = first, let last = parts.last, let to = last, parts.count <= 2, from <= to
        {
            return from...to
        }
        throw ValidationError("a port is 0 to 65535, a range is such as 80-90")
    }

    static func icmpType(_ text: String) throws -> ICMPType {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { number(String($0), most: 255) }
        if let first = parts.first, let type = first {
            if parts.count == 1 { return ICMPType(type: type) }
            if parts.count == 2, let code = parts[1] { return ICMPType(type: type, code: code) }
        }
        throw ValidationError("a type is 0 to 255, with a code such as 3/4")
    }

    /// An address alone is itself and nobody else.
    static func block(_ text: String) throws -> InterfaceAddress {
        if let address = IPAddress(text) { return InterfaceAddress(host: address) }
        do {
            return try InterfaceAddress(parsing: text)
        } catch {
            throw ValidationError("\(error)")
        }
    }

    private static func number(_ text: String, most: Int) -> Int? {
        guard text.utf8.allSatisfy((UInt8(ascii: "0")...UInt8(ascii: "9")).contains), let value = Int(text) else {
            return nil
        }
        return (0...most).contains(value) ? value : nil
    }
}

// SPDX-License-Identifier: Apache-2.0
import Addressing
import Linux
import Logging
import SystemPackage
package import VPC

extension ConfigurationReading {
    mutating func readIdentity(into configuration: inout AgentConfiguration) {
        read(.cluster, into: &configuration.cluster) { value throws(ConfigurationProblem) in try value.string() }
        read(.region, into: &configuration.region) { value throws(ConfigurationProblem) in try value.string() }
        read(.accountID, into: &configuration.accountID) { value throws(ConfigurationProblem) in try value.string() }
        read(.availabilityZone, into: &configuration.availabilityZoneName) { value throws(ConfigurationProblem) in
            try value.string()
        }
        read(.logLevel, into: &configuration.logLevel) { value throws(ConfigurationProblem) in
            try value.parsed(as: "a log level", example: "debug, info, warning, error or critical", Self.logLevel)
        }
        read(.instanceAttributes, into: &configuration.instanceAttributes) { value throws(ConfigurationProblem) in
            var attributes: [String: String] = [:]
            for (name, member) in try value.members() { attributes[name] = try member.string() }
            return attributes
        }
    }

    mutating func readPaths(into configuration: inout AgentConfiguration) {
        read(.stateDirectory, into: &configuration.stateDirectory, Self.path)
        read(.runtimeDirectory, into: &configuration.runtimeDirectory, Self.path)
        read(.namespaceDirectory, into: &configuration.namespaceDirectory, Self.path)
        read(.pauseExecutable, into: &configuration.pauseExecutable, Self.path)
        read(.controlSocketPath, into: &configuration.controlSocket.path, Self.path)
        read(.controlSocketGroup, into: &configuration.controlSocket.group) { value throws(ConfigurationProblem) in
            try value.string()
        }
        read(.controlSocketMode, into: &configuration.controlSocket.mode) { value throws(ConfigurationProblem) in
            try value.parsed(as: "a file mode in octal", example: "\"0660\"") { text in
                let digits = text.hasPrefix("0o") ? text.dropFirst(2) : text[...]
                guard let mode = CModeT(digits, radix: 8), mode <= 0o777 else { return nil }
                return FilePermissions(rawValue: mode)
            }
        }
    }

    mutating func readTaskSettings(into configuration: inout AgentConfiguration) {
        read(.containerStopTimeout, into: &configuration.containerStopTimeout, Self.duration)
        read(.taskCleanupWait, into: &configuration.taskCleanupWait, Self.duration)
        read(.eventRetention, into: &configuration.eventRetention, Self.duration)
        read(.maximumEvents, into: &configuration.maximumEvents) { value throws(ConfigurationProblem) in
            try value.parsed(as: "a number", example: "a whole number such as 50000") { Int($0) }
        }
        read(.reconcileInterval, into: &configuration.reconcileInterval, Self.duration)
        read(.warmPoolMinimum, into: &configuration.warmPool.minimum, Self.count)
        read(.warmPoolMaximum, into: &configuration.warmPool.maximum, Self.count)
        readList(.reservedPorts, into: &configuration.reservedPorts) { value throws(ConfigurationProblem) in
            try value.parsed(as: "a port", example: "a number from 1 to 65535") { text in
                UInt16(text).flatMap { $0 == 0 ? nil : $0 }
            }
        }
        read(.images, into: &configuration.images) { value throws(ConfigurationProblem) in
            var images: [String: FilePath] = [:]
            for (name, member) in try value.members() { images[name] = try Self.path(member) }
            return images
        }
    }

    mutating func readNetwork(into configuration: inout AgentConfiguration) {
        read(.blockInstanceMetadata, into: &configuration.blockInstanceMetadata) { value throws(ConfigurationProblem) in
            try value.parsed(as: "a truth value", example: "true or false", Self.truth)
        }
        readList(.additionalLocalRoutes, into: &configuration.additionalLocalRoutes, Self.block)
        read(.mtu, into: &configuration.mtu) { value throws(ConfigurationProblem) in
            try value.parsed(as: "a number of bytes", example: "a whole number such as 1500") { Int($0) }
        }
        read(.interfaceType, into: &configuration.interfaceType) { value throws(ConfigurationProblem) in
            let known = InterfaceType.allCases.map(\.rawValue).joined(separator: ", ")
            return try value.parsed(as: "an interface type", example: "one of \(known)") { InterfaceType(rawValue: $0) }
        }
        read(.parentInterface, into: &configuration.parentInterface) { value throws(ConfigurationProblem) in
            try value.string()
        }
        readList(.dnsServers, into: &configuration.dns.servers) { value throws(ConfigurationProblem) in
            try value.parsed(as: "an IP address", example: "one such as 10.64.0.2") { IPAddress($0) }
        }
        readList(.dnsSearchDomains, into: &configuration.dns.searchDomains) { value throws(ConfigurationProblem) in
            try value.string()
        }
        read(.dnsDomain, into: &configuration.dns.domain) { value throws(ConfigurationProblem) in try value.string() }
        read(.vpcID, into: &configuration.vpc.id) { value throws(ConfigurationProblem) in try value.string() }
        readList(.vpcCIDRBlocks, into: &configuration.vpc.cidrBlocks, Self.block)
        configuration.subnets = configuration.defaultSubnets
        let settings = configuration
        readList(.subnets, into: &configuration.subnets) { value throws(ConfigurationProblem) in
            try Self.subnet(value, in: settings)
        }
    }
}

extension AgentConfiguration {
    /// The subnet of a daemon that was told of none.
    package var defaultSubnets: [Subnet] {
        [
            Subnet(
                id: "subnet-0a400100180000000", name: "default", vpcID: vpc.id, availabilityZone: availabilityZone,
                ipv4CIDRBlock: IPv4CIDRBlock(network: IPv4Address(rawValue: 0x0A40_0100), prefixLength: 24))
        ]
    }
}

extension ConfigurationReading {
    private static func path(_ value: ConfigurationValue) throws(ConfigurationProblem) -> FilePath {
        try value.parsed(as: "an absolute path", example: "one that starts with /") { text in
            let path = FilePath(text)
            return path.isAbsolute ? path.lexicallyNormalized() : nil
        }
    }

    private static func path(_ value: ConfigurationValue) throws(ConfigurationProblem) -> FilePath? {
        try path(value) as FilePath
    }

    private static func duration(_ value: ConfigurationValue) throws(ConfigurationProblem) -> Duration {
        try value.parsed(as: "a duration", example: "a number with its unit, such as 30s or 1h30m") {
            GoDuration.parse($0)
        }
    }

    private static func count(_ value: ConfigurationValue) throws(ConfigurationProblem) -> Int {
        try value.parsed(as: "a number", example: "a whole number such as 8") { Int($0) }
    }

    static func block(_ value: ConfigurationValue) throws(ConfigurationProblem) -> CIDRBlock {
        let text = try value.string()
        do throws(AddressError) {
            return try CIDRBlock(parsing: text)
        } catch {
            throw value.problem("\(error)", "write a block such as 10.64.1.0/24")
        }
    }

    static func truth(_ text: String) -> Bool? {
        switch text.lowercased() {
        case "true", "yes", "on", "t", "1": true
        case "false", "no", "off", "f", "0": false
        default: nil
        }
    }

    /// swift-log's names and the ECS agent's.
    private static func logLevel(_ text: String) -> Logger.Level? {
        switch text.lowercased() {
        case "crit", "fatal": .critical
        case "warn": .warning
        case let name: Logger.Level(rawValue: name)
        }
    }

    private static func subnet(
        _ value: ConfigurationValue, in configuration: AgentConfiguration
    ) throws(ConfigurationProblem) -> Subnet {
        var texts: [String: ConfigurationValue] = [:]
        let known = ["id", "name", "availabilityZone", "cidrBlock", "ipv6CidrBlock", "route"]
        for (name, member) in try value.members() where !member.isNull {
            guard known.contains(name) else {
                throw .unknownKey(member.path, at: member.source, known: known.map { "\(value.path).\($0)" })
            }
            texts[name] = member
        }
        let id = try texts["id"]?.string()
        guard let name = try texts["name"]?.string() ?? id else {
            throw value.problem("has neither a name nor an id", "add one such as name: blue")
        }
        let ipv4 = try texts["cidrBlock"].map { text throws(ConfigurationProblem) in
            try text.parsedBlock(IPv4CIDRBlock.init(parsing:), example: "10.64.1.0/24")
        }
        let ipv6 = try texts["ipv6CidrBlock"].map { text throws(ConfigurationProblem) in
            try text.parsedBlock(IPv6CIDRBlock.init(parsing:), example: "fd00:64:0:1::/64")
        }
        return Subnet(
            id: id, name: name, vpcID: configuration.vpc.id,
            availabilityZone: try texts["availabilityZone"]?.string() ?? configuration.availabilityZone,
            ipv4CIDRBlock: ipv4, ipv6CIDRBlock: ipv6, route: try texts["route"].map(route) ?? .nat)
    }

    private static func route(_ value: ConfigurationValue) throws(ConfigurationProblem) -> SubnetRoute {
        let known = SubnetRoute.allCases.map(\.rawValue).joined(separator: ", ")
        return try value.parsed(as: "a route", example: "one of \(known)") { SubnetRoute(rawValue: $0) }
    }
}

extension ConfigurationValue {
    func parsedBlock<Block>(
        _ parse: (String) throws(AddressError) -> Block, example: String
    ) throws(ConfigurationProblem) -> Block {
        let text = try string()
        do throws(AddressError) {
            return try parse(text)
        } catch {
            throw problem("\(error)", "write a block such as \(example)")
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
import Addressing
import Linux
import SystemPackage
import VPC

/// What must hold between the values of a configuration, and of each beyond its form.
struct ConfigurationCheck {
    let configuration: AgentConfiguration
    private let sources: [ConfigurationKey: String]
    /// Not looked at again: what stands there is the default.
    let alreadyWrong: Set<ConfigurationKey>
    private var found: [ConfigurationProblem] = []

    init(
        _ configuration: AgentConfiguration, sources: [ConfigurationKey: String],
        alreadyWrong: Set<ConfigurationKey> = []
    ) {
        self.configuration = configuration
        self.sources = sources
        self.alreadyWrong = alreadyWrong
    }

    func problems() -> [ConfigurationProblem] {
        var check = self
        check.identity()
        check.events()
        check.link()
        check.names()
        check.images()
        if !alreadyWrong.contains(.subnets) { check.subnets() }
        check.prefixLists()
        check.securityGroups()
        check.securitySettings()
        check.reconciliation()
        check.warmPool()
        return check.found
    }

    mutating func require(
        _ holds: Bool, _ key: ConfigurationKey, at suffix: String = "", _ message: @autoclosure () -> String,
        mend: @autoclosure () -> String
    ) {
        guard !holds, !alreadyWrong.contains(key) else { return }
        found.append(
            ConfigurationProblem(
                source: sources[key] ?? "", key: key.rawValue + suffix, message: message(), mend: mend()))
    }

    private mutating func identity() {
        let cluster = configuration.cluster
        require(
            (1...255).contains(cluster.utf8.count) && cluster.utf8.allSatisfy { $0.isNameByte }, .cluster,
            "\"\(cluster)\" is not a cluster name", mend: "use up to 255 letters, digits, - and _")
        let region = configuration.region
        require(
            !region.isEmpty && region.utf8.allSatisfy { $0.isNameByte }, .region, "\"\(region)\" is not a region",
            mend: "write one such as us-east-1")
        let account = configuration.accountID
        require(
            account.utf8.count == 12 && account.utf8.allSatisfy { (0x30...0x39).contains($0) }, .accountID,
            "\"\(account)\" is not an account id", mend: "write 12 digits, in quotes")
    }

    private mutating func events() {
        let possible = 100...1_000_000
        let count = configuration.maximumEvents
        require(
            possible.contains(count), .maximumEvents, "is \(count)",
            mend: "write \(possible.lowerBound) to \(possible.upperBound)")
    }

    private mutating func link() {
        let hasIPv6 = configuration.subnets.contains { $0.ipv6CIDRBlock != nil }
        if let mtu = configuration.mtu {
            let possible = NetworkInterface.possibleMTUs(withIPv6: hasIPv6)
            require(
                possible.contains(mtu), .mtu,
                mtu > possible.upperBound
                    ? "no link has an MTU of \(mtu) bytes" : "\(mtu) bytes cannot carry \(hasIPv6 ? "IPv6" : "IPv4")",
                mend: """
                    use \(possible.lowerBound) to \(possible.upperBound), or leave the key out to take the uplink's
                    """)
        }
        let type = configuration.interfaceType
        require(
            !type.needsParent || configuration.parentInterface != nil, .interfaceType,
            "\(type.rawValue) needs a NIC below it", mend: "name one as parentInterface")
        if let parent = configuration.parentInterface {
            require(
                type.needsParent, .parentInterface, "has no meaning with interfaceType \(type.rawValue)",
                mend: "leave it out, or set interfaceType to macvlan or ipvlan")
            require(
                (1...15).contains(parent.utf8.count)
                    && !parent.utf8.contains { $0 == 0x2F || $0 == 0x3A || $0 <= 0x20 || $0 == 0x7F },
                .parentInterface, "\"\(parent)\" cannot name an interface",
                mend: "use up to 15 bytes without space, slash or colon")
        }
    }

    private mutating func names() {
        for (index, domain) in configuration.dns.searchDomains.enumerated() {
            require(
                domain.isDomainName, .dnsSearchDomains, at: "[\(index)]", "\"\(domain)\" is not a domain name",
                mend: "write one such as example.internal")
        }
        if let domain = configuration.dns.domain {
            require(
                domain.isDomainName, .dnsDomain, "\"\(domain)\" is not a domain name",
                mend: "write one such as example.internal")
        }
        for (name, value) in configuration.instanceAttributes.sorted(by: { $0.key < $1.key }) {
            let fits =
                (1...128).contains(name.utf8.count) && value.utf8.count <= 128
                && name.utf8.allSatisfy { $0.isNameByte || $0 == 0x2E || $0 == 0x2F }
            require(
                fits, .instanceAttributes, at: ".\(name)", "is not an attribute",
                mend: "use letters, digits, - _ . and / in the name, and up to 128 characters in both")
        }
    }

    private mutating func reconciliation() {
        let interval = configuration.reconcileInterval
        require(
            interval == .zero || interval >= .seconds(1), .reconcileInterval,
            "\(GoDuration.text(interval)) is too short to compare everything in",
            mend: "write 1s or more, or 0 for never")
    }

    private mutating func warmPool() {
        let (pool, most) = (configuration.warmPool, 1000)
        require(
            (0...most).contains(pool.minimum), .warmPoolMinimum, "is \(pool.minimum)",
            mend: "write 0 for no pool, or up to \(most)")
        require(
            (0...most).contains(pool.maximum), .warmPoolMaximum, "is \(pool.maximum)", mend: "write up to \(most)")
        // Where only one is given, the other follows.
        guard sources[.warmPoolMaximum] != nil else { return }
        require(
            pool.maximum >= pool.minimum, .warmPoolMaximum,
            "is \(pool.maximum), and warmPool.minimum is \(pool.minimum)", mend: "write that or more")
    }

    private mutating func images() {
        for (name, root) in configuration.images.sorted(by: { $0.key < $1.key }) {
            require(
                name != AgentConfiguration.hostImage, .images, at: ".\(name)", "always means the host's own root",
                mend: "choose another image name")
            require(
                !name.isEmpty && !name.utf8.contains { $0 <= 0x20 || $0 == 0x7F }, .images, at: ".\(name)",
                "cannot name an image", mend: "write the name as task definitions give it, such as busybox:1.36")
            require(
                root.isAbsolute, .images, at: ".\(name)", "\"\(root)\" is not an absolute path",
                mend: "write one that starts with /")
            // To a pause process it means the host's own root, which is written to without a layer in between.
            require(
                name == AgentConfiguration.hostImage || root.lexicallyNormalized() != "/", .images, at: ".\(name)",
                "\"\(root)\" is the host's own root",
                mend: "leave the entry out and write image '\(AgentConfiguration.hostImage)' in task definitions")
        }
    }
}

// MARK: - Subnets

extension ConfigurationCheck {
    private mutating func subnets() {
        let id = configuration.vpc.id
        require(
            id.isResourceID("vpc-"), .vpcID, "\"\(id)\" is not a VPC id",
            mend: "write one such as \(VPCSettings().id)")
        require(!configuration.subnets.isEmpty, .subnets, "is empty", mend: "leave the key out for the default subnet")
        for (index, subnet) in configuration.subnets.enumerated() {
            require(
                subnet.id.isResourceID("subnet-"), .subnets, at: "[\(index)].id",
                "\"\(subnet.id)\" is not a subnet id",
                mend: "write one such as \(ResourceID.derived("subnet", from: subnet.name))")
            do throws(SubnetError) {
                try subnet.validate()
            } catch {
                require(false, .subnets, at: "[\(index)]", error.description, mend: "")
            }
            for block in subnet.cidrBlocks { isInVPC(block, at: "[\(index)]") }
        }
        do throws(SubnetError) {
            try Subnet.validateDisjoint(configuration.subnets)
        } catch {
            require(false, .subnets, error.description, mend: "give each subnet a name and blocks of its own")
        }
    }

    private mutating func isInVPC(_ block: CIDRBlock, at place: String) {
        let outer = configuration.vpc.cidrBlocks.filter { $0.family == block.family }
        guard !outer.isEmpty, !alreadyWrong.contains(.vpcCIDRBlocks) else { return }
        require(
            outer.contains { $0.contains(block) }, .subnets, at: place,
            "\(block) lies outside the VPC's \(outer.map(\.description).joined(separator: ", "))",
            mend: "add a block that holds it to vpc.cidrBlocks")
    }
}

extension UInt8 {
    /// Letters, digits, - and _.
    fileprivate var isNameByte: Bool { isAlphanumeric || self == 0x2D || self == 0x5F }

    fileprivate var isAlphanumeric: Bool {
        (0x30...0x39).contains(self) || (0x41...0x5A).contains(self) || (0x61...0x7A).contains(self)
    }
}

extension String {
    fileprivate func isResourceID(_ prefix: String) -> Bool {
        hasPrefix(prefix) && (prefix.utf8.count + 1...64).contains(utf8.count)
            && utf8.dropFirst(prefix.utf8.count).allSatisfy { $0.isAlphanumeric || $0 == 0x2D }
    }

    fileprivate var isDomainName: Bool {
        let name = hasSuffix(".") ? dropLast() : self[...]
        return (1...253).contains(name.utf8.count)
            && name.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
                (1...63).contains(label.utf8.count) && label.utf8.allSatisfy { $0.isNameByte }
                    && label.first != "-" && label.last != "-"
            }
    }
}

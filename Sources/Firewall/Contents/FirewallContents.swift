// SPDX-License-Identifier: Apache-2.0
import Addressing
import VPC

/// What has to be in the tables beside the file's own: a state in the kernel's words.
struct FirewallContents: Sendable {
    /// Of the file's sets and maps and of the groups' members; also those that have to be empty.
    var elements: [SetName: Set<FirewallElement>] = [:]
    var blocks: [BlockSetName: [CIDRBlock]] = [:]
    /// The rules of the chains that are filled in.
    var chains: [String: [String]] = [:]
    /// The counters of the groups' rules.
    var counters: Set<String> = []
    /// Each interface's, by the name of its host end.
    var combinations: [String: Combination] = [:]

    /// - Parameter known: gets the combinations that are new.
    init(_ state: FirewallState, _ known: inout Combinations) throws(FirewallError) {
        try state.check()
        for set in SetName.fixed { elements[set] = [] }
        let vocabulary = Vocabulary(state)
        for group in state.securityGroups { add(group, vocabulary) }
        for list in state.prefixLists { add(list) }
        add(state.subnets, vpcBlocks: state.vpcBlocks)
        addHost(state.host)
        for interface in state.interfaces {
            let combination = try known.combination(of: interface.securityGroupIDs)
            combinations[interface.hostName] = combination
            add(interface.elements + interface.memberships(combination.groupIDs))
        }
        for combination in Set(combinations.values) {
            add(combination.elements)
            for direction in SecurityGroupRule.Direction.allCases {
                chains[combination.chain(direction)] = combination.lines(direction)
            }
        }
        for member in state.interfacesElsewhere { add(member.elements) }
        for (family, names) in state.routersForTasks {
            add(names.map { (.onlyForTasks(family), FirewallElement(.interface($0))) })
        }
        if state.blocksInstanceMetadata {
            for address in InstanceMetadata.addresses {
                add([(.blockedMetadata(address.family), FirewallElement(.address(address)))])
            }
        }
    }

    /// Only the blocks of the VPC and its subnets.
    init(blocksOf state: FirewallState) { add(state.subnets, vpcBlocks: state.vpcBlocks) }

    func with(_ more: [(set: SetName, element: FirewallElement)]) -> FirewallContents {
        var contents = self
        contents.add(more)
        return contents
    }

    private mutating func add(_ more: [(set: SetName, element: FirewallElement)]) {
        for (set, element) in more { elements[set, default: []].insert(element) }
    }

    private mutating func add(_ group: SecurityGroup, _ vocabulary: Vocabulary) {
        for family in IPFamily.allCases { elements[.members(group.id, family), default: []] = [] }
        for direction in SecurityGroupRule.Direction.allCases {
            chains[SecurityGroup.chain(group.id, direction)] = group.lines(direction, vocabulary)
        }
        counters.formUnion(group.rules.map(\.id))
    }

    private mutating func add(_ list: PrefixList) {
        for family in IPFamily.allCases {
            blocks[.list(list.id, family)] = list.entries.map(\.block).of(family).withoutNested
        }
    }

    private mutating func add(_ subnets: [Subnet], vpcBlocks: [CIDRBlock]) {
        for family in IPFamily.allCases {
            blocks[.vpc(family)] =
                (vpcBlocks + subnets.flatMap(\.cidrBlocks)).of(family).withoutNested
            for route in BlockSetName.routes {
                blocks[.subnets(route, family)] =
                    subnets.filter { $0.route == route }.flatMap(\.cidrBlocks).of(family).withoutNested
            }
        }
    }

    private mutating func addHost(_ host: FirewallHost) {
        for address in host.addresses {
            let element = FirewallElement(.address(address))
            add([(.enis(address.family), element)])
            add(host.securityGroupIDs.map { (.members($0, address.family), element) })
        }
        for direction in SecurityGroupRule.Direction.allCases {
            chains["host-\(direction.rawValue)"] = Set(host.securityGroupIDs).sorted().map {
                "jump \(SecurityGroup.chain($0, direction))"
            }
        }
    }
}

/// What rules may refer to.
struct Vocabulary: Sendable {
    var groups: Set<String>
    var lists: Set<String>

    init(groups: Set<String>, lists: Set<String>) {
        self.groups = groups
        self.lists = lists
    }

    init(_ state: FirewallState) {
        groups = Set(state.securityGroups.map(\.id))
        lists = Set(state.prefixLists.map(\.id))
    }
}

extension FirewallMember {
    /// Its places in the sets of what is elsewhere, and of its groups' members.
    var elements: [(set: SetName, element: FirewallElement)] {
        addresses.flatMap { address -> [(set: SetName, element: FirewallElement)] in
            let element = FirewallElement(.address(address))
            return [(.elsewhere(address.family), element)] + bounds(address)
                + Set(securityGroupIDs).map { (.members($0, address.family), element) }
        }
    }
}

extension FirewallMember {
    /// What says where an address of its is heard.
    private func bounds(_ address: IPAddress) -> [(set: SetName, element: FirewallElement)] {
        let bound = (SetName.bound(address.family), FirewallElement(.address(address)))
        return switch arrival {
        case .anywhere: []
        case .link(let name) where InterfaceText.isName(name):
            [bound, (.heard(address.family), FirewallElement(.interface(name), .address(address)))]
        case .link, .nowhere: [bound]
        }
    }
}

extension [CIDRBlock] {
    func of(_ family: IPFamily) -> [CIDRBlock] { filter { $0.family == family } }

    /// Without those that lie in another one, sorted: what nft takes for an interval set.
    var withoutNested: [CIDRBlock] {
        var kept: [CIDRBlock] = []
        for block in sorted(by: { ($0.network, $0.prefixLength) < ($1.network, $1.prefixLength) })
        where kept.last?.contains(block) != true {
            kept.append(block)
        }
        return kept
    }
}

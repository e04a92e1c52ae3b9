// SPDX-License-Identifier: Apache-2.0
import Addressing
import VPC

/// A set or map of ours.
struct SetName: Hashable, Sendable {
    let table: Table
    let name: String

    init(_ table: Table, _ name: String) {
        self.table = table
        self.name = name
    }

    init(_ name: String) { self.init(.inet, name) }

    // The file's own, by what is filled in.
    static func addresses(_ family: IPFamily) -> SetName { SetName("addresses" + family.suffix) }
    static func own(_ family: IPFamily) -> SetName { SetName("own" + family.suffix) }
    static let arpAddresses = SetName(.arp, "addresses")
    static func enis(_ family: IPFamily) -> SetName { SetName("eni" + family.suffix) }
    static func elsewhere(_ family: IPFamily) -> SetName { SetName("elsewhere" + family.suffix) }
    static func bound(_ family: IPFamily) -> SetName { SetName("bound" + family.suffix) }
    static func heard(_ family: IPFamily) -> SetName { SetName("heard" + family.suffix) }
    static func blockedMetadata(_ family: IPFamily) -> SetName { SetName("blocked-metadata" + family.suffix) }
    static func onlyForTasks(_ family: IPFamily) -> SetName { SetName("only-for-tasks" + family.suffix) }
    static let spoofed = SetName("spoofed")
    static let arpSpoofed = SetName(.arp, "spoofed")
    static let deniedEgress = SetName("denied-egress")
    static let deniedIngress = SetName("denied-ingress")
    static let egress = SetName("egress")
    static let ingress = SetName("ingress")
    static let egressMoving = SetName("egress-moving")
    static let ingressMoving = SetName("ingress-moving")

    /// The members of a security group.
    static func members(_ groupID: String, _ family: IPFamily) -> SetName { SetName("\(groupID)-\(family.suffix)") }

    /// Those of the file that elements go in and out of.
    static let fixed: Set<SetName> = Set(
        IPFamily.allCases.flatMap { family in
            [
                addresses(family), own(family), enis(family), elsewhere(family), bound(family), heard(family),
                blockedMetadata(family), onlyForTasks(family),
            ]
        }
            + [arpAddresses, spoofed, arpSpoofed, deniedEgress, deniedIngress]
            + [egress, ingress, egressMoving, ingressMoving])

    var isFixed: Bool { Self.fixed.contains(self) }
}

extension SetName: CustomStringConvertible {
    /// As nft names it: `inet tasknet addresses4`.
    var description: String { "\(table.name) \(name)" }
}

/// A set of whole blocks: the VPC's, those of its subnets with one route, or a prefix list's.
struct BlockSetName: Hashable, Sendable, CustomStringConvertible {
    let name: String
    let family: IPFamily

    init(_ name: String, _ family: IPFamily) {
        self.name = name + family.suffix
        self.family = family
    }

    static func list(_ id: String, _ family: IPFamily) -> BlockSetName { BlockSetName("\(id)-", family) }
    static func vpc(_ family: IPFamily) -> BlockSetName { BlockSetName("vpc", family) }
    static func subnets(_ route: SubnetRoute, _ family: IPFamily) -> BlockSetName {
        BlockSetName(route.rawValue, family)
    }

    /// The routes that have a set.
    static let routes: [SubnetRoute] = [.nat, .public]

    /// Whether it is one of the file's.
    var isFixed: Bool { Self.fixed.contains(self) }

    private static let fixed = Set(
        IPFamily.allCases.flatMap { family in [vpc(family)] + routes.map { subnets($0, family) } })

    var description: String { SetName(name).description }
}

extension IPFamily {
    /// What the names of sets end with.
    var suffix: String { self == .v4 ? "4" : "6" }
    /// How the set of a group's members is defined.
    var memberSet: String { "{ type \(type); }" }
    /// How the set of a prefix list's blocks is defined.
    var blockSet: String { "{ type \(type); flags interval; }" }

    private var type: String { self == .v4 ? "ipv4_addr" : "ipv6_addr" }
}

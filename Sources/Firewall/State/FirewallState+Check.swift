// SPDX-License-Identifier: Apache-2.0
import VPC

extension FirewallState {
    /// Looks at all that becomes part of nft's text.
    func check() throws(FirewallError) {
        for group in securityGroups { try group.check() }
        for list in prefixLists { try list.check() }
        let groups = Set(securityGroups.map(\.id))
        for interface in interfaces {
            try interface.check()
            try Self.check(interface.securityGroupIDs, of: interface.eniID, groups)
        }
        for member in interfacesElsewhere { try Self.check(member.securityGroupIDs, of: member.eniID, groups) }
        try Self.check(host.securityGroupIDs, of: "the host", groups)
        for name in routersForTasks.values.joined() { try InterfaceText.check(name, of: "a forwarding interface") }
    }

    static func check(_ groupIDs: [String], of owner: String, _ groups: Set<String>) throws(FirewallError) {
        for id in groupIDs where !groups.contains(id) { throw .unknownGroup(id, of: owner) }
    }
}

extension SecurityGroup {
    func check() throws(FirewallError) {
        guard ResourceID.isValid(id, prefix: "sg") else { throw .id(id, prefix: "sg") }
        for rule in rules { try rule.check() }
    }
}

extension PrefixList {
    func check() throws(FirewallError) {
        guard ResourceID.isValid(id, prefix: "pl") else { throw .id(id, prefix: "pl") }
    }
}

extension SecurityGroupRule {
    func check() throws(FirewallError) {
        guard ResourceID.isValid(id, prefix: "sgr") else { throw .id(id, prefix: "sgr") }
        let most = ipProtocol.hasPorts ? 65535 : 255
        guard ipProtocol.hasPorts || ipProtocol.hasTypes else { return }
        for number in [fromPort, toPort] {
            if let number, !(0...most).contains(number) { throw .ports(rule: id) }
        }
        if ipProtocol.hasPorts, let fromPort, let toPort, fromPort > toPort { throw .ports(rule: id) }
    }
}

extension FirewallInterface {
    func check() throws(FirewallError) {
        try InterfaceText.check(hostName, of: eniID)
        // Nothing else gets to the chains that judge.
        guard hostName.hasPrefix("tn-") else { throw .name(hostName, of: eniID) }
    }
}

/// Interfaces' names in nft's text: the kernel takes more for one than can stand there.
enum InterfaceText {
    static func check(_ name: String, of owner: String) throws(FirewallError) {
        if !isName(name) { throw .name(name, of: owner) }
    }

    static func isName(_ name: String) -> Bool {
        (1...15).contains(name.utf8.count) && name.utf8.allSatisfy(isPlain)
    }

    /// The name in a key; nil when it cannot stand in a text.
    static func name(of bytes: some Collection<UInt8>) -> String? {
        let name = String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        return isName(name) ? name : nil
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"),
            UInt8(ascii: ":"), UInt8(ascii: "@"), UInt8(ascii: "+"):
            true
        default: false
        }
    }
}

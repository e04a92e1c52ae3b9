// SPDX-License-Identifier: Apache-2.0
package import Addressing
import CNetlink
import Glibc
import SystemPackage

extension Rule {
    func addition() throws(Refusal) -> NetlinkMessage {
        try message { rtnl_rule_build_add_request($0, NLM_F_CREATE | NLM_F_EXCL, &$1) }
    }

    func removal() throws(Refusal) -> NetlinkMessage {
        try message { rtnl_rule_build_delete_request($0, 0, &$1) }
    }

    private func message(_ build: (OpaquePointer, inout OpaquePointer?) -> CInt) throws(Refusal) -> NetlinkMessage {
        guard let raw = rtnl_rule_alloc() else { throw Refusal(.noMemory) }
        defer { rtnl_rule_put(raw) }
        rtnl_rule_set_family(raw, family.constant)
        if let priority { rtnl_rule_set_prio(raw, priority) }
        if let source { try Refusal.check(source.withLibnl { rtnl_rule_set_src(raw, $0) }) }
        if let destination { try Refusal.check(destination.withLibnl { rtnl_rule_set_dst(raw, $0) }) }
        if let incomingInterface {
            try LinkName.require(incomingInterface)
            try Refusal.check(rtnl_rule_set_iif(raw, incomingInterface))
        }
        if let outgoingInterface {
            try LinkName.require(outgoingInterface)
            try Refusal.check(rtnl_rule_set_oif(raw, outgoingInterface))
        }
        if let mark {
            rtnl_rule_set_mark(raw, mark.value)
            rtnl_rule_set_mask(raw, mark.mask)
        }
        if case .lookUp(let table) = action { rtnl_rule_set_table(raw, table.rawValue) }
        rtnl_rule_set_action(raw, action.constant)
        try Refusal.check(rtnl_rule_set_protocol(raw, ruleProtocol.rawValue))
        return try NetlinkMessage { build(raw, &$0) }
    }

    /// Reads a rule from an `RTM_NEWRULE`; nil for families that are not IP and actions that have no name here.
    init?(_ header: UnsafeMutablePointer<nlmsghdr>) throws(Refusal) {
        let raw = try parsedObject(header)
        defer { nl_object_put(raw) }
        guard let family = IPFamily(constant: rtnl_rule_get_family(raw)),
            let action = Action(constant: rtnl_rule_get_action(raw), table: Table(rawValue: rtnl_rule_get_table(raw)))
        else { return nil }
        var ruleProtocol: UInt8 = 0
        _ = rtnl_rule_get_protocol(raw, &ruleProtocol)
        let hasMark = nlmsg_find_attr(header, CInt(MemoryLayout<fib_rule_hdr>.size), CInt(FRA_FWMARK)) != nil
        self.init(
            family, action: action, priority: rtnl_rule_get_prio(raw), source: CIDRBlock(libnl: rtnl_rule_get_src(raw)),
            destination: CIDRBlock(libnl: rtnl_rule_get_dst(raw)),
            incomingInterface: rtnl_rule_get_iif(raw).map { String(cString: $0) },
            outgoingInterface: rtnl_rule_get_oif(raw).map { String(cString: $0) },
            mark: hasMark ? Mark(rtnl_rule_get_mark(raw), mask: rtnl_rule_get_mask(raw)) : nil,
            ruleProtocol: RouteProtocol(rawValue: ruleProtocol))
    }
}

extension Rule.Action {
    var constant: UInt8 {
        switch self {
        case .lookUp: UInt8(FR_ACT_TO_TBL)
        case .blackhole: UInt8(FR_ACT_BLACKHOLE)
        case .unreachable: UInt8(FR_ACT_UNREACHABLE)
        case .prohibit: UInt8(FR_ACT_PROHIBIT)
        }
    }

    init?(constant: UInt8, table: Table) {
        let all: [Self] = [.lookUp(table), .blackhole, .unreachable, .prohibit]
        guard let action = all.first(where: { $0.constant == constant }) else { return nil }
        self = action
    }
}

extension RouteConnection {
    /// The rules, of one family where that is asked for, in the order in which they are gone through.
    package func rules(_ family: IPFamily? = nil) throws(NetlinkError) -> [Rule] {
        try list(answer: RTM_NEWRULE, "rules") { () throws(Refusal) in
            var header = fib_rule_hdr()
            header.family = UInt8(family?.constant ?? AF_UNSPEC)
            return try NetlinkMessage(type: RTM_GETRULE, header: header)
        } parse: { header throws(Refusal) in
            try Rule(header)
        }
    }
}

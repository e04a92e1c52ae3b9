// SPDX-License-Identifier: Apache-2.0
import CNetfilter
import SystemPackage

extension NetfilterConnection {
    /// The chains of a table. Without the table there are none.
    package func chains(in table: TableID) throws(NetfilterError) -> [Chain] {
        try NetfilterName.require(table.name, "table")
        do throws(Refusal) {
            // The kernel gives those of all tables in the family.
            return try chains(table.family.constant).filter { $0.table == table }
        } catch {
            throw NetfilterError("list", "chains of table \(table)", error)
        }
    }

    /// The base chains of all tables, whoever made them: all that nf_tables does with packets begins there. What
    /// iptables-legacy made is not among them.
    package func baseChains() throws(NetfilterError) -> [Chain] {
        do throws(Refusal) {
            return try chains(UInt8(NFPROTO_UNSPEC)).filter { $0.base != nil }
        } catch {
            throw NetfilterError("list", "base chains", error)
        }
    }

    private func chains(_ family: UInt8) throws(Refusal) -> [Chain] {
        try list(
            { sequence in
                NetfilterMessage(NFNL_SUBSYS_NFTABLES, NFT_MSG_GETCHAIN.rawValue, family: family, sequence: sequence)
            },
            parse: { header, found throws(Refusal) in
                guard let raw = nftnl_chain_alloc() else { throw Refusal(.noMemory) }
                defer { nftnl_chain_free(raw) }
                guard nftnl_chain_nlmsg_parse(header, raw) == 0 else { throw Refusal(.badMessage) }
                if let chain = Chain(raw) { found.append(chain) }
            })
    }
}

extension Chain {
    /// nil for a family that is not known.
    fileprivate init?(_ raw: OpaquePointer) {
        guard let family = TableFamily(constant: UInt8(truncatingIfNeeded: Self.number(raw, NFTNL_CHAIN_FAMILY))),
            let table = Self.text(raw, NFTNL_CHAIN_TABLE), let name = Self.text(raw, NFTNL_CHAIN_NAME)
        else { return nil }
        self.table = TableID(family, table)
        self.name = name
        guard nftnl_chain_is_set(raw, UInt16(NFTNL_CHAIN_HOOKNUM.rawValue)) else {
            base = nil
            return
        }
        base = Base(
            type: Self.text(raw, NFTNL_CHAIN_TYPE) ?? "",
            hook: Hook(constant: Self.number(raw, NFTNL_CHAIN_HOOKNUM), family),
            priority: nftnl_chain_get_s32(raw, UInt16(NFTNL_CHAIN_PRIO.rawValue)),
            policy: Self.number(raw, NFTNL_CHAIN_POLICY) == UInt32(NF_DROP) ? .drop : .accept,
            devices: Self.devices(raw))
    }

    private static func devices(_ raw: OpaquePointer) -> [String] {
        if let one = text(raw, NFTNL_CHAIN_DEV) { return [one] }
        guard nftnl_chain_is_set(raw, UInt16(NFTNL_CHAIN_DEVICES.rawValue)),
            var names = nftnl_chain_get_array(raw, UInt16(NFTNL_CHAIN_DEVICES.rawValue))
        else { return [] }
        var devices: [String] = []
        while let name = names.pointee {
            devices.append(String(cString: name))
            names += 1
        }
        return devices
    }

    private static func number(_ raw: OpaquePointer, _ attribute: nftnl_chain_attr) -> UInt32 {
        nftnl_chain_get_u32(raw, UInt16(attribute.rawValue))
    }

    private static func text(_ raw: OpaquePointer, _ attribute: nftnl_chain_attr) -> String? {
        nftnl_chain_get_str(raw, UInt16(attribute.rawValue)).map { String(cString: $0) }
    }
}

// SPDX-License-Identifier: Apache-2.0
import CNetfilter
import SystemPackage

extension NetfilterConnection {
    /// The named counters of a table. Without the table there are none.
    package func counters(in table: TableID) throws(NetfilterError) -> [String: Counter] {
        try NetfilterName.require(table.name, "table")
        do throws(Refusal) {
            let found: [(String, Counter)] = try list(
                { sequence in Self.counterRequest(table, nil, sequence) },
                parse: { header, found throws(Refusal) in
                    if let counter = try Self.namedCounter(header, in: table) { found.append(counter) }
                })
            return Dictionary(found, uniquingKeysWith: { _, last in last })
        } catch {
            throw NetfilterError("list", "counters of table \(table)", error)
        }
    }

    /// One named counter.
    ///
    /// - Throws: `ENOENT` when there is none of this name, or no such table.
    package func counter(_ name: String, in table: TableID) throws(NetfilterError) -> Counter {
        try NetfilterName.require(table.name, "table")
        try NetfilterName.require(name, "counter")
        do throws(Refusal) {
            return try get(
                { sequence in Self.counterRequest(table, name, sequence) },
                parse: { header throws(Refusal) in try Self.namedCounter(header, in: table)?.1 })
        } catch {
            throw NetfilterError("read", "counter \(name) of table \(table)", error)
        }
    }

    private static func counterRequest(_ table: TableID, _ name: String?, _ sequence: UInt32) -> NetfilterMessage {
        let message = NetfilterMessage(
            NFNL_SUBSYS_NFTABLES, NFT_MSG_GETOBJ.rawValue, family: table.family.constant, sequence: sequence)
        message.put(CInt(NFTA_OBJ_TABLE.rawValue), table.name)
        message.put(CInt(NFTA_OBJ_TYPE.rawValue), UInt32(NFT_OBJECT_COUNTER))
        if let name { message.put(CInt(NFTA_OBJ_NAME.rawValue), name) }
        return message
    }

    /// nil for what is not a counter of this table.
    private static func namedCounter(
        _ header: UnsafePointer<nlmsghdr>, in table: TableID
    ) throws(Refusal) -> (String, Counter)? {
        guard let raw = nftnl_obj_alloc() else { throw Refusal(.noMemory) }
        defer { nftnl_obj_free(raw) }
        guard nftnl_obj_nlmsg_parse(header, raw) == 0 else { throw Refusal(.badMessage) }
        guard nftnl_obj_get_u32(raw, UInt16(NFTNL_OBJ_TYPE)) == UInt32(NFT_OBJECT_COUNTER),
            let name = nftnl_obj_get_str(raw, UInt16(NFTNL_OBJ_NAME)),
            let owner = nftnl_obj_get_str(raw, UInt16(NFTNL_OBJ_TABLE)), String(cString: owner) == table.name
        else { return nil }
        let counter = Counter(
            packets: nftnl_obj_get_u64(raw, UInt16(NFTNL_OBJ_CTR_PKTS)),
            bytes: nftnl_obj_get_u64(raw, UInt16(NFTNL_OBJ_CTR_BYTES)))
        return (String(cString: name), counter)
    }
}

// SPDX-License-Identifier: Apache-2.0
import CNetfilter
import SystemPackage

/// What is to be known of a set to read its elements.
struct SetDescription {
    /// Elements come as beginnings and ends.
    let hasRanges: Bool
    /// Elements have two keys each.
    let hasBoxes: Bool
}

extension NetfilterConnection {
    /// - Throws: `ENOENT` when there is no such set, or no such table.
    @discardableResult
    func requireSet(_ set: String, in table: TableID) throws(NetfilterError) -> SetDescription {
        do throws(Refusal) {
            return try get(
                { sequence in
                    let message = NetfilterMessage(
                        NFNL_SUBSYS_NFTABLES, NFT_MSG_GETSET.rawValue, family: table.family.constant, sequence: sequence
                    )
                    message.put(CInt(NFTA_SET_TABLE.rawValue), table.name)
                    message.put(CInt(NFTA_SET_NAME.rawValue), set)
                    return message
                },
                parse: { header throws(Refusal) in try Self.describe(header) })
        } catch {
            throw NetfilterError("find", "set \(set) in table \(table)", error)
        }
    }

    private static func describe(_ header: UnsafePointer<nlmsghdr>) throws(Refusal) -> SetDescription {
        guard let raw = nftnl_set_alloc() else { throw Refusal(.noMemory) }
        defer { nftnl_set_free(raw) }
        guard nftnl_set_nlmsg_parse(header, raw) == 0 else { throw Refusal(.badMessage) }
        let flags = nftnl_set_get_u32(raw, UInt16(NFTNL_SET_FLAGS.rawValue))
        let isInterval = flags & NFT_SET_INTERVAL.rawValue != 0
        let isConcatenation = flags & NFT_SET_CONCAT.rawValue != 0
        return SetDescription(hasRanges: isInterval && !isConcatenation, hasBoxes: isInterval && isConcatenation)
    }
}

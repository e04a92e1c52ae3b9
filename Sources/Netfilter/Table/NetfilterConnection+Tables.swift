// SPDX-License-Identifier: Apache-2.0
import CNetfilter
import SystemPackage

extension NetfilterConnection {
    /// nft's `comment` of a table: empty for a table without one, nil when there is no such table.
    package func comment(of table: TableID) throws(NetfilterError) -> String? {
        try NetfilterName.require(table.name, "table")
        do throws(Refusal) {
            return try get(
                { sequence in
                    let message = NetfilterMessage(
                        NFNL_SUBSYS_NFTABLES, NFT_MSG_GETTABLE.rawValue, family: table.family.constant,
                        sequence: sequence)
                    message.put(CInt(NFTA_TABLE_NAME.rawValue), table.name)
                    return message
                },
                parse: { header throws(Refusal) in
                    let notes = Attributes(header, offset: MemoryLayout<nfgenmsg>.size)[
                        CInt(NFTA_TABLE_USERDATA.rawValue)]
                    return notes.flatMap { Self.comment($0.bytes) } ?? ""
                })
        } catch {
            if error.errno == .noSuchFileOrDirectory { return nil }
            throw NetfilterError("read", "comment of table \(table)", error)
        }
    }

    /// A note is a byte of type, a byte of length and a value.
    private static func comment(_ notes: UnsafeRawBufferPointer) -> String? {
        var rest = notes[...]
        while rest.count >= 2 {
            let type = rest[rest.startIndex]
            let value = rest.dropFirst(2).prefix(Int(rest[rest.startIndex + 1]))
            if type == UInt8(NFTNL_UDATA_TABLE_COMMENT.rawValue) {
                return String(decoding: value.prefix { $0 != 0 }, as: UTF8.self)
            }
            rest = rest[value.endIndex...]
        }
        return nil
    }
}

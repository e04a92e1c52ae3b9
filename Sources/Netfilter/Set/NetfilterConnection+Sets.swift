// SPDX-License-Identifier: Apache-2.0
import CNetfilter
import SystemPackage

extension NetfilterConnection {
    /// The names of a table's sets and maps, without those that are part of a rule. Without the table there are none.
    package func setNames(in table: TableID) throws(NetfilterError) -> [String] {
        try NetfilterName.require(table.name, "table")
        do throws(Refusal) {
            return try list(
                { sequence in
                    let message = NetfilterMessage(
                        NFNL_SUBSYS_NFTABLES, NFT_MSG_GETSET.rawValue, family: table.family.constant, sequence: sequence
                    )
                    message.put(CInt(NFTA_SET_TABLE.rawValue), table.name)
                    return message
                },
                parse: { header, found in
                    let attributes = Attributes(header, offset: MemoryLayout<nfgenmsg>.size)
                    let flags: UInt32 = attributes[CInt(NFTA_SET_FLAGS.rawValue)]?.number() ?? 0
                    guard flags & NFT_SET_ANONYMOUS.rawValue == 0,
                        let name = attributes[CInt(NFTA_SET_NAME.rawValue)]?.text
                    else { return }
                    found.append(name)
                })
        } catch {
            if error.errno == .noSuchFileOrDirectory { return [] }
            throw NetfilterError("list", "sets of table \(table)", error)
        }
    }
}

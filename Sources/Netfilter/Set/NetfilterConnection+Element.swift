// SPDX-License-Identifier: Apache-2.0
import CNetfilter
import SystemPackage

extension NetfilterConnection {
    /// The element of a set that a key finds, without reading the others; nil when there is none, and when there is no
    /// such set or table. Not for sets with `flags interval`.
    package func element(
        _ key: SetKey, of set: String, in table: TableID
    ) throws(NetfilterError) -> SetElement? {
        try NetfilterName.require(table.name, "table")
        try NetfilterName.require(set, "set")
        do throws(Refusal) {
            return try get(
                { sequence throws(Refusal) in
                    let message = NetfilterMessage(
                        NFNL_SUBSYS_NFTABLES, NFT_MSG_GETSETELEM.rawValue, family: table.family.constant,
                        sequence: sequence)
                    try SetElement(key).put(into: message, table, set: set, withValue: false)
                    return message
                },
                parse: { header throws(Refusal) in
                    var found: [ReadElement] = []
                    try ReadElement.read(header, into: &found)
                    return found.first?.element
                })
        } catch {
            if error.errno == .noSuchFileOrDirectory { return nil }
            throw NetfilterError("get", "element \(key) of set \(set) in table \(table)", error)
        }
    }
}

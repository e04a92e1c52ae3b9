// SPDX-License-Identifier: Apache-2.0
import CNetfilter

extension NetfilterConnection {
    /// A table's rules by their chains, in order; whosever table that is. A chain without rules is not among them.
    package func ruleSketches(in table: TableID) throws(NetfilterError) -> [String: [RuleSketch]] {
        do throws(Refusal) {
            let rules: [(chain: String, rule: RuleSketch)] = try list(
                { sequence in
                    let message = NetfilterMessage(
                        NFNL_SUBSYS_NFTABLES, NFT_MSG_GETRULE.rawValue, family: table.family.constant,
                        sequence: sequence)
                    message.put(CInt(NFTA_RULE_TABLE.rawValue), table.name)
                    return message
                },
                parse: { header, found in
                    let attributes = Attributes(header, offset: MemoryLayout<nfgenmsg>.size)
                    guard attributes[CInt(NFTA_RULE_TABLE.rawValue)]?.text == table.name,
                        let chain = attributes[CInt(NFTA_RULE_CHAIN.rawValue)]?.text,
                        let expressions = attributes[CInt(NFTA_RULE_EXPRESSIONS.rawValue)]
                    else { return }
                    found.append((chain, RuleSketch(expressions.nested)))
                })
            return Dictionary(grouping: rules, by: \.chain).mapValues { $0.map(\.rule) }
        } catch {
            throw NetfilterError("list", "rules of table \(table)", error)
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
import CNetfilter
import Linux
import SystemPackage

extension NetfilterConnection {
    /// The fingerprints of a table's rules by their chains, in order. A chain without rules is not among them; without
    /// the table there are none.
    ///
    /// - Parameter chain: nil is all.
    package func ruleFingerprints(
        in table: TableID, chain: String? = nil
    ) throws(NetfilterError) -> [String: [RuleFingerprint]] {
        try NetfilterName.require(table.name, "table")
        if let chain { try NetfilterName.require(chain, "chain") }
        do throws(Refusal) {
            let rules: [(chain: String, rule: RuleFingerprint)] = try list(
                { sequence in
                    let message = NetfilterMessage(
                        NFNL_SUBSYS_NFTABLES, NFT_MSG_GETRULE.rawValue, family: table.family.constant,
                        sequence: sequence)
                    message.put(CInt(NFTA_RULE_TABLE.rawValue), table.name)
                    if let chain { message.put(CInt(NFTA_RULE_CHAIN.rawValue), chain) }
                    return message
                },
                parse: { header, found in
                    let attributes = Attributes(header, offset: MemoryLayout<nfgenmsg>.size)
                    guard attributes[CInt(NFTA_RULE_TABLE.rawValue)]?.text == table.name,
                        let chain = attributes[CInt(NFTA_RULE_CHAIN.rawValue)]?.text
                    else { return }
                    found.append((chain, RuleFingerprint(attributes)))
                })
            return Dictionary(grouping: rules, by: \.chain).mapValues { $0.map(\.rule) }
        } catch {
            throw NetfilterError("list", "rules of table \(table)", error)
        }
    }
}

extension RuleFingerprint {
    fileprivate init(_ attributes: Attributes) {
        handle = attributes[CInt(NFTA_RULE_HANDLE.rawValue)]?.number() ?? 0
        comment = attributes[CInt(NFTA_RULE_USERDATA.rawValue)].flatMap { Self.comment($0.bytes) }
        var counters: [Counter] = []
        var hash = StableHash()
        if let expressions = attributes[CInt(NFTA_RULE_EXPRESSIONS.rawValue)] {
            for expression in expressions.nested { Self.combine(expression.nested, into: &hash, &counters) }
        }
        self.counters = counters
        self.hash = hash.value
    }

    private static func combine(_ expression: Attributes, into hash: inout StableHash, _ counters: inout [Counter]) {
        let name = expression[CInt(NFTA_EXPR_NAME.rawValue)]?.text ?? ""
        let data = expression[CInt(NFTA_EXPR_DATA.rawValue)]
        hash.combine(name.utf8)
        hash.combine([0])
        switch name {
        case "counter":
            guard let values = data?.nested else { return }
            counters.append(
                Counter(
                    packets: values[CInt(NFTA_COUNTER_PACKETS.rawValue)]?.number() ?? 0,
                    bytes: values[CInt(NFTA_COUNTER_BYTES.rawValue)]?.number() ?? 0))
        case "last":
            // Nothing but when the rule was last met.
            return
        case "quota":
            for value in data?.nested ?? Attributes(UnsafeRawBufferPointer(start: nil, count: 0))
            where value.type != UInt16(NFTA_QUOTA_CONSUMED.rawValue) {
                hash.combine(value.bytes)
            }
        default:
            if let data { hash.combine(data.bytes) }
        }
    }

    /// nft keeps notes beside a rule: a byte of type, a byte of length and a value for each. Read here, as libnftnl
    /// believes the lengths, and whoever may write rules may write anything there.
    private static func comment(_ notes: UnsafeRawBufferPointer) -> String? {
        var rest = notes[...]
        while rest.count >= 2 {
            let type = rest[rest.startIndex]
            let value = rest.dropFirst(2).prefix(Int(rest[rest.startIndex + 1]))
            if type == UInt8(NFTNL_UDATA_RULE_COMMENT.rawValue) {
                return String(decoding: value.prefix { $0 != 0 }, as: UTF8.self)
            }
            rest = rest[value.endIndex...]
        }
        return nil
    }
}

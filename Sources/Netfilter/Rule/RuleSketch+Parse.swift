// SPDX-License-Identifier: Apache-2.0
import Addressing
import CNetfilter

extension RuleSketch {
    /// Reads a rule's expressions (`NFTA_RULE_EXPRESSIONS`). What is not understood is a condition that nobody meets.
    init(_ expressions: Attributes) {
        var reading = Reading()
        for expression in expressions {
            let expression = expression.nested
            let name = expression[CInt(NFTA_EXPR_NAME.rawValue)]?.text ?? ""
            let none = Attributes(UnsafeRawBufferPointer(start: nil, count: 0))
            reading.read(name, expression[CInt(NFTA_EXPR_DATA.rawValue)]?.nested ?? none)
        }
        self.init(reading.conditions, reading.verdict)
    }
}

/// What the expressions read so far have loaded into registers, and come to.
private struct Reading {
    var conditions: [RuleSketch.Condition] = []
    var verdict: RuleSketch.Verdict?
    private var loads: [UInt32: Load] = [:]

    private struct Load {
        enum Field {
            case input, output, family, connection, other
            case source(IPFamily)
            case destination(IPFamily)
        }

        var field: Field
        /// Of an address, where it is not whole.
        var mask: [UInt8]?
    }

    mutating func read(_ name: String, _ data: Attributes) {
        switch name {
        case "meta": readMeta(data)
        case "payload": readPayload(data)
        case "ct": load(data, NFTA_CT_DREG.rawValue, readConnection(data))
        case "bitwise": readBitwise(data)
        case "cmp": readComparison(data)
        case "lookup": readLookup(data)
        case "immediate": readImmediate(data)
        case "reject": verdict = .drop
        case "match": readMatch(data)
        case "target": if data[CInt(NFTA_TARGET_NAME.rawValue)]?.text == "REJECT" { verdict = .drop }
        // They look at nothing, or what they look at is asked for by a later expression.
        case "counter", "log", "last", "notrack", "objref": return
        default: conditions.append(.other)
        }
    }

    private mutating func load(_ data: Attributes, _ register: UInt32, _ field: Load.Field) {
        guard let register: UInt32 = data[CInt(register)]?.number() else { return }
        loads[register] = Load(field: field)
    }

    private mutating func readMeta(_ data: Attributes) {
        let key: UInt32 = data[CInt(NFTA_META_KEY.rawValue)]?.number() ?? .max
        let field: Load.Field =
            switch key {
            case NFT_META_IIFNAME.rawValue: .input
            case NFT_META_OIFNAME.rawValue: .output
            case NFT_META_NFPROTO.rawValue: .family
            default: .other
            }
        load(data, NFTA_META_DREG.rawValue, field)
    }

    private mutating func readPayload(_ data: Attributes) {
        let base: UInt32? = data[CInt(NFTA_PAYLOAD_BASE.rawValue)]?.number()
        let offset: UInt32? = data[CInt(NFTA_PAYLOAD_OFFSET.rawValue)]?.number()
        let length: UInt32? = data[CInt(NFTA_PAYLOAD_LEN.rawValue)]?.number()
        var field = Load.Field.other
        if base == NFT_PAYLOAD_NETWORK_HEADER.rawValue, let offset, let length {
            // Of the IPv4 header, or the IPv6 header.
            switch (offset, length) {
            case (12, 1...4): field = .source(.v4)
            case (16, 1...4): field = .destination(.v4)
            case (8, 1...16): field = .source(.v6)
            case (24, 1...16): field = .destination(.v6)
            default: break
            }
        }
        load(data, NFTA_PAYLOAD_DREG.rawValue, field)
    }

    private func readConnection(_ data: Attributes) -> Load.Field {
        let key: UInt32? = data[CInt(NFTA_CT_KEY.rawValue)]?.number()
        return key == NFT_CT_STATE.rawValue || key == NFT_CT_STATUS.rawValue ? .connection : .other
    }

    private mutating func readBitwise(_ data: Attributes) {
        guard let from: UInt32 = data[CInt(NFTA_BITWISE_SREG.rawValue)]?.number(),
            let to: UInt32 = data[CInt(NFTA_BITWISE_DREG.rawValue)]?.number()
        else { return }
        var load = loads[from] ?? Load(field: .other)
        load.mask = data[CInt(NFTA_BITWISE_MASK.rawValue)]?.nested[CInt(NFTA_DATA_VALUE.rawValue)].map {
            Array($0.bytes)
        }
        loads[to] = load
    }

    private mutating func readComparison(_ data: Attributes) {
        let register: UInt32 = data[CInt(NFTA_CMP_SREG.rawValue)]?.number() ?? 0
        let operation: UInt32? = data[CInt(NFTA_CMP_OP.rawValue)]?.number()
        guard let load = loads[register], operation == NFT_CMP_EQ.rawValue || operation == NFT_CMP_NEQ.rawValue,
            let value = data[CInt(NFTA_CMP_DATA.rawValue)]?.nested[CInt(NFTA_DATA_VALUE.rawValue)]?.bytes
        else { return conditions.append(.other) }
        let isNegated = operation == NFT_CMP_NEQ.rawValue
        conditions.append(Self.condition(load, Array(value), isNegated) ?? .other)
    }

    private static func condition(_ load: Load, _ value: [UInt8], _ isNegated: Bool) -> RuleSketch.Condition? {
        switch load.field {
        case .input: .input(pattern(value), isNegated: isNegated)
        case .output: .output(pattern(value), isNegated: isNegated)
        case .family:
            switch value.first.map(CInt.init) {
            case CInt(NFPROTO_IPV4): .family(.v4, isNegated: isNegated)
            case CInt(NFPROTO_IPV6): .family(.v6, isNegated: isNegated)
            default: nil
            }
        case .source(let family):
            block(family, value, load.mask).map { .source($0, isNegated: isNegated) }
        case .destination(let family):
            block(family, value, load.mask).map { .destination($0, isNegated: isNegated) }
        case .connection: .connection
        case .other: nil
        }
    }

    /// A whole name is compared with the NUL behind it.
    private static func pattern(_ value: [UInt8]) -> LinkPattern {
        let name = String(decoding: value.prefix { $0 != 0 }, as: UTF8.self)
        return value.contains(0) || value.count >= Int(IFNAMSIZ) ? .name(name) : .prefix(name)
    }

    /// nil for a mask that is no prefix.
    private static func block(_ family: IPFamily, _ value: [UInt8], _ mask: [UInt8]?) -> CIDRBlock? {
        let size = family.addressBits / 8
        guard value.count <= size, mask.map({ $0.count == value.count }) ?? true else { return nil }
        let mask = mask ?? Array(repeating: 0xFF, count: value.count)
        let bits = mask.flatMap { byte -> [Bool] in (0..<8).map { byte & (0x80 >> UInt8($0)) != 0 } }
        let length = bits.prefix { $0 }.count
        guard !bits.dropFirst(length).contains(true) else { return nil }
        guard let address = IPAddress(bytes: value + Array(repeating: 0, count: size - value.count)) else { return nil }
        return CIDRBlock(network: address, prefixLength: length)
    }

    /// A set of states is told by what is in it alone. A map of states has a verdict for each: taken is the one that
    /// connections which are there already have with everybody.
    private mutating func readLookup(_ data: Attributes) {
        let register: UInt32 = data[CInt(NFTA_LOOKUP_SREG.rawValue)]?.number() ?? 0
        guard case .connection = loads[register]?.field else { return conditions.append(.other) }
        conditions.append(.connection)
        if let target: UInt32 = data[CInt(NFTA_LOOKUP_DREG.rawValue)]?.number(), target == NFT_REG_VERDICT.rawValue {
            verdict = .accept
        }
    }

    private mutating func readImmediate(_ data: Attributes) {
        guard let register: UInt32 = data[CInt(NFTA_IMMEDIATE_DREG.rawValue)]?.number(),
            register == NFT_REG_VERDICT.rawValue,
            let value = data[CInt(NFTA_IMMEDIATE_DATA.rawValue)]?.nested[CInt(NFTA_DATA_VERDICT.rawValue)]?.nested,
            let code: Int32 = value[CInt(NFTA_VERDICT_CODE.rawValue)]?.number()
        else { return }
        let chain = value[CInt(NFTA_VERDICT_CHAIN.rawValue)]?.text ?? ""
        switch code {
        case NF_ACCEPT: verdict = .accept
        case NF_DROP: verdict = .drop
        case NFT_JUMP.rawValue: verdict = .jump(chain)
        case NFT_GOTO.rawValue: verdict = .goto(chain)
        case NFT_RETURN.rawValue: verdict = .return
        default: verdict = nil
        }
    }

    /// iptables' own matches.
    private mutating func readMatch(_ data: Attributes) {
        switch data[CInt(NFTA_MATCH_NAME.rawValue)]?.text {
        case "conntrack", "state": conditions.append(.connection)
        case "comment": return
        default: conditions.append(.other)
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
import CNetfilter
import SystemPackage

extension NetfilterConnection {
    /// The elements of one set, sorted by their keys.
    ///
    /// - Throws: `ENOENT` when there is no such set, or no such table.
    package func elements(of set: String, in table: TableID) throws(NetfilterError) -> [SetElement] {
        try NetfilterName.require(table.name, "table")
        try NetfilterName.require(set, "set")
        let description = try requireSet(set, in: table)
        do throws(Refusal) {
            let found: [ReadElement] = try list(
                { sequence in Self.elementsRequest(set, table, sequence) },
                parse: { header, found throws(Refusal) in try ReadElement.read(header, into: &found) })
            return description.hasRanges ? Self.ranges(found) : found.map(\.element).sorted { $0.key < $1.key }
        } catch {
            throw NetfilterError("list", "elements of set \(set) in table \(table)", error)
        }
    }

    static func elementsRequest(_ set: String, _ table: TableID, _ sequence: UInt32) -> NetfilterMessage {
        let message = NetfilterMessage(
            NFNL_SUBSYS_NFTABLES, NFT_MSG_GETSETELEM.rawValue, family: table.family.constant, sequence: sequence)
        message.put(CInt(NFTA_SET_ELEM_LIST_TABLE.rawValue), table.name)
        message.put(CInt(NFTA_SET_ELEM_LIST_SET.rawValue), set)
        return message
    }

    /// Joins beginnings with the ends that follow them. One without an end goes to the last key of all.
    private static func ranges(_ found: [ReadElement]) -> [SetElement] {
        var ranges: [SetElement] = []
        var open: SetElement?
        func close(before end: SetKey?) {
            guard var element = open else { return }
            element.extent = .range(element.key, through: end?.predecessor ?? element.key.last)
            ranges.append(element)
            open = nil
        }
        // Where one range ends and the next begins the end comes first.
        for read in found.sorted(by: { ($0.element.key, $0.isEnd ? 0 : 1) < ($1.element.key, $1.isEnd ? 0 : 1) }) {
            close(before: read.element.key)
            if !read.isEnd { open = read.element }
        }
        close(before: nil)
        return ranges
    }
}

/// An element as the kernel tells it.
struct ReadElement {
    var element: SetElement
    /// It only ends the one before it.
    let isEnd: Bool

    /// Reads all elements of a message.
    static func read(_ header: UnsafePointer<nlmsghdr>, into found: inout [ReadElement]) throws(Refusal) {
        guard let set = nftnl_set_alloc() else { throw Refusal(.noMemory) }
        defer { nftnl_set_free(set) }
        guard nftnl_set_elems_nlmsg_parse(header, set) == 0, let elements = nftnl_set_elems_iter_create(set) else {
            throw Refusal(.badMessage)
        }
        defer { nftnl_set_elems_iter_destroy(elements) }
        while let raw = nftnl_set_elems_iter_next(elements) {
            if let element = ReadElement(raw) { found.append(element) }
        }
    }

    /// nil for a catch-all element, which has no key.
    private init?(_ raw: OpaquePointer) {
        guard let key = Self.bytes(raw, NFTNL_SET_ELEM_KEY) else { return nil }
        let first = SetKey(bytes: key)
        let last = Self.bytes(raw, NFTNL_SET_ELEM_KEY_END).map(SetKey.init(bytes:))
        element = SetElement(last.map { .box(first, through: $0) } ?? .key(first), value: Self.value(raw))
        element.counter = Self.counter(raw)
        let flags =
            Self.isSet(raw, NFTNL_SET_ELEM_FLAGS) ? nftnl_set_elem_get_u32(raw, UInt16(NFTNL_SET_ELEM_FLAGS)) : 0
        isEnd = flags & NFT_SET_ELEM_INTERVAL_END.rawValue != 0
    }

    private static func value(_ raw: OpaquePointer) -> SetElement.Value? {
        if isSet(raw, NFTNL_SET_ELEM_VERDICT) {
            let chain = nftnl_set_elem_get_str(raw, UInt16(NFTNL_SET_ELEM_CHAIN)).map { String(cString: $0) }
            let code = CInt(bitPattern: nftnl_set_elem_get_u32(raw, UInt16(NFTNL_SET_ELEM_VERDICT)))
            return MapVerdict(constant: code, chain: chain).map(SetElement.Value.verdict)
        }
        if let name = nftnl_set_elem_get_str(raw, UInt16(NFTNL_SET_ELEM_OBJREF)) {
            return .object(String(cString: name))
        }
        return bytes(raw, NFTNL_SET_ELEM_DATA).map { .data(SetKey(bytes: $0)) }
    }

    private static func counter(_ raw: OpaquePointer) -> Counter? {
        var counter: Counter?
        nftnl_set_elem_expr_foreach(
            raw,
            { expression, found in
                guard let expression, let read = Counter(expression) else { return 0 }
                found?.assumingMemoryBound(to: Counter?.self).pointee = read
                return 0
            }, &counter)
        return counter
    }

    private static func isSet(_ raw: OpaquePointer, _ attribute: Int) -> Bool {
        nftnl_set_elem_is_set(raw, UInt16(attribute))
    }

    private static func bytes(_ raw: OpaquePointer, _ attribute: Int) -> [UInt8]? {
        guard isSet(raw, attribute) else { return nil }
        var count: UInt32 = 0
        guard let bytes = nftnl_set_elem_get(raw, UInt16(attribute), &count), count > 0 else { return nil }
        return Array(UnsafeRawBufferPointer(start: bytes, count: Int(count)))
    }
}

extension Counter {
    /// What an expression has counted; nil for one that is no counter.
    init?(_ expression: OpaquePointer) {
        guard let name = nftnl_expr_get_str(expression, UInt16(NFTNL_EXPR_NAME)), String(cString: name) == "counter"
        else { return nil }
        self.init(
            packets: nftnl_expr_get_u64(expression, UInt16(NFTNL_EXPR_CTR_PACKETS)),
            bytes: nftnl_expr_get_u64(expression, UInt16(NFTNL_EXPR_CTR_BYTES)))
    }
}

// SPDX-License-Identifier: Apache-2.0
import CNetfilter

/// One attribute of a message, while the message is there. The corresponding C type is `struct nlattr`.
struct Attribute {
    fileprivate let raw: UnsafePointer<nlattr>

    /// Without the flags for nested ones and byte order.
    var type: UInt16 { mnl_attr_get_type(raw) }

    var bytes: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: mnl_attr_get_payload(raw), count: Int(mnl_attr_get_payload_len(raw)))
    }

    /// Up to the first NUL.
    var text: String { String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self) }

    var byte: UInt8? { bytes.first }

    /// A number in network order; nil when it is not as long.
    func number<Number: FixedWidthInteger>(as _: Number.Type = Number.self) -> Number? {
        guard bytes.count == MemoryLayout<Number>.size else { return nil }
        return Number(bigEndian: bytes.loadUnaligned(as: Number.self))
    }

    /// The attributes in this one.
    var nested: Attributes { Attributes(bytes) }
}

/// Attributes that lie one after the other. Ends at the first that does not fit.
struct Attributes: Sequence, IteratorProtocol {
    private var upcoming: UnsafePointer<nlattr>?
    private let end: UnsafeRawPointer?

    init(_ bytes: UnsafeRawBufferPointer) {
        upcoming = bytes.baseAddress?.assumingMemoryBound(to: nlattr.self)
        end = bytes.baseAddress.map { $0 + bytes.count }
    }

    /// What a message has behind its own header and a fixed part of `offset` bytes.
    init(_ header: UnsafePointer<nlmsghdr>, offset: Int) {
        let length = mnl_nlmsg_get_payload_len(header)
        let start = mnl_nlmsg_get_payload(header).map { UnsafeRawPointer($0) }
        self.init(
            UnsafeRawBufferPointer(
                start: start.map { $0 + Swift.min(offset, length) }, count: Swift.max(0, length - offset)))
    }

    mutating func next() -> Attribute? {
        guard let raw = upcoming, let end, mnl_attr_ok(raw, CInt(end - UnsafeRawPointer(raw))) else { return nil }
        upcoming = UnsafePointer(mnl_attr_next(raw))
        return Attribute(raw: raw)
    }

    /// The first of a type.
    subscript(type: CInt) -> Attribute? { first { $0.type == UInt16(type) } }
}

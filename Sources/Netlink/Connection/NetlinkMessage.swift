// SPDX-License-Identifier: Apache-2.0
import Addressing
import CNetlink
import SystemPackage

/// A request on its way to the kernel. The corresponding C type is libnl's `struct nl_msg`.
final class NetlinkMessage {
    private let raw: OpaquePointer

    /// A message that a libnl function builds (`rtnl_*_build_*_request`).
    init(_ build: (inout OpaquePointer?) -> CInt) throws(Refusal) {
        var raw: OpaquePointer?
        try Refusal.check(build(&raw))
        guard let raw else { throw Refusal(.noMemory) }
        self.raw = raw
    }

    /// A message with only its family's header: one that libnl-route has no function for.
    ///
    /// - Parameter type: `RTM_*`
    convenience init<Header: BitwiseCopyable>(type: Int, header: Header) throws(Refusal) {
        try self.init { raw in
            raw = nlmsg_alloc_simple(CInt(type), 0)
            guard let raw else { return -NLE_NOMEM }
            var header = header
            return nlmsg_append(raw, &header, MemoryLayout<Header>.size, CInt(NLMSG_ALIGNTO))
        }
    }

    deinit {
        nlmsg_free(raw)
    }

    var header: UnsafeMutablePointer<nlmsghdr> { nlmsg_hdr(raw) }

    /// The header and all of the message.
    var bytes: UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer(start: header, count: Int(header.pointee.nlmsg_len))
    }

    /// Adds an attribute.
    ///
    /// - Parameter type: the attribute's constant (`IFLA_*` and so on).
    func put(_ type: Int, _ value: UInt32) throws(Refusal) {
        try Refusal.check(nla_put_u32(raw, CInt(type), value))
    }

    func put(_ type: Int, _ text: String) throws(Refusal) {
        try Refusal.check(nla_put_string(raw, CInt(type), text))
    }

    func put(_ type: Int, _ address: IPAddress) throws(Refusal) {
        try Refusal.check(address.withLibnl { nla_put_addr(raw, CInt(type), $0) })
    }
}

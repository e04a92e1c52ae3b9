// SPDX-License-Identifier: Apache-2.0
import CNetfilter
import Glibc

/// A request to one of nfnetlink's subsystems, on its way to the kernel.
final class NetfilterMessage {
    /// The largest has two keys of 64 bytes twice over, and four names of 255.
    private static let capacity = 4096
    private let buffer: UnsafeMutableRawPointer
    let header: UnsafeMutablePointer<nlmsghdr>

    /// - Parameters:
    ///   - subsystem: `NFNL_SUBSYS_*`
    ///   - type: `NFT_MSG_*` or `IPCTNL_MSG_*`
    ///   - family: `NFPROTO_*` or `AF_*`
    ///   - flags: `NLM_F_*`; `NLM_F_REQUEST` is added.
    init(_ subsystem: CInt, _ type: UInt32, family: UInt8, flags: CInt = 0, sequence: UInt32) {
        buffer = .allocate(byteCount: Self.capacity, alignment: MemoryLayout<UInt64>.alignment)
        header = mnl_nlmsg_put_header(buffer)
        header.pointee.nlmsg_type = UInt16(truncatingIfNeeded: subsystem << 8) | UInt16(truncatingIfNeeded: type)
        header.pointee.nlmsg_flags = UInt16(truncatingIfNeeded: NLM_F_REQUEST | flags)
        header.pointee.nlmsg_seq = sequence
        let general = mnl_nlmsg_put_extra_header(header, MemoryLayout<nfgenmsg>.size)
        general?.storeBytes(
            of: nfgenmsg(nfgen_family: family, version: UInt8(NFNETLINK_V0), res_id: 0), as: nfgenmsg.self)
    }

    deinit {
        buffer.deallocate()
    }

    /// The header and all of the message, padded to where the next one begins.
    var bytes: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: header, count: Int(header.pointee.nlmsg_len + 3) & ~3)
    }

    func put(_ attribute: CInt, _ text: String) {
        mnl_attr_put_strz(header, UInt16(attribute), text)
    }

    /// Adds a number in network order.
    func put(_ attribute: CInt, _ number: UInt32) {
        mnl_attr_put_u32(header, UInt16(attribute), number.bigEndian)
    }

    func put(_ attribute: CInt, _ bytes: [UInt8]) {
        mnl_attr_put(header, UInt16(attribute), bytes.count, bytes)
    }

    /// Adds an attribute of what a body adds.
    func nest(_ attribute: CInt, _ body: () -> Void) {
        let start = mnl_attr_nest_start(header, UInt16(attribute))
        body()
        mnl_attr_nest_end(header, start)
    }
}

// SPDX-License-Identifier: Apache-2.0
import CNetlink
import SystemPackage

/// What the kernel answered to one request.
struct Verdict {
    let sequence: UInt32
    /// 0, or an errno above zero.
    let code: CInt
    /// The extended acknowledgement's text.
    let message: String?
    /// The table changed while it was read.
    let isInterrupted: Bool

    /// Reads an `NLMSG_ERROR` (which also acknowledges) or the end of a dump (`NLMSG_DONE`).
    init(_ header: UnsafeMutablePointer<nlmsghdr>) {
        sequence = header.pointee.nlmsg_seq
        isInterrupted = header.pointee.nlmsg_flags & UInt16(NLM_F_DUMP_INTR) != 0
        let isError = header.pointee.nlmsg_type == NLMSG_ERROR
        // Both begin with the error as an int, zero or below. An error has the refused request's header after it.
        let fixed = isError ? MemoryLayout<nlmsgerr>.size : MemoryLayout<CInt>.size
        let length = Int(nlmsg_datalen(header))
        guard length >= fixed, let data = nlmsg_data(header) else {
            code = Errno.badMessage.rawValue
            message = nil
            return
        }
        code = -data.loadUnaligned(as: CInt.self)
        var attributes = fixed
        if isError, header.pointee.nlmsg_flags & UInt16(NLM_F_CAPPED) == 0 {
            let requestOffset = fixed - MemoryLayout<nlmsghdr>.size
            let request = data.loadUnaligned(fromByteOffset: requestOffset, as: nlmsghdr.self)
            attributes = requestOffset + Int(request.nlmsg_len)
        }
        attributes = (attributes + 3) & ~3
        guard header.pointee.nlmsg_flags & UInt16(NLM_F_ACK_TLVS) != 0, attributes < length else {
            message = nil
            return
        }
        let first = data.advanced(by: attributes).assumingMemoryBound(to: nlattr.self)
        let found = nla_find(first, CInt(length - attributes), CInt(NLMSGERR_ATTR_MSG.rawValue))
        message = found.flatMap { nla_get_string($0) }.map { String(cString: $0) }
    }

    /// An answer is an acknowledgement too.
    init(answering header: UnsafeMutablePointer<nlmsghdr>) {
        sequence = header.pointee.nlmsg_seq
        code = 0
        message = nil
        isInterrupted = false
    }
}

// SPDX-License-Identifier: Apache-2.0
import CNetfilter
import Glibc
import SystemPackage

/// What the kernel answered to one request: an error, none, or the end of a dump.
struct Acknowledgement {
    let sequence: UInt32
    /// 0, or an errno above zero.
    let code: CInt
    /// The extended acknowledgement's text.
    let message: String?

    var refusal: Refusal? { code == 0 ? nil : Refusal(Errno(rawValue: code), message) }

    /// Reads an `NLMSG_ERROR` (which also acknowledges) or the end of a dump (`NLMSG_DONE`); nil for anything else.
    init?(_ header: UnsafePointer<nlmsghdr>) {
        let isError = header.pointee.nlmsg_type == NLMSG_ERROR
        guard isError || header.pointee.nlmsg_type == NLMSG_DONE else { return nil }
        sequence = header.pointee.nlmsg_seq
        // Both begin with the error as an int, zero or below. An error has the refused request's header after it.
        let fixed = isError ? MemoryLayout<nlmsgerr>.size : MemoryLayout<CInt>.size
        let length = mnl_nlmsg_get_payload_len(header)
        guard length >= fixed, let data = mnl_nlmsg_get_payload(header) else {
            code = Errno.badMessage.rawValue
            message = nil
            return
        }
        code = -data.loadUnaligned(as: CInt.self)
        guard header.pointee.nlmsg_flags & UInt16(NLM_F_ACK_TLVS) != 0 else {
            message = nil
            return
        }
        var attributes = fixed
        if isError, header.pointee.nlmsg_flags & UInt16(NLM_F_CAPPED) == 0 {
            let requestOffset = fixed - MemoryLayout<nlmsghdr>.size
            let request = data.loadUnaligned(fromByteOffset: requestOffset, as: nlmsghdr.self)
            attributes = requestOffset + Int((request.nlmsg_len + 3) & ~3)
        }
        message =
            Attributes(header, offset: attributes)
            .first { $0.type == UInt16(NLMSGERR_ATTR_MSG.rawValue) }?.text
    }
}

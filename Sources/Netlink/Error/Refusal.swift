// SPDX-License-Identifier: Apache-2.0
import CNetlink
import SystemPackage

/// Why something did not work, before it is said what: `NetlinkError` adds that, once.
struct Refusal: Error {
    let errno: Errno
    let message: String?

    init(_ errno: Errno, _ message: String? = nil) {
        self.errno = errno
        self.message = message
    }

    init(_ verdict: Verdict) {
        self.init(Errno(rawValue: verdict.code), verdict.message)
    }

    /// Something that libnl could not do (`NLE_*`, below zero).
    init(libnl code: CInt) {
        let errno: Errno =
            switch -code {
            case NLE_NOMEM: .noMemory
            case NLE_PARSE_ERR, NLE_MSG_TRUNC, NLE_MSG_TOOSHORT, NLE_ATTRSIZE, NLE_RANGE: .badMessage
            case NLE_OPNOTSUPP: .notSupported
            default: .invalidArgument
            }
        self.init(errno, nl_geterror(code).map { String(cString: $0) })
    }

    /// Throws for what a libnl function returned, when that is an error.
    static func check(_ code: CInt) throws(Refusal) {
        guard code >= 0 else { throw Refusal(libnl: code) }
    }
}

extension NetlinkError {
    init(_ operation: String, _ object: String, _ refusal: Refusal) {
        self.init(operation, object, refusal.errno, refusal.message)
    }
}

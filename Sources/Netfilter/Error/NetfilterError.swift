// SPDX-License-Identifier: Apache-2.0
import Glibc
import Linux
package import SystemPackage

/// A request to the packet filter or to connection tracking that was refused, or that could not be made.
///
/// Prints as "delete element 10.0.9.1 of set enis in table inet tasknet: No such file or directory (ENOENT): ...".
package struct NetfilterError: Error, Hashable, Sendable, CustomStringConvertible {
    package let operation: String
    package let object: String
    package let errno: Errno
    /// What the kernel (extended acknowledgement, `NLMSGERR_ATTR_MSG`), nft or this room has to say beyond the errno.
    package let message: String?

    package init(_ operation: String, _ object: String, _ errno: Errno, _ message: String? = nil) {
        self.operation = operation
        self.object = object
        self.errno = errno
        self.message = message
    }

    package var description: String {
        let mend = isUnsupported ? "; \(Self.kernelMend)" : ""
        return "\(operation) \(object): \(errno) (\(errno.name))\(message.map { ": \($0)" } ?? "")\(mend)"
    }

    /// What was to be made is there already.
    package var isAlreadyExists: Bool { errno == .fileExists }

    /// The table, chain, set, element, counter or connection is not there (any more).
    package var isNotFound: Bool { errno == .noSuchFileOrDirectory }

    /// The kernel lacks what was asked for. Without nfnetlink there is no such socket (`EPROTONOSUPPORT`), without
    /// nf_tables no such request (`EOPNOTSUPP`), without a family's part of it no such table (`EAFNOSUPPORT`).
    package var isUnsupported: Bool {
        errno == .protocolNotSupported || errno == .notSupported || errno == .addressFamilyNotSupported
    }

    private static let kernelMend = """
        where the kernel lacks it: load the modules nf_tables and nf_conntrack_netlink (modprobe), or run a kernel \
        that has them (CONFIG_NF_TABLES, CONFIG_NF_TABLES_INET, CONFIG_NF_TABLES_ARP, CONFIG_NF_CT_NETLINK)
        """
}

// SPDX-License-Identifier: Apache-2.0
import CLinux
import Glibc
import SystemPackage

extension NetworkNamespace {
    /// The kernel's number for this namespace, which no other has until the next boot: an inode's number is given to the
    /// next namespace as soon as this one is gone. Nil where the kernel has none (before Linux 5.14).
    ///
    /// The corresponding C constant is `SO_NETNS_COOKIE`.
    package func cookie() throws -> UInt64? {
        try enter {
            var cookie: UInt64 = 0
            if tasknet_namespace_cookie(&cookie) == 0 { return cookie }
            let error = LinuxError.last("read the cookie of network namespace", description)
            if error.errno == .protocolNotAvailable { return nil }
            throw error
        }
    }
}

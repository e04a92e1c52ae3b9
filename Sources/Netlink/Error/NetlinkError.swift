// SPDX-License-Identifier: Apache-2.0
import Glibc
import Linux
package import SystemPackage

/// A request that the kernel refused, or that could not be made.
///
/// Prints as "add route default via 10.0.9.1 dev 2: Network is unreachable (ENETUNREACH): Nexthop has invalid gateway".
package struct NetlinkError: Error, Hashable, Sendable, CustomStringConvertible {
    package let operation: String
    package let object: String
    package let errno: Errno
    /// What the kernel (extended acknowledgement, `NLMSGERR_ATTR_MSG`) or libnl said beyond the errno.
    package let message: String?

    package init(_ operation: String, _ object: String, _ errno: Errno, _ message: String? = nil) {
        self.operation = operation
        self.object = object
        self.errno = errno
        self.message = message
    }

    package var description: String {
        "\(operation) \(object): \(errno) (\(errno.name))\(message.map { ": \($0)" } ?? "")"
    }

    /// The same, with a link's name in place of its index.
    package func naming(_ index: Int32, _ name: String) -> NetlinkError {
        var words = object.split(separator: " ").map(String.init)
        for place in words.indices.dropFirst() where words[place] == "\(index)" {
            if words[place - 1] == "dev" { words[place] = name }
        }
        if words == ["link", "\(index)"] { words = [name] }
        return NetlinkError(operation, words.joined(separator: " "), errno, message)
    }

    /// What was to be made is there already.
    package var isAlreadyExists: Bool { errno == .fileExists }

    /// What was asked for, or was to be changed or taken away, is not there (any more): a link (`ENODEV`), a route
    /// (`ESRCH`), an address (`EADDRNOTAVAIL`), a neighbour or rule (`ENOENT`).
    package var isNotFound: Bool {
        switch errno {
        case Errno(rawValue: ENODEV), .noSuchProcess, .addressNotAvailable, .noSuchFileOrDirectory,
            .noSuchAddressOrDevice:
            true
        default: false
        }
    }
}

// SPDX-License-Identifier: Apache-2.0

/// A version of the CNI specification.
package struct CNIVersion: Hashable, Comparable, Sendable, CustomStringConvertible {
    package var major: Int
    package var minor: Int
    package var patch: Int

    private init(_ major: Int, _ minor: Int, _ patch: Int) {
        self.major = major
        self.minor = minor
        self.patch = patch
    }

    /// Three numbers with dots between them, as in `1.0.0`; nil for any other text.
    package init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        let numbers = parts.compactMap { part in
            part.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int(part) : nil
        }
        guard parts.count == 3, numbers.count == 3 else { return nil }
        self.init(numbers[0], numbers[1], numbers[2])
    }

    package var description: String { "\(major).\(minor).\(patch)" }

    package static func < (left: Self, right: Self) -> Bool {
        (left.major, left.minor, left.patch) < (right.major, right.minor, right.patch)
    }

    /// All there are, the oldest first.
    package static let all = [
        oldest, CNIVersion(0, 2, 0), withInterfaces, CNIVersion(0, 3, 1), withCheck, withoutAddressVersion, current,
    ]

    /// What a configuration without `cniVersion` is written for. Results are `ip4` and `ip6`.
    package static let oldest = CNIVersion(0, 1, 0)
    /// Results list interfaces, addresses and routes.
    package static let withInterfaces = CNIVersion(0, 3, 0)
    /// CHECK, and `prevResult` for DEL.
    package static let withCheck = CNIVersion(0, 4, 0)
    /// An address in a result no longer says its family.
    package static let withoutAddressVersion = CNIVersion(1, 0, 0)
    /// GC, STATUS; MTUs and more of routes in results.
    package static let withGarbageCollection = CNIVersion(1, 1, 0)
    package static let current = withGarbageCollection
}

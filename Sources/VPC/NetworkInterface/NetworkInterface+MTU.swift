// SPDX-License-Identifier: Apache-2.0

extension NetworkInterface {
    /// The MTUs, in bytes, that this ENI's link can have.
    package var possibleMTUs: ClosedRange<Int> { Self.possibleMTUs(withIPv6: !ipv6Addresses.isEmpty) }

    /// From what every IP host takes in one piece (RFC 791 section 3.1, RFC 8200 section 5) to what a link can carry;
    /// the corresponding C constant is `ETH_MAX_MTU`.
    package static func possibleMTUs(withIPv6: Bool) -> ClosedRange<Int> { (withIPv6 ? 1280 : 576)...65_535 }
}

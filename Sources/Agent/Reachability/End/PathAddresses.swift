// SPDX-License-Identifier: Apache-2.0
import Addressing
import ECSAPI
import VPC

/// The addresses that a path goes from and to, by the IP version that both ends have.
struct PathAddresses: Hashable, Sendable {
    let source: IPAddress
    let destination: IPAddress

    var family: IPFamily { source.family }

    /// One for each IP version that both have, IPv4 first.
    ///
    /// - Parameter hostAddress: what the host speaks to an address with; nil where it has no way there.
    static func all(
        from source: PathEnd, to destination: PathEnd, hostAddress: (IPFamily, PathEnd) throws -> IPAddress?
    ) rethrows -> [PathAddresses] {
        try IPFamily.allCases.compactMap { family in
            func address(of end: PathEnd, to other: PathEnd) throws -> IPAddress? {
                end.isHost ? try hostAddress(family, other) : end.addresses.first { $0.family == family }
            }
            guard let from = try address(of: source, to: destination), let to = try address(of: destination, to: source)
            else { return nil }
            return PathAddresses(source: from, destination: to)
        }
    }

    static func none(from source: PathEnd, to destination: PathEnd) -> APIError {
        .invalidParameter(
            """
            \(source) and \(destination) have no IP version in common: give the other one's address, or both a subnet \
            with blocks of the same version
            """)
    }
}

// SPDX-License-Identifier: Apache-2.0
import CNetfilter
import Glibc

/// A connection that the kernel tracks.
package struct TrackedConnection: Hashable, Sendable {
    /// As the first packet said it.
    package let original: ConnectionTuple
    /// What answers look like: with NAT, not simply the original turned round.
    package let reply: ConnectionTuple
    /// The zone of both directions; 0 is the default.
    package let zone: UInt16
    package let mark: UInt32
    package let status: Status
    /// In seconds, until the kernel forgets it, when nothing comes.
    package let timeout: UInt32
    /// The kernel's number for it: tells a connection from a later one with the same tuple.
    package let id: UInt32

    package var isTCP: Bool { original.transport.number == UInt8(IPPROTO_TCP) }

    /// The corresponding C constants are `IPS_*`.
    package struct Status: OptionSet, Hashable, Sendable {
        package let rawValue: UInt32
        package init(rawValue: UInt32) { self.rawValue = rawValue }

        /// There were packets in both directions. `IPS_SEEN_REPLY`
        package static let seenReply = Status(rawValue: IPS_SEEN_REPLY.rawValue)
        /// It is not forgotten early when the table is full. `IPS_ASSURED`
        package static let assured = Status(rawValue: IPS_ASSURED.rawValue)
        /// `IPS_CONFIRMED`
        package static let confirmed = Status(rawValue: IPS_CONFIRMED.rawValue)
        /// `IPS_SRC_NAT`
        package static let sourceNAT = Status(rawValue: IPS_SRC_NAT.rawValue)
        /// `IPS_DST_NAT`
        package static let destinationNAT = Status(rawValue: IPS_DST_NAT.rawValue)
        /// `IPS_DYING`
        package static let dying = Status(rawValue: IPS_DYING.rawValue)
    }
}

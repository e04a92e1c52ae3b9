// SPDX-License-Identifier: Apache-2.0
package import Addressing
import CNetfilter
import SystemPackage

extension NetfilterConnection {
    /// Has the kernel forget each connection, in all zones, that one of some addresses has begun, or answers: the one
    /// that packets reach, where the destination is translated. Without any it is done.
    ///
    /// The kernel looks through its table once for each IPv4 address and side; from Linux 6.12 on it deletes what it finds
    /// itself. An older one is asked for what it finds, and has that deleted one by one. Of IPv6 all that there is is
    /// looked at here: the kernel's own filter takes the addresses that it is not asked for (seen with Linux 6.18).
    package func deleteConnections(of addresses: [IPAddress]) throws(NetfilterError) {
        for address in addresses where address.family == .v4 {
            for party in Party.allCases {
                do throws(Refusal) {
                    try perform { sequence in Self.request(IPCTNL_MSG_CT_DELETE, party, address, sequence) }
                } catch {
                    // Linux 6.11 and before say EINVAL: to them it is a connection that is not told completely.
                    guard error.errno == .invalidArgument || error.errno == .notSupported else {
                        throw NetfilterError("delete", "tracked connections of \(address)", error)
                    }
                    try deleteOneByOne(party, address)
                }
            }
        }
        let others = Set(addresses.filter { $0.family == .v6 })
        if others.isEmpty { return }
        let found = try trackedConnections(.v6) { connection in
            Party.allCases.contains { others.contains(connection[$0]) }
        }
        for connection in found { try delete(connection) }
    }

    /// For an IPv4 address.
    func deleteOneByOne(_ party: Party, _ address: IPAddress) throws(NetfilterError) {
        for connection in try trackedConnections(party, address) { try delete(connection) }
    }

    /// The connections that an address has begun, or those that it answers.
    private func trackedConnections(_ party: Party, _ address: IPAddress) throws(NetfilterError) -> [TrackedConnection]
    {
        do throws(Refusal) {
            return try list(
                { sequence in Self.request(IPCTNL_MSG_CT_GET, party, address, sequence) },
                parse: { header, found throws(Refusal) in
                    // Before Linux 5.8 the kernel tells of all that there are.
                    guard let connection = try TrackedConnection(header), connection[party] == address else { return }
                    found.append(connection)
                })
        } catch {
            throw NetfilterError("list", "tracked connections of \(address)", error)
        }
    }

    /// A request about all connections with an IPv4 address in one place.
    private static func request(
        _ type: cntl_msg_types, _ party: Party, _ address: IPAddress, _ sequence: UInt32
    ) -> NetfilterMessage {
        let message = NetfilterMessage(
            NFNL_SUBSYS_CTNETLINK, type.rawValue, family: address.family.constant, sequence: sequence)
        message.nest(CInt(party.tuple.rawValue)) {
            message.nest(CInt(CTA_TUPLE_IP.rawValue)) {
                message.put(CInt(CTA_IP_V4_SRC.rawValue), address.bytes)
            }
        }
        message.nest(CInt(CTA_FILTER.rawValue)) {
            // In the host's order.
            message.put(CInt(party.flags.rawValue), UInt32(TASKNET_CTA_FILTER_IP_SRC).bigEndian)
        }
        return message
    }
}

extension NetfilterConnection {
    /// Whom a connection belongs to.
    enum Party: CaseIterable {
        /// Who has sent the first packet.
        case first
        /// Who sends the replies.
        case second

        fileprivate var tuple: ctattr_type { self == .first ? CTA_TUPLE_ORIG : CTA_TUPLE_REPLY }
        fileprivate var flags: ctattr_filter { self == .first ? CTA_FILTER_ORIG_FLAGS : CTA_FILTER_REPLY_FLAGS }
    }
}

extension TrackedConnection {
    fileprivate subscript(party: NetfilterConnection.Party) -> IPAddress {
        party == .first ? original.source : reply.source
    }
}

// SPDX-License-Identifier: Apache-2.0
package import Addressing
import CNetfilter
import Glibc
import SystemPackage

extension NetfilterConnection {
    /// The connections that the kernel tracks in this namespace, as far as a filter wants them. While the table grows
    /// in the kernel some may be missing or there twice.
    ///
    /// - Parameter family: nil is both.
    package func trackedConnections(
        _ family: IPFamily? = nil, matching isWanted: (TrackedConnection) -> Bool = { _ in true }
    ) throws(NetfilterError) -> [TrackedConnection] {
        do throws(Refusal) {
            return try list(
                { sequence in
                    NetfilterMessage(
                        NFNL_SUBSYS_CTNETLINK, IPCTNL_MSG_CT_GET.rawValue, family: family?.constant ?? UInt8(AF_UNSPEC),
                        sequence: sequence)
                },
                parse: { header, found throws(Refusal) in
                    if let connection = try TrackedConnection(header), isWanted(connection) { found.append(connection) }
                })
        } catch {
            throw NetfilterError("list", "tracked connections", error)
        }
    }

    /// The connection with a tuple, its original one or the replies'; nil when there is none.
    ///
    /// - Parameter zone: the zone of both directions.
    package func trackedConnection(
        _ tuple: ConnectionTuple, zone: UInt16 = 0
    ) throws(NetfilterError) -> TrackedConnection? {
        do throws(Refusal) {
            return try get(
                { sequence throws(Refusal) in try Self.request(IPCTNL_MSG_CT_GET, tuple, zone, sequence) },
                parse: { header throws(Refusal) in try TrackedConnection(header) })
        } catch {
            if error.errno == .noSuchFileOrDirectory { return nil }
            throw NetfilterError("read", "tracked connection \(tuple)", error)
        }
    }

    /// Has the kernel forget a connection: its next packet is a new one's. Already gone is success, and so is another
    /// with the same tuple in its place, which stays.
    package func delete(_ connection: TrackedConnection) throws(NetfilterError) {
        do throws(Refusal) {
            try perform { sequence throws(Refusal) in
                let message = try Self.request(IPCTNL_MSG_CT_DELETE, connection.original, connection.zone, sequence)
                message.put(CInt(CTA_ID.rawValue), connection.id)
                return message
            }
        } catch {
            if error.errno == .noSuchFileOrDirectory { return }
            throw NetfilterError("delete", "tracked connection \(connection.original)", error)
        }
    }

    private static func request(
        _ type: cntl_msg_types, _ tuple: ConnectionTuple, _ zone: UInt16, _ sequence: UInt32
    ) throws(Refusal) -> NetfilterMessage {
        guard tuple.source.family == tuple.destination.family else {
            throw Refusal(.invalidArgument, "its addresses are of two families")
        }
        let message = NetfilterMessage(
            NFNL_SUBSYS_CTNETLINK, type.rawValue, family: tuple.source.family.constant, sequence: sequence)
        guard let raw = nfct_new() else { throw Refusal(.noMemory) }
        defer { nfct_destroy(raw) }
        tuple.put(into: raw)
        if zone != 0 { nfct_set_attr_u16(raw, ATTR_ZONE, zone) }
        guard nfct_nlmsg_build(message.header, raw) == 0 else {
            throw Refusal(.invalidArgument, "it cannot be written")
        }
        return message
    }
}

extension ConnectionTuple {
    fileprivate func put(into raw: OpaquePointer) {
        nfct_set_attr_u8(raw, ATTR_L3PROTO, source.family.constant)
        let isV4 = source.family == .v4
        nfct_set_attr(raw, isV4 ? ATTR_IPV4_SRC : ATTR_IPV6_SRC, source.bytes)
        nfct_set_attr(raw, isV4 ? ATTR_IPV4_DST : ATTR_IPV6_DST, destination.bytes)
        nfct_set_attr_u8(raw, ATTR_L4PROTO, transport.number)
        switch transport {
        case .ports(_, let source, let destination):
            nfct_set_attr_u16(raw, ATTR_PORT_SRC, source.bigEndian)
            nfct_set_attr_u16(raw, ATTR_PORT_DST, destination.bigEndian)
        case .icmp(_, let type, let code, let id):
            nfct_set_attr_u8(raw, ATTR_ICMP_TYPE, type)
            nfct_set_attr_u8(raw, ATTR_ICMP_CODE, code)
            nfct_set_attr_u16(raw, ATTR_ICMP_ID, id.bigEndian)
        case .other:
            break
        }
        if let zone { nfct_set_attr_u16(raw, ATTR_ORIG_ZONE, zone) }
    }
}

extension IPFamily {
    /// `AF_INET` or `AF_INET6`
    var constant: UInt8 { UInt8(self == .v4 ? AF_INET : AF_INET6) }
}

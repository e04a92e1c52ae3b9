// SPDX-License-Identifier: Apache-2.0
import Addressing
import CNetfilter
import Glibc
import SystemPackage

extension TrackedConnection {
    /// Reads a message of the kernel's. nil for what is neither IPv4 nor IPv6.
    init?(_ header: UnsafePointer<nlmsghdr>) throws(Refusal) {
        guard let raw = nfct_new() else { throw Refusal(.noMemory) }
        defer { nfct_destroy(raw) }
        guard nfct_nlmsg_parse(header, raw) == 0 else { throw Refusal(.badMessage) }
        guard let original = Self.tuple(raw, .original, header), let reply = Self.tuple(raw, .reply, header) else {
            return nil
        }
        self.original = original
        self.reply = reply
        zone = nfct_get_attr_u16(raw, ATTR_ZONE)
        mark = nfct_get_attr_u32(raw, ATTR_MARK)
        status = Status(rawValue: nfct_get_attr_u32(raw, ATTR_STATUS))
        timeout = nfct_get_attr_u32(raw, ATTR_TIMEOUT)
        id = nfct_get_attr_u32(raw, ATTR_ID)
    }

    /// libnetfilter_conntrack's names for what belongs to one direction.
    private struct Direction {
        let v4: (nf_conntrack_attr, nf_conntrack_attr)
        let v6: (nf_conntrack_attr, nf_conntrack_attr)
        let ports: (nf_conntrack_attr, nf_conntrack_attr)
        let family, transport, zone: nf_conntrack_attr
        let attribute: CInt

        static let original = Direction(
            v4: (ATTR_ORIG_IPV4_SRC, ATTR_ORIG_IPV4_DST), v6: (ATTR_ORIG_IPV6_SRC, ATTR_ORIG_IPV6_DST),
            ports: (ATTR_ORIG_PORT_SRC, ATTR_ORIG_PORT_DST), family: ATTR_ORIG_L3PROTO, transport: ATTR_ORIG_L4PROTO,
            zone: ATTR_ORIG_ZONE, attribute: CInt(CTA_TUPLE_ORIG.rawValue))
        static let reply = Direction(
            v4: (ATTR_REPL_IPV4_SRC, ATTR_REPL_IPV4_DST), v6: (ATTR_REPL_IPV6_SRC, ATTR_REPL_IPV6_DST),
            ports: (ATTR_REPL_PORT_SRC, ATTR_REPL_PORT_DST), family: ATTR_REPL_L3PROTO, transport: ATTR_REPL_L4PROTO,
            zone: ATTR_REPL_ZONE, attribute: CInt(CTA_TUPLE_REPLY.rawValue))
    }

    private static func tuple(
        _ raw: OpaquePointer, _ direction: Direction, _ header: UnsafePointer<nlmsghdr>
    ) -> ConnectionTuple? {
        let isV4 = CInt(nfct_get_attr_u8(raw, direction.family)) == AF_INET
        let names = isV4 ? direction.v4 : direction.v6
        guard let source = address(raw, names.0, isV4), let destination = address(raw, names.1, isV4) else {
            return nil
        }
        let number = nfct_get_attr_u8(raw, direction.transport)
        let transport: ConnectionTuple.Transport =
            if let icmp = icmp(number, direction, header) {
                icmp
            } else if nfct_attr_is_set(raw, direction.ports.0) > 0, nfct_attr_is_set(raw, direction.ports.1) > 0 {
                .ports(
                    number, source: UInt16(bigEndian: nfct_get_attr_u16(raw, direction.ports.0)),
                    destination: UInt16(bigEndian: nfct_get_attr_u16(raw, direction.ports.1)))
            } else {
                .other(number)
            }
        let zone = nfct_attr_is_set(raw, direction.zone) > 0 ? nfct_get_attr_u16(raw, direction.zone) : nil
        return ConnectionTuple(source, destination, transport, zone: zone)
    }

    private static func address(_ raw: OpaquePointer, _ name: nf_conntrack_attr, _ isV4: Bool) -> IPAddress? {
        guard nfct_attr_is_set(raw, name) > 0, let bytes = nfct_get_attr(raw, name) else { return nil }
        return IPAddress(bytes: UnsafeRawBufferPointer(start: bytes, count: isV4 ? 4 : 16))
    }

    /// Read from the message: libnetfilter_conntrack keeps only one direction's. nil for other protocols.
    private static func icmp(
        _ number: UInt8, _ direction: Direction, _ header: UnsafePointer<nlmsghdr>
    ) -> ConnectionTuple.Transport? {
        let names: (type: ctattr_l4proto, code: ctattr_l4proto, id: ctattr_l4proto)
        switch CInt(number) {
        case CInt(IPPROTO_ICMP): names = (CTA_PROTO_ICMP_TYPE, CTA_PROTO_ICMP_CODE, CTA_PROTO_ICMP_ID)
        case CInt(IPPROTO_ICMPV6): names = (CTA_PROTO_ICMPV6_TYPE, CTA_PROTO_ICMPV6_CODE, CTA_PROTO_ICMPV6_ID)
        default: return nil
        }
        let attributes = Attributes(header, offset: MemoryLayout<nfgenmsg>.size)
        guard let transport = attributes[direction.attribute]?.nested[CInt(CTA_TUPLE_PROTO.rawValue)]?.nested,
            let type = transport[CInt(names.type.rawValue)]?.byte,
            let code = transport[CInt(names.code.rawValue)]?.byte,
            let id = transport[CInt(names.id.rawValue)]?.number(as: UInt16.self)
        else { return nil }
        return .icmp(number, type: type, code: code, id: id)
    }
}

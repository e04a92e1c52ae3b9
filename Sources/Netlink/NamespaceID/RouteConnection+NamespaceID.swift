// SPDX-License-Identifier: Apache-2.0
import CLinux
import CNetlink
package import Linux
import SystemPackage

// The numbers that a namespace has for others. The kernel gives one to the namespace of a veth's other end, and of a link
// that was moved there; they are given anew when their namespace has ended.
extension RouteConnection {
    /// The number that this connection's namespace has for another one; nil while it has none. The corresponding C constant
    /// is `NETNSA_NSID`.
    package func namespaceID(of namespace: NetworkNamespace) throws(NetlinkError) -> Int32? {
        let id = try get(answer: RTM_NEWNSID, "the number of \(namespace)") { () throws(Refusal) in
            try Self.request(RTM_GETNSID, namespace)
        } parse: { header throws(Refusal) in
            guard let id = Self.namespaceID(header) else { throw Refusal(.badMessage) }
            return id
        }
        return id == NETNSA_NSID_NOT_ASSIGNED ? nil : id
    }

    /// The number that this connection's namespace has for another one, which is given one where it has none.
    package func makeNamespaceID(of namespace: NetworkNamespace) throws(NetlinkError) -> Int32 {
        if let id = try namespaceID(of: namespace) { return id }
        let refused: Refusal?
        do throws(Refusal) {
            let request = try Self.request(RTM_NEWNSID, namespace)
            try request.put(NETNSA_NSID, UInt32(bitPattern: Int32(NETNSA_NSID_NOT_ASSIGNED)))
            refused = try send([request]).first?.refusal
        } catch {
            throw NetlinkError("number", "\(namespace)", error)
        }
        // EEXIST: the kernel has just done it by itself.
        if let refused, refused.errno != .fileExists { throw NetlinkError("number", "\(namespace)", refused) }
        guard let id = try namespaceID(of: namespace) else { throw NetlinkError("number", "\(namespace)", .noData) }
        return id
    }

    private static func request(_ type: Int, _ namespace: NetworkNamespace) throws(Refusal) -> NetlinkMessage {
        let request = try NetlinkMessage(type: type, header: rtgenmsg())
        try namespace.withRawDescriptor { raw throws(Refusal) in try request.put(NETNSA_FD, UInt32(raw)) }
        return request
    }

    /// Of an `RTM_NEWNSID` or `RTM_DELNSID`.
    static func namespaceID(_ header: UnsafeMutablePointer<nlmsghdr>) -> Int32? {
        guard let attribute = nlmsg_find_attr(header, CInt(MemoryLayout<rtgenmsg>.size), CInt(NETNSA_NSID)),
            nla_len(attribute) >= CInt(MemoryLayout<Int32>.size)
        else { return nil }
        return Int32(bitPattern: nla_get_u32(attribute))
    }
}

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
    ///
    /// - Parameter wish: the one that it is given; nil for the lowest that is free.
    /// - Throws: `EEXIST` where another namespace has that number.
    package func makeNamespaceID(of namespace: NetworkNamespace, as wish: Int32? = nil) throws(NetlinkError) -> Int32 {
        let refused: Refusal?
        do throws(Refusal) {
            let request = try Self.request(RTM_NEWNSID, namespace)
            try request.put(NETNSA_NSID, UInt32(bitPattern: wish ?? Int32(NETNSA_NSID_NOT_ASSIGNED)))
            refused = try send([request]).first?.refusal
        } catch {
            throw NetlinkError("number", "\(namespace)", error)
        }
        if refused == nil, let wish { return wish }
        // EEXIST: it has one, or another namespace has the one that was wished for.
        if refused == nil || refused?.errno == .fileExists, let id = try namespaceID(of: namespace) { return id }
        throw NetlinkError("number", "\(namespace)", refused ?? Refusal(.noData))
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

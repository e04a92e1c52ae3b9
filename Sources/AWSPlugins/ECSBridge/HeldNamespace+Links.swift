// SPDX-License-Identifier: Apache-2.0
import Addressing
import Netlink
import TaskNetworking

extension HeldNamespace {
    /// What the main table has routes to.
    func destinations() throws -> Set<CIDRBlock> {
        Set(try RouteConnection(in: namespace).routes(RouteFilter(table: .main)).map(\.destination))
    }

    func hasLink(_ name: InterfaceName) throws -> Bool {
        try RouteConnection(in: namespace).linkIfThere(name) != nil
    }

    /// Removes the container's end of a veth, and with it the other one. Anything else of the name is not ours.
    func removeVeth(_ name: InterfaceName) throws {
        let connection = try RouteConnection(in: namespace)
        guard let link = try connection.linkIfThere(name), link.kind == .veth else { return }
        try connection.remove(link)
    }
}

extension RouteConnection {
    fileprivate func linkIfThere(_ name: InterfaceName) throws(NetlinkError) -> Link? {
        do throws(NetlinkError) {
            return try link(named: name.text)
        } catch {
            guard error.isNotFound else { throw error }
            return nil
        }
    }

    /// Gone already is success.
    func remove(_ link: Link) throws(NetlinkError) {
        do throws(NetlinkError) {
            try apply(.deleteLink(.index(link.index)))
        } catch {
            guard error.isNotFound else { throw error }
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
import Addressing
import Netlink
import TaskNetworking

extension HeldNamespace {
    /// What the main table has routes to.
    func destinations() throws -> [CIDRBlock] {
        try RouteConnection(in: namespace).routes(RouteFilter(table: .main)).map(\.destination)
    }

    func hasLink(_ name: InterfaceName) throws -> Bool {
        try RouteConnection(in: namespace).linkIfThere(name) != nil
    }

    /// The container's end of a veth. Anything else of the name is not ours.
    func veth(_ name: InterfaceName) throws -> Link? {
        try RouteConnection(in: namespace).linkIfThere(name).flatMap { $0.kind == .veth ? $0 : nil }
    }

    /// Removes the container's end of a veth, and with it the other one.
    func remove(_ veth: Link) throws { try RouteConnection(in: namespace).remove(veth) }
}

extension RouteConnection {
    fileprivate func linkIfThere(_ name: InterfaceName) throws(NetlinkError) -> Link? {
        try orNone { () throws(NetlinkError) in try link(named: name.text) }
    }

    /// The end of a veth whose other one is given, when that is in this namespace.
    func end(of veth: Link) throws(NetlinkError) -> Link? {
        guard let index = veth.parent else { return nil }
        let end = try orNone { () throws(NetlinkError) in try link(index: index) }
        return end?.kind == .veth && end?.parent == veth.index ? end : nil
    }

    private func orNone(_ body: () throws(NetlinkError) -> Link) throws(NetlinkError) -> Link? {
        do throws(NetlinkError) {
            return try body()
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

// SPDX-License-Identifier: Apache-2.0
import Addressing
import Linux
import Netlink

/// One side of a task's network, the host's or the task's: its namespace, and a connection opened in it.
final class Side {
    let namespace: NetworkNamespace
    let connection: RouteConnection
    /// Indexes that are known already: each would be a question to the kernel.
    private var indexes: [InterfaceName: Int32] = [.loopback: 1]

    init(_ namespace: NetworkNamespace, _ connection: RouteConnection) {
        self.namespace = namespace
        self.connection = connection
    }

    convenience init(_ namespace: NetworkNamespace) throws {
        self.init(namespace, try RouteConnection(in: namespace))
    }

    /// - Throws: `NetlinkError.isNotFound`
    func index(of name: InterfaceName) throws(NetlinkError) -> Int32 {
        if let index = indexes[name] { return index }
        let index = try connection.link(named: name.text).index
        indexes[name] = index
        return index
    }

    func learn(_ name: InterfaceName, is index: Int32?) { indexes[name] = index }

    /// The link, or nil when there is none of that name.
    func link(named name: InterfaceName) throws(NetlinkError) -> Link? {
        do throws(NetlinkError) {
            return try connection.link(named: name.text)
        } catch {
            if error.isNotFound { return nil }
            throw error
        }
    }

    /// The link, or nil when there is none with that index.
    func link(index: Int32?) throws(NetlinkError) -> Link? {
        guard let index else { return nil }
        do throws(NetlinkError) {
            return try connection.link(index: index)
        } catch {
            if error.isNotFound { return nil }
            throw error
        }
    }
}

extension Side {
    /// The link's index; nil when there is no such link.
    func indexIfThere(_ name: InterfaceName) throws(NetlinkError) -> Int32? {
        do throws(NetlinkError) {
            return try index(of: name)
        } catch {
            if error.isNotFound { return nil }
            throw error
        }
    }

    /// Makes changes. An error calls a link by the name that it is known by here, not by its index.
    func apply(_ changes: [NetworkChange]) throws(NetlinkError) {
        do throws(NetlinkError) {
            try connection.apply(changes)
        } catch {
            throw indexes.reduce(error) { $0.naming($1.value, $1.key.text) }
        }
    }

    /// Adds something. That it is there already is said, and no error.
    func add(_ change: NetworkChange) throws(NetlinkError) -> ApplyOutcome {
        do throws(NetlinkError) {
            try apply([change])
            return .made
        } catch {
            guard error.isAlreadyExists else { throw error }
            return .found
        }
    }

    /// Takes something away. That it is gone already is no error.
    func remove(_ change: NetworkChange) throws(NetlinkError) {
        do throws(NetlinkError) {
            try apply([change])
        } catch {
            guard error.isNotFound else { throw error }
        }
    }

    /// Brings a link up and sets what differs. A MAC that is set again, also to the same, costs the link its neighbours.
    func mend(_ link: Link, macAddress: MACAddress?, mtu: Int?, isUp: Bool = true) throws(NetlinkError) {
        let isOther = macAddress != nil && link.macAddress != macAddress
        if !isOther && (mtu == nil || link.mtu == mtu) && (link.isUp || !isUp) { return }
        let change = LinkChange(isUp: isUp ? true : nil, macAddress: isOther ? macAddress : nil, mtu: mtu)
        try apply(link, change)
    }

    /// An error names the link.
    func apply(_ link: Link, _ change: LinkChange) throws(NetlinkError) {
        do throws(NetlinkError) {
            try connection.apply(.changeLink(.index(link.index), change))
        } catch {
            throw error.naming(link.index, link.name)
        }
    }
}

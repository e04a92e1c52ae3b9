// SPDX-License-Identifier: Apache-2.0
import Addressing
import Linux
import Netlink
import SystemPackage
import TaskNetworking

/// One network namespace, as a path is looked at in it: by questions about single things, not by lists.
struct NamespaceView {
    let namespace: NetworkNamespace
    let connection: RouteConnection

    init(_ namespace: NetworkNamespace) throws {
        self.namespace = namespace
        connection = try RouteConnection(in: namespace)
    }

    /// nil when there is no such link.
    func link(_ name: String) throws(NetlinkError) -> Link? {
        do throws(NetlinkError) {
            return try connection.link(named: name)
        } catch {
            guard error.isNotFound else { throw error }
            return nil
        }
    }

    func name(ofLink index: Int32?) -> String {
        index.flatMap { try? connection.link(index: $0).name } ?? "no link"
    }

    /// The way to an address, or why there is none.
    func way(
        to destination: IPAddress, from source: IPAddress? = nil, arrivingOn link: Link? = nil
    ) throws(NetlinkError) -> Result<Route, NetlinkError> {
        do throws(NetlinkError) {
            let route = try connection.route(to: destination, from: source, arrivingOn: link?.index)
            switch route.kind {
            case .unreachable: return .failure(NetlinkError("go", "to \(destination)", .noRouteToHost))
            case .prohibit: return .failure(NetlinkError("go", "to \(destination)", .permissionDenied))
            case .blackhole: return .failure(NetlinkError("go", "to \(destination)", .invalidArgument))
            default: return .success(route)
            }
        } catch {
            return .failure(try isReturningElsewhere(error, source, link) ? error.meaning(.improperLink) : error)
        }
    }

    /// Whether the kernel refuses a packet because its source is to be met on another link. Since Linux 6.15 it says no
    /// more than that it does.
    private func isReturningElsewhere(
        _ error: NetlinkError, _ source: IPAddress?, _ link: Link?
    ) throws(NetlinkError) -> Bool {
        guard error.errno == .invalidArgument, let source, let link else { return false }
        return try connection.route(to: source).linkIndex != link.index
    }

    /// A parameter's value; nil where the kernel has none.
    func value(_ sysctl: Sysctl) -> String? { try? sysctl.read(in: namespace) }
}

extension Route {
    /// "via 10.64.1.1 dev eth0", without what was asked for.
    func wayText(in view: NamespaceView) -> String {
        if kind == .local { return "here" }
        return (gateway.map { "via \($0) " } ?? "") + "dev \(view.name(ofLink: linkIndex))"
    }
}

extension NetlinkError {
    fileprivate func meaning(_ errno: Errno) -> NetlinkError { NetlinkError(operation, object, errno, message) }

    /// What a packet's sender would be told.
    var wayText: String {
        switch errno {
        case .invalidArgument: "the route drops it"
        case .improperLink: "not from this link: the way back goes by another one, and rp_filter refuses that"
        default: "\(errno)"
        }
    }
}

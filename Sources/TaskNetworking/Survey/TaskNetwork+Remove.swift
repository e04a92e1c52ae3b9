// SPDX-License-Identifier: Apache-2.0
import Addressing
import Linux
import Netlink
import SystemPackage

/// Something of a survey's that no task needs.
package enum OwnedObject: Hashable, Sendable, CustomStringConvertible {
    case link(OwnedLink)
    case route(OwnedRoute)
    case subnet(OwnedSubnet)
    case namespace(OwnedNamespace)

    package var description: String {
        switch self {
        case .link(let link): "link \(link.name)"
        case .route(let route): "host route \(route.route.destination)"
        case .subnet(let subnet): "unreachable route \(subnet.block)"
        case .namespace(let namespace): "namespace \(namespace.path)"
        }
    }
}

extension TaskNetwork {
    /// Removes what is still the daemon's when this comes to it: its mark is looked at again. Gone already is success, and so is
    /// what has become somebody else's, which stays.
    ///
    /// Goes on after errors. A namespace loses its name alone; processes in it keep it. Links go in one batch: each for itself
    /// would wait for the kernel.
    package func remove(_ objects: [OwnedObject]) -> TeardownResult {
        var removal = Removal()
        do {
            try withHost { host in
                removal.attempt("host routes") { try self.remove(routes: objects.compactMap(\.route), on: host) }
                for case .subnet(let subnet) in objects {
                    removal.attempt("\(OwnedObject.subnet(subnet))") { try self.remove(subnet, on: host) }
                }
                for case .namespace(let namespace) in objects {
                    removal.attempt("\(OwnedObject.namespace(namespace))") { try self.remove(namespace) }
                }
                removal.attempt("links") { try self.remove(links: objects.compactMap(\.link), on: host) }
            }
        } catch {
            removal.result.errors.append(
                TaskNetworkError(operation: .teardown, step: "leftovers", underlying: error))
        }
        return removal.result
    }

    private func remove(routes: [OwnedRoute], on host: Side) throws {
        guard !routes.isEmpty else { return }
        // By number and mark: the index of a link may be another one's by now.
        let links = Set(try host.connection.links().compactMap(OwnedLink.init))
        let removals = routes.filter { route in route.link.map(links.contains) ?? false }
            .map { NetworkChange.removeRoute($0.route) }
        do {
            try host.apply(removals)
        } catch {
            // Most likely one is gone: then the others are, too, and what is not says why.
            for removal in removals { try host.remove(removal) }
        }
    }

    private func remove(_ subnet: OwnedSubnet, on host: Side) throws {
        try host.remove(
            .removeRoute(Route(subnet.block, kind: .unreachable, routeProtocol: .tasknet)))
        guard let gateway = subnet.gateway else { return }
        try host.remove(.removeAddress(Address(gateway, linkIndex: try host.index(of: .loopback))))
    }

    private func remove(_ namespace: OwnedNamespace) throws {
        let found: OwnedNamespace?
        do {
            found = try ownedNamespace(at: namespace.path, named: namespace.taskID)
        } catch let error as LinuxError where Ground.meansGone(error) {
            return
        }
        guard found == namespace else { return }
        try NetworkNamespace.remove(at: FilePath(namespace.path.text))
    }

    /// Into a link group that nobody has, and that at once. Who looks at the group before it goes sees only what is ours.
    func remove(links wanted: [OwnedLink], on host: Side) throws {
        guard !wanted.isEmpty else { return }
        let wanted = Set(wanted)
        let links = try host.connection.links()
        let ours = links.filter { OwnedLink($0).map(wanted.contains) ?? false }
        if ours.count < 2 {
            for link in ours { try host.remove(.deleteLink(.index(link.index))) }
            return
        }
        let group = Self.unusedGroup(Set(links.map(\.group)))
        for link in ours { try host.remove(.changeLink(.index(link.index), LinkChange(group: group))) }
        let inGroup = try host.connection.links().filter { $0.group == group }
        for stranger in inGroup where OwnedLink(stranger).map(wanted.contains) != true {
            // It has got an index of one that went while we looked.
            try host.apply(stranger, LinkChange(group: 0))
        }
        try host.remove(.deleteLinks(group: group))
    }

    private static func unusedGroup(_ used: Set<UInt32>) -> UInt32 {
        var group: UInt32
        repeat { group = .random(in: 1 << 24...UInt32(Int32.max)) } while used.contains(group)
        return group
    }
}

/// Steps of which each is tried.
private struct Removal {
    var result = TeardownResult()

    mutating func attempt(_ step: String, _ body: () throws -> Void) {
        do {
            try body()
        } catch {
            result.errors.append(TaskNetworkError(operation: .teardown, step: step, underlying: error))
        }
    }
}

extension OwnedObject {
    fileprivate var route: OwnedRoute? { if case .route(let route) = self { route } else { nil } }
    fileprivate var link: OwnedLink? { if case .link(let link) = self { link } else { nil } }
}

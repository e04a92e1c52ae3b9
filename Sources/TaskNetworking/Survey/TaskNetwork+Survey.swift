// SPDX-License-Identifier: Apache-2.0
import Addressing
import Glibc
import Linux
import Netlink
import SystemPackage

extension TaskNetwork {
    /// What the daemon has made on this host.
    ///
    /// - Parameter namespaceDirectory: where the tasks' namespaces are bound. Each is looked into, which takes about a tenth of
    ///   a millisecond; nil looks at the host alone.
    package func survey(namespaceDirectory: AbsolutePath? = nil) throws -> NetworkSurvey {
        try withHost { host in
            var survey = NetworkSurvey()
            survey.links = try host.connection.links().compactMap(OwnedLink.init)
            let routes = try host.connection.routes(RouteFilter(table: .main, routeProtocol: .tasknet))
            survey.routes = Self.routes(routes, survey.links)
            survey.subnets = try Self.subnets(routes, on: host)
            if let namespaceDirectory { survey.namespaces = try namespaces(in: namespaceDirectory) }
            return survey
        }
    }

    /// Those that lead to a task's link. One of ours leads nowhere else, so that any other is somebody else's who uses the
    /// same number.
    private static func routes(_ routes: [Route], _ links: [OwnedLink]) -> [OwnedRoute] {
        let byIndex = Dictionary(links.map { ($0.index, $0) }) { first, _ in first }
        return routes.compactMap { route in
            guard route.kind == .unicast, route.gateway == nil, route.furtherLinkIndexes.isEmpty,
                route.destination.prefixLength == route.destination.family.addressBits,
                let link = route.linkIndex.flatMap({ byIndex[$0] })
            else { return nil }
            return OwnedRoute(route: route, link: link)
        }
    }

    private static func subnets(_ routes: [Route], on host: Side) throws -> [OwnedSubnet] {
        let blocks = routes.filter { $0.kind == .unreachable }.map(\.destination)
        guard !blocks.isEmpty else { return [] }
        let addresses = Set(try host.connection.addresses(linkIndex: host.index(of: .loopback)).map(\.address))
        return blocks.map { block in
            let gateway = block.address(at: 1).map(InterfaceAddress.init(host:))
            return OwnedSubnet(block: block, gateway: gateway.flatMap { addresses.contains($0) ? $0 : nil })
        }
    }

    /// The namespaces with a task's mark under that task's name.
    private func namespaces(in directory: AbsolutePath) throws -> [OwnedNamespace] {
        let names: [String]
        do throws(LinuxError) {
            names = try DirectoryNames.read(directory.text)
        } catch {
            guard error.errno == .noSuchFileOrDirectory else { throw error }
            return []
        }
        return names.compactMap { name in
            // One that ends meanwhile, or is somebody else's, is none of ours.
            guard let path = try? directory.appending(name) else { return nil }
            return try? ownedNamespace(at: path, named: name)
        }
    }

    func ownedNamespace(at path: AbsolutePath, named name: String) throws -> OwnedNamespace? {
        var status = stat()
        guard lstat(path.text, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        let namespace = try NetworkNamespace(path: FilePath(path.text))
        guard namespace != hostNamespace else { return nil }
        guard let mark = TaskMark(try Side(namespace).link(named: .loopback)?.alias), mark.networkInterfaceID == nil,
            mark.taskID == name
        else { return nil }
        return OwnedNamespace(path: path, taskID: mark.taskID, identity: namespace.identity)
    }
}

// SPDX-License-Identifier: Apache-2.0

import Addressing
import Glibc
import Linux
import Netlink
import SystemPackage

extension Leftovers {
    /// The protocol number of tasknet's routes.
    private static let routeProtocol = RouteProtocol(rawValue: 84)

    /// Looks around on this host.
    ///
    /// - Returns: what was found, and findings about what could not be looked at.
    static func onHost(_ paths: HostPaths) -> (Leftovers, [Finding]) {
        var leftovers = Leftovers()
        var findings: [Finding] = []
        leftovers.namespaceDirectory = paths.namespaceDirectory.string
        do {
            let connection = try RouteConnection()
            let links = try connection.links()
            leftovers.links = links.filter { isMarked($0) }.map {
                MarkedLink(name: $0.name, alias: $0.alias, index: $0.index)
            }
            let names = Dictionary(links.map { ($0.index, $0.name) }, uniquingKeysWith: { first, _ in first })
            leftovers.routes = try connection.routes(RouteFilter(routeProtocol: routeProtocol)).map {
                marked($0, names)
            }
        } catch {
            findings.append(Finding(area, .unknown, "links and routes cannot be looked at: \(error)"))
        }
        for directory in [paths.stateDirectory, paths.runtimeDirectory] {
            let tasks = directory.appending("tasks")
            switch entries(of: tasks) {
            case .success(let names):
                leftovers.directories += names.map { taskDirectory($0, in: tasks) }
            case .failure(let error):
                findings.append(
                    Finding(area, .unknown, "\(error)", mend: geteuid() == 0 ? nil : "sudo tasknet doctor"))
            }
        }
        switch entries(of: paths.namespaceDirectory) {
        case .success(let names):
            leftovers.namespaces = names.map { name in
                let path = paths.namespaceDirectory.appending(name)
                return NamespaceFile(name: name, isBound: (try? NetworkNamespace(path: path)) != nil)
            }
        case .failure(let error): findings.append(Finding(area, .unknown, "\(error)"))
        }
        return (leftovers, findings)
    }

    private static func isMarked(_ link: Link) -> Bool {
        link.name.hasPrefix(MarkedLink.namePrefix) || link.alias?.hasPrefix("tasknet ") == true
    }

    private static func marked(_ route: Route, _ names: [Int32: String]) -> MarkedRoute {
        var text = route.kind == .unicast ? "" : "\(route.kind) "
        text += "\(route.destination)"
        if route.table != .main { text += " table \(route.table.rawValue)" }
        let isIPv6 = route.destination.family == .v6
        // The kernel puts IPv6 routes without a link on lo.
        let link = route.kind == .unicast ? route.linkIndex.flatMap { names[$0] } : nil
        return MarkedRoute(
            text: text, linkName: link, isIPv6: isIPv6,
            unreachableBlock: route.kind == .unreachable ? "\(route.destination)" : nil)
    }

    private static func taskDirectory(_ name: String, in directory: FilePath) -> TaskDirectory {
        let path = directory.appending(name)
        let socket = path.appending("pause.sock").string
        let pause = access(socket, F_OK) == 0 ? try? PauseStatus.ask(socketPath: socket) : nil
        return TaskDirectory(name: name, path: path.string, pausePID: pause?.pid)
    }

    /// The names in a directory, sorted; none when there is no directory.
    private static func entries(of path: FilePath) -> Result<[String], LinuxError> {
        do {
            return .success(try DirectoryNames.read(path.string).sorted())
        } catch {
            return error.errno == .noSuchFileOrDirectory ? .success([]) : .failure(error)
        }
    }
}

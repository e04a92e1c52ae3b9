// SPDX-License-Identifier: Apache-2.0
package import Addressing
package import Linux
package import Netlink

/// What is in a namespace of somebody else's, for whoever plans something in it.
package struct NamespaceSurvey: Sendable {
    package let links: [Link]
    private let waysOut: [Route]

    package init(_ namespace: NetworkNamespace) throws {
        let connection = try RouteConnection(in: namespace)
        waysOut = try connection.routes(RouteFilter(table: .main, kind: .unicast))
            .filter { $0.destination.prefixLength == 0 }
        links = try connection.links()
    }

    /// The families that have a way out already.
    package var defaultRoutes: Set<IPFamily> { Set(waysOut.map(\.destination.family)) }

    /// The families that have a way out by another link than this one.
    package func defaultRoutes(besides name: InterfaceName) -> Set<IPFamily> {
        let index = link(name)?.index
        return Set(waysOut.filter { index == nil || $0.linkIndex != index }.map(\.destination.family))
    }

    package func link(_ name: InterfaceName) -> Link? { links.first { $0.name == name.text } }
}

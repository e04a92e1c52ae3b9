// SPDX-License-Identifier: Apache-2.0
package import Addressing
package import Linux
package import Netlink

/// What is in a namespace of somebody else's, for whoever plans something in it.
package struct NamespaceSurvey: Sendable {
    package let links: [Link]
    /// The families that have a way out already.
    package let defaultRoutes: Set<IPFamily>

    package init(_ namespace: NetworkNamespace) throws {
        let connection = try RouteConnection(in: namespace)
        let routes = try connection.routes(RouteFilter(table: .main, kind: .unicast))
        links = try connection.links()
        defaultRoutes = Set(routes.map(\.destination).filter { $0.prefixLength == 0 }.map(\.family))
    }

    package func link(_ name: InterfaceName) -> Link? { links.first { $0.name == name.text } }
}

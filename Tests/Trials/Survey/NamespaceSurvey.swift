// SPDX-License-Identifier: Apache-2.0
import Addressing
import Linux
import Netlink
import SystemPackage

/// What a task's namespace has.
struct NamespaceSurvey: Sendable {
    var links: [Link]
    var addresses: [Address]
    var routes: [Route]

    init(at path: FilePath) throws {
        let connection = try RouteConnection(in: try NetworkNamespace(path: path))
        links = try connection.links()
        addresses = try connection.addresses()
        routes = try connection.routes()
    }

    /// What an ENI's link lacks, in words.
    ///
    /// - Parameters:
    ///   - name: what it is called.
    ///   - addresses: all that it must have.
    func faults(of name: String, mac: String, addresses wanted: [String]) -> [String] {
        guard let link = links.first(where: { $0.name == name }) else {
            return ["no \(name), only \(links.map(\.name).sorted())"]
        }
        var faults: [String] = []
        if !link.isUp { faults.append("\(name) is down") }
        if link.macAddress.map({ "\($0)" }) != mac {
            faults.append("\(name) has MAC \(link.macAddress.map { "\($0)" } ?? "none") instead of \(mac)")
        }
        let found = Set(addresses.filter { $0.linkIndex == link.index }.map { "\($0.address.address)" })
        for address in wanted where !found.contains(address) { faults.append("\(name) lacks \(address)") }
        let families = Set(wanted.map { $0.utf8.contains(UInt8(ascii: ":")) })
        for isIPv6 in families where !hasDefaultRoute(by: link.index, isIPv6) {
            faults.append("no default route by \(name) for \(isIPv6 ? "IPv6" : "IPv4")")
        }
        return faults
    }

    private func hasDefaultRoute(by index: Int32, _ isIPv6: Bool) -> Bool {
        routes.contains {
            $0.destination.prefixLength == 0 && $0.linkIndex == index
                && ($0.destination.network.v6 != nil) == isIPv6 && $0.kind == .unicast
        }
    }
}

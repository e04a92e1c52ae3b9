// SPDX-License-Identifier: Apache-2.0

package import JSON

/// What ADD made, in the shape of the newest specification. Addresses are texts: a plugin reads them as it needs them.
package struct CNIResult: Equatable, Sendable {
    package var interfaces: [Interface]
    package var addresses: [Address]
    package var routes: [Route]
    package var dns: DNS

    package init(
        interfaces: [Interface] = [], addresses: [Address] = [], routes: [Route] = [], dns: DNS = DNS()
    ) {
        self.interfaces = interfaces
        self.addresses = addresses
        self.routes = routes
        self.dns = dns
    }

    package struct Interface: Equatable, Sendable {
        package var name: String
        package var macAddress: String?
        /// In bytes.
        package var mtu: Int?
        /// The path of the namespace that it is in; nil on the host.
        package var sandbox: String?
        /// What a later version of the specification or another plugin says of it.
        package var others: [String: JSONNode] = [:]

        package init(name: String, macAddress: String? = nil, mtu: Int? = nil, sandbox: String? = nil) {
            self.name = name
            self.macAddress = macAddress
            self.mtu = mtu
            self.sandbox = sandbox
        }
    }

    package struct Address: Equatable, Sendable {
        /// With the prefix length, as 10.0.0.4/24.
        package var address: String
        package var gateway: String?
        /// The index of its interface.
        package var interface: Int?

        package init(_ address: String, gateway: String? = nil, interface: Int? = nil) {
            self.address = address
            self.gateway = gateway
            self.interface = interface
        }

        package var isIPv6: Bool { address.contains(":") }
    }

    package struct Route: Equatable, Sendable {
        package var destination: String
        package var gateway: String?
        /// `mtu`, `advmss`, `priority`, `table`, `scope`, where another plugin said them.
        package var others: [String: JSONNode] = [:]

        package init(_ destination: String, gateway: String? = nil) {
            self.destination = destination
            self.gateway = gateway
        }

        package var isIPv6: Bool { destination.utf8.contains(UInt8(ascii: ":")) }

        /// 254 is the main table's number.
        var isInMainTable: Bool { others["table"].map { $0 == 0 || $0 == 254 } ?? true }
    }

    package struct DNS: Equatable, Sendable {
        package var nameservers: [String]
        package var domain: String?
        package var search: [String]
        package var options: [String]

        package init(
            nameservers: [String] = [], domain: String? = nil, search: [String] = [], options: [String] = []
        ) {
            self.nameservers = nameservers
            self.domain = domain
            self.search = search
            self.options = options
        }

        package var isEmpty: Bool { self == DNS() }
    }

    /// This after what earlier plugins of the chain made.
    package func following(_ previous: CNIResult?) -> CNIResult {
        guard let previous else { return self }
        var result = previous
        result.interfaces += interfaces
        result.addresses += addresses.map { address in
            var address = address
            address.interface = address.interface.map { $0 + previous.interfaces.count }
            return address
        }
        result.routes += routes
        if !dns.isEmpty { result.dns = dns }
        return result
    }
}

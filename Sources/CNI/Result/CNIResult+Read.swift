// SPDX-License-Identifier: Apache-2.0

package import JSON

extension CNIResult {
    /// Reads a result that is written in the words of a version: a `prevResult`, or what a delegated plugin answered.
    ///
    /// - Parameters:
    ///   - version: that of the configuration, where the document itself says none.
    ///   - source: where it stood, for errors.
    /// - Throws: code 6 for one that has another shape.
    package init(_ document: JSONNode, version: CNIVersion, in source: String) throws(CNIError) {
        self.init()
        func key(_ name: String) -> ConfigurationKey { document.key(name, in: source) }
        let version = document["cniVersion"]?.string.flatMap { CNIVersion($0) } ?? version
        do throws(CNIError) {
            guard document.members != nil else {
                throw CNIError(.decoding, "a result is \(document.kindName)", details: "it has to be an object")
            }
            if version < .withInterfaces {
                try read(oneAddress: key("ip4"))
                try read(oneAddress: key("ip6"))
            } else {
                for key in try key("interfaces").array() ?? [] { interfaces.append(try Interface(key)) }
                for key in try key("ips").array() ?? [] { addresses.append(try Address(key, in: interfaces)) }
                for key in try key("routes").array() ?? [] { routes.append(try Route(key)) }
            }
            dns = try DNS(key("dns"))
        } catch {
            throw CNIError(.decoding, "cannot read a result, which is \(source)", details: error.description)
        }
    }

    private mutating func read(oneAddress key: ConfigurationKey) throws(CNIError) {
        guard try key.object() != nil else { return }
        addresses.append(
            Address(try key.key("ip").requiredString(), gateway: try key.key("gateway").string()))
        for route in try key.key("routes").array() ?? [] { routes.append(try Route(route)) }
    }
}

extension CNIResult.Interface {
    fileprivate init(_ key: ConfigurationKey) throws(CNIError) {
        self.init(
            name: try key.key("name").requiredString(), macAddress: try key.key("mac").string(),
            mtu: try key.key("mtu").integer(), sandbox: try key.key("sandbox").string())
        others = key.others(than: ["name", "mac", "mtu", "sandbox"])
    }
}

extension CNIResult.Address {
    fileprivate init(_ key: ConfigurationKey, in interfaces: [CNIResult.Interface]) throws(CNIError) {
        self.init(
            try key.key("address").requiredString(), gateway: try key.key("gateway").string(),
            interface: try key.key("interface").integer())
        if let interface, !interfaces.indices.contains(interface) {
            throw key.key("interface").refusal("there are \(interfaces.count) interfaces")
        }
    }
}

extension CNIResult.Route {
    fileprivate init(_ key: ConfigurationKey) throws(CNIError) {
        self.init(try key.key("dst").requiredString(), gateway: try key.key("gw").string())
        others = key.others(than: ["dst", "gw"])
    }
}

extension CNIResult.DNS {
    /// The `dns` of a result or of a configuration.
    package init(_ key: ConfigurationKey) throws(CNIError) {
        _ = try key.object()
        self.init(
            nameservers: try key.key("nameservers").strings() ?? [], domain: try key.key("domain").string(),
            search: try key.key("search").strings() ?? [], options: try key.key("options").strings() ?? [])
    }
}

extension ConfigurationKey {
    fileprivate func others(than known: Set<String>) -> [String: JSONNode] {
        var others: [String: JSONNode] = [:]
        for member in node?.members ?? [] where !known.contains(member.key) { others[member.key] = member.value }
        return others
    }
}

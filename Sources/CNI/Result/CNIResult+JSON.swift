// SPDX-License-Identifier: Apache-2.0

package import JSON

extension CNIResult {
    /// The result in the words of a version of the specification. What that version has no word for is left out; of
    /// several addresses of a family versions before 0.3.0 have the first.
    package func document(_ version: CNIVersion) -> JSONNode {
        var members = [JSONMember("cniVersion", .string(version.description))]
        if version < .withInterfaces {
            members += oneAddressMembers()
        } else {
            if !interfaces.isEmpty {
                members.append(JSONMember("interfaces", .array(interfaces.map { $0.document(version) })))
            }
            if !addresses.isEmpty {
                members.append(JSONMember("ips", .array(addresses.map { $0.document(version) })))
            }
            // What is in another table than the main one must not be taken for what is in that.
            let routes = version >= .withGarbageCollection ? routes : routes.filter(\.isInMainTable)
            if !routes.isEmpty {
                members.append(JSONMember("routes", .array(routes.map { $0.document(version) })))
            }
        }
        members.append(JSONMember("dns", dns.document))
        return .object(members)
    }

    /// `ip4` and `ip6`.
    private func oneAddressMembers() -> [JSONMember] {
        [("ip4", false), ("ip6", true)].compactMap { name, isIPv6 in
            guard let address = addresses.first(where: { $0.isIPv6 == isIPv6 }) else { return nil }
            var members = [JSONMember("ip", .string(address.address))]
            if let gateway = address.gateway { members.append(JSONMember("gateway", .string(gateway))) }
            let routes = routes.filter { $0.isIPv6 == isIPv6 && $0.isInMainTable }
            if !routes.isEmpty {
                members.append(JSONMember("routes", .array(routes.map { $0.document(.oldest) })))
            }
            return JSONMember(name, .object(members))
        }
    }
}

extension CNIResult.Interface {
    fileprivate func document(_ version: CNIVersion) -> JSONNode {
        var members = [JSONMember("name", .string(name))]
        if let macAddress { members.append(JSONMember("mac", .string(macAddress))) }
        if version >= .withGarbageCollection, let mtu { members.append(JSONMember("mtu", .number(mtu))) }
        if let sandbox { members.append(JSONMember("sandbox", .string(sandbox))) }
        if version >= .withGarbageCollection { members += others.members }
        return .object(members)
    }
}

extension CNIResult.Address {
    fileprivate func document(_ version: CNIVersion) -> JSONNode {
        var members: [JSONMember] = []
        if version < .withoutAddressVersion { members.append(JSONMember("version", isIPv6 ? "6" : "4")) }
        if let interface { members.append(JSONMember("interface", .number(interface))) }
        members.append(JSONMember("address", .string(address)))
        if let gateway { members.append(JSONMember("gateway", .string(gateway))) }
        return .object(members)
    }
}

extension CNIResult.Route {
    fileprivate func document(_ version: CNIVersion) -> JSONNode {
        var members = [JSONMember("dst", .string(destination))]
        if let gateway { members.append(JSONMember("gw", .string(gateway))) }
        if version >= .withGarbageCollection { members += others.members }
        return .object(members)
    }
}

extension CNIResult.DNS {
    package var document: JSONNode {
        var members: [JSONMember] = []
        func list(_ name: String, _ texts: [String]) {
            if !texts.isEmpty { members.append(JSONMember(name, .array(texts.map { .string($0) }))) }
        }
        list("nameservers", nameservers)
        if let domain { members.append(JSONMember("domain", .string(domain))) }
        list("search", search)
        list("options", options)
        return .object(members)
    }
}

extension [String: JSONNode] {
    fileprivate var members: [JSONMember] { sorted { $0.key < $1.key }.map { JSONMember($0.key, $0.value) } }
}

// SPDX-License-Identifier: Apache-2.0

import CNI
import JSON

/// What is wanted for one sandbox: the network's configuration, overridden by the pod's annotations, those by the
/// runtime's capabilities, and those by `CNI_ARGS`, which somebody wrote for this sandbox alone.
///
/// Only shapes are checked here. Whether there is such a subnet is the daemon's to say.
struct SandboxOptions {
    private(set) var waitTimeoutMs: Int?
    private var subnet: String?
    private var securityGroups: [String]?
    private var interfaceType: String?
    private var parentInterface: String?
    private var vlan: JSONNode?
    private var macAddress: String?
    private var addresses: [String]?
    private var assignPublicIP: String?
    private var mtu: Int?
    private var ipv6: Bool?
    private var dns: JSONNode?
    private var podNamespace: String?
    private var podName: String?

    init(_ request: CNIRequest) throws(CNIError) {
        try Self.refuseUnknownKeys(of: request.configuration.document)
        try readConfiguration(request.configuration.document)
        try readAnnotations(request.configuration)
        try readCapabilities(request.configuration)
        try readArguments(request.arguments)
    }

    /// The members of AddSandboxNetworkInterface; DescribeSandboxNetwork has the same, and passes over what it needs not.
    func addition(to attachment: [JSONMember]) -> JSONNode {
        var members = attachment
        members.append("subnet", subnet.map { .string($0) })
        members.append("interfaceType", interfaceType.map { .string($0) })
        members.append("parentInterface", parentInterface.map { .string($0) })
        members.append("securityGroups", securityGroups.map { .array($0.map { .string($0) }) })
        members.append("interfaceVlanProperties", vlan)
        members.append("macAddress", macAddress.map { .string($0) })
        members.append("ipAddresses", addresses.map { .array($0.map { .string($0) }) })
        members.append("assignPublicIp", assignPublicIP.map { .string($0) })
        members.append("mtu", mtu.map { .number($0) })
        members.append("ipv6", ipv6.map { JSONNode(.boolean($0)) })
        members.append("dns", dns)
        members.append("waitTimeoutMs", waitTimeoutMs.map { .number($0) })
        members.append("podNamespace", podNamespace.map { .string($0) })
        members.append("podName", podName.map { .string($0) })
        return .object(members)
    }

}

// MARK: - Where they come from

extension SandboxOptions {
    /// The plugin's own keys, and those that the specification, libcni and runtimes put into any configuration.
    private static let keys: Set<String> = [
        "subnet", "securityGroups", "interfaceType", "parentInterface", "interfaceVlanProperties", "mac",
        "assignPublicIp", "mtu", "ipv6", "dns", "waitTimeoutMs", "socket",
        "cniVersion", "cniVersions", "name", "type", "capabilities", "runtimeConfig", "prevResult", "args", "ipam",
        "disableCheck", "disableGC", "loadOnlyInlinedPlugins",
    ]

    /// A misspelt `securityGroups` must not open a container to everybody.
    private static func refuseUnknownKeys(of document: JSONNode) throws(CNIError) {
        var seen: Set<String> = []
        for member in document.members ?? [] where !member.key.contains("/") {
            guard keys.contains(member.key) else { throw unsupported(member, "key", in: "network config") }
            guard seen.insert(member.key).inserted else {
                throw CNIError(
                    .invalidConfiguration, "key \"\(member.key)\" stands twice in network config",
                    details: "leave one of them out")
            }
        }
        if let ipam = document["ipam"], ipam.members?.isEmpty == false {
            throw CNIError(
                .unsupportedField, "unsupported key \"ipam\" in network config",
                details: "its value is \(EscapedText.quoted(ipam.compactText.utf8)); addresses are the subnet's")
        }
    }

    private static func unsupported(_ member: JSONMember, _ kind: String, in place: String) -> CNIError {
        CNIError(
            .unsupportedField, "unsupported \(kind) \(EscapedText.quoted(member.key.utf8)) in \(place)",
            details: "its value is \(EscapedText.quoted(member.value.compactText.utf8))")
    }

    private mutating func readConfiguration(_ document: JSONNode) throws(CNIError) {
        subnet = try document.key("subnet").string()
        securityGroups = try document.key("securityGroups").strings()
        interfaceType = try document.key("interfaceType").string()
        parentInterface = try document.key("parentInterface").string()
        vlan = try Self.vlan(document.key("interfaceVlanProperties"))
        macAddress = try document.key("mac").string()
        assignPublicIP = try Self.publicIP(document.key("assignPublicIp"))
        mtu = try document.key("mtu").integer()
        ipv6 = try document.key("ipv6").boolean()
        waitTimeoutMs = try document.key("waitTimeoutMs").integer()
        if let wait = waitTimeoutMs, !(1...3_600_000).contains(wait) {
            throw document.key("waitTimeoutMs").refusal("it is 1 to 3600000 milliseconds")
        }
        if let key = try document.key("dns").object() { dns = try Self.dns(key) }
        // The convention for arguments that are meant for all plugins of a chain.
        let arguments = try document.key("args").object()?.key("cni").object()
        if let ips = try arguments?.key("ips").strings() { addresses = ips }
        if let mac = try arguments?.key("mac").string() { macAddress = mac }
    }

    private static func dns(_ key: ConfigurationKey) throws(CNIError) -> JSONNode {
        let known = ["nameservers", "domain", "search", "options"]
        for member in key.node?.members ?? [] where !known.contains(member.key) {
            throw unsupported(member, "key", in: "dns in network config")
        }
        return try CNIResult.DNS(key).document
    }

    /// A VLAN's number may be written as one.
    private static func vlan(_ key: ConfigurationKey) throws(CNIError) -> JSONNode? {
        guard let properties = try key.object() else { return nil }
        var members: [JSONMember] = []
        var number = properties.key("vlanId")
        if let integer = number.node?.integer { number.node = .string(String(integer)) }
        for key in [number, properties.key("trunkInterfaceMacAddress")] {
            if let text = try key.string(), let name = key.path.split(separator: ".").last {
                members.append(JSONMember(String(name), .string(text)))
            }
        }
        return .object(members)
    }

    /// A boolean, as CNI has them, or ECS's words for it.
    private static func publicIP(_ key: ConfigurationKey) throws(CNIError) -> String? {
        if let text = key.node?.string { return text }
        return try key.boolean().map { $0 ? "ENABLED" : "DISABLED" }
    }

    /// What a pod says of itself, where the configuration declares that it may.
    private mutating func readAnnotations(_ configuration: NetworkConfiguration) throws(CNIError) {
        guard
            let annotations = try configuration.runtimeConfig("io.kubernetes.cri.pod-annotations")?.stringValues()
        else { return }
        for (key, value) in annotations where key.hasPrefix("tasknet/") {
            switch key {
            case "tasknet/subnet": subnet = value
            case "tasknet/security-groups": securityGroups = Self.list(value)
            default: throw Self.unsupported(JSONMember(key, .string(value)), "annotation", in: "the pod")
            }
        }
    }

    private mutating func readCapabilities(_ configuration: NetworkConfiguration) throws(CNIError) {
        if let ips = try configuration.runtimeConfig("ips")?.strings(), !ips.isEmpty { addresses = ips }
        if let mac = try configuration.runtimeConfig("mac")?.string(), !mac.isEmpty { macAddress = mac }
        guard let key = try configuration.runtimeConfig("dns"), try key.object() != nil else { return }
        // containerd writes the names of Go's struct where the conventions have them in small letters.
        func list(_ name: String, _ goName: String) throws(CNIError) -> [String] {
            if let texts = try key.key(name).strings() { return texts }
            return try key.key(goName).strings() ?? []
        }
        let given = CNIResult.DNS(
            nameservers: try list("servers", "Servers"), search: try list("searches", "Searches"),
            options: try list("options", "Options"))
        if !given.isEmpty { dns = given.document }
    }

    private static let arguments: Set<String> = [
        "IP", "MAC", "subnet", "securityGroups", "K8S_POD_NAMESPACE", "K8S_POD_NAME", "K8S_POD_INFRA_CONTAINER_ID",
        "K8S_POD_UID",
    ]

    private mutating func readArguments(_ arguments: CNIArguments) throws(CNIError) {
        try arguments.require(Self.arguments)
        func value(_ key: String) -> String? { arguments[key].flatMap { $0.isEmpty ? nil : $0 } }
        if let address = value("IP") { addresses = Self.list(address) }
        if let mac = value("MAC") { macAddress = mac }
        if let subnet = value("subnet") { self.subnet = subnet }
        if let groups = value("securityGroups") { securityGroups = Self.list(groups) }
        podNamespace = value("K8S_POD_NAMESPACE")
        podName = value("K8S_POD_NAME")
    }

    private static func list(_ text: String) -> [String] {
        text.split(separator: ",").map { part in
            String(part.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
        }
    }
}

extension [JSONMember] {
    fileprivate mutating func append(_ key: String, _ value: JSONNode?) {
        if let value { append(JSONMember(key, value)) }
    }
}

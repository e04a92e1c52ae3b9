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

    /// The members of AddSandboxNetworkInterface.
    func addition(to attachment: [JSONMember]) -> JSONNode {
        var members = attachment + common
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

    /// The members of DescribeSandboxNetwork.
    func question(about request: CNIRequest) -> JSONNode {
        .object([JSONMember("network", .string(request.configuration.name))] + common)
    }

    private var common: [JSONMember] {
        var members: [JSONMember] = []
        members.append("subnet", subnet.map { .string($0) })
        members.append("interfaceType", interfaceType.map { .string($0) })
        members.append("parentInterface", parentInterface.map { .string($0) })
        return members
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
        for member in document.members ?? [] where !keys.contains(member.key) && !member.key.contains("/") {
            throw CNIError(
                .unsupportedField, "unsupported key \(EscapedText.quoted(member.key.utf8)) in network config",
                details: "its value is \(EscapedText.quoted(member.value.compactText.utf8))")
        }
        if let ipam = document["ipam"], ipam.members?.isEmpty == false {
            throw CNIError(
                .unsupportedField, "unsupported key \"ipam\" in network config",
                details: "its value is \(EscapedText.quoted(ipam.compactText.utf8)); addresses are the subnet's")
        }
    }

    private mutating func readConfiguration(_ document: JSONNode) throws(CNIError) {
        subnet = try document.key("subnet").string()
        securityGroups = try document.key("securityGroups").strings()
        interfaceType = try document.key("interfaceType").string()
        parentInterface = try document.key("parentInterface").string()
        vlan = try document.key("interfaceVlanProperties").object()?.node
        macAddress = try document.key("mac").string()
        assignPublicIP = try Self.publicIP(document.key("assignPublicIp"))
        mtu = try document.key("mtu").integer()
        ipv6 = try document.key("ipv6").boolean()
        waitTimeoutMs = try document.key("waitTimeoutMs").integer()
        if try document.key("dns").object() != nil { dns = try CNIResult.DNS(document.key("dns")).document }
        // The convention for arguments that are meant for all plugins of a chain.
        let arguments = try document.key("args").object()?.key("cni").object()
        if let ips = try arguments?.key("ips").strings() { addresses = ips }
        if let mac = try arguments?.key("mac").string() { macAddress = mac }
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
        if let subnet = annotations["tasknet/subnet"] { self.subnet = subnet }
        if let groups = annotations["tasknet/security-groups"] { securityGroups = Self.list(groups) }
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

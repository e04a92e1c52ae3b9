// SPDX-License-Identifier: Apache-2.0
import Linux
import SystemPackage
import TestSupport
import Testing

/// A host on which the built program is run by a plugin's name, as a runtime does. What is asserted on is read by ip(8).
final class AttachmentHost: Sendable {
    static let mac = "02:11:22:33:44:55"
    let test: TestHost
    private let runtime: PluginRuntime

    private init(_ test: TestHost) throws {
        self.test = test
        runtime = try PluginRuntime(test, plugins: ["ecs-eni", "vpc-eni", "vpc-branch-eni"])
    }

    /// Runs a test on a host with a namespace for a container.
    static func with(_ body: (AttachmentHost) throws -> Void) throws {
        try TestHost.with { test in
            _ = try test.makeNamespace("task")
            try body(try AttachmentHost(test))
        }
    }

    /// - Parameter namespace: the path; nil for that of "task".
    @discardableResult
    func call(
        _ plugin: String, _ command: String, _ configuration: String, namespace: String? = nil,
        interface: String = "eth0", container: String = "c1", environment: [String: String] = [:]
    ) throws -> PluginRuntime.Answer {
        var call = PluginRuntime.Call(
            plugin, command, containerID: container,
            networkNamespace: namespace ?? test.namespacePath("task").string, interfaceName: interface,
            configuration: configuration)
        call.environment = ["ECS_CNI_LOG_FILE": logFile, "VPC_CNI_LOG_FILE": logFile].merging(environment) { $1 }
        return try runtime.run(call)
    }

    /// What it prints when it is called by hand.
    func option(_ options: String, of plugin: String) throws -> JSON {
        let words = options.split(separator: " ").map(String.init)
        return try JSON(parsing: run([runtime.directory.appending(plugin).string] + words).output)
    }

    var logFile: String { test.directory.appending("plugin.log").string }
    var log: String { (try? TextFile.read(FilePath(logFile))) ?? "" }
}

extension AttachmentHost {
    /// A NIC of the host's, which is a veth's end here; what it is plugged into is `wire0`.
    func makeNIC(_ name: String = "nic0", mac: String = AttachmentHost.mac, wire: String = "wire0") throws {
        try ip("link add \(name) mtu 1452 address \(mac) type veth peer name \(wire) mtu 1452")
        try ip("link set \(wire) up")
        try ip("link set \(name) up alias spare")
        try ip("addr add 192.0.2.9/24 dev \(name)")
        try ip("addr add 2001:db8:9::9/64 dev \(name) nodad")
    }

    /// `ip ...` on the host, or in a namespace of a name.
    @discardableResult
    func ip(_ words: String, in name: String? = nil) throws -> ProgramOutput {
        try TestSupport.run(["ip"] + words.split(separator: " ").map(String.init), in: try namespace(name))
    }

    func show(_ words: String, in name: String? = nil) throws -> JSON {
        try runJSON(["ip", "-j", "-d"] + words.split(separator: " ").map(String.init), in: try namespace(name))
    }

    private func namespace(_ name: String?) throws -> NetworkNamespace {
        guard let name else { return test.namespace }
        return try NetworkNamespace(path: test.namespacePath(name))
    }

    func links(in name: String? = nil) throws -> [String] {
        try show("link", in: name).elements.compactMap { $0["ifname"].text }.filter { $0 != "lo" }.sorted()
    }

    /// All that a host has of a NIC: what must be the same after a failure.
    func state(of name: String = "nic0") throws -> [String] {
        let link = try show("addr show \(name)")[0]
        let addresses = link["addr_info"].elements.filter { $0["scope"].text == "global" }
        return [
            "\(link["ifindex"].integer ?? 0)", link["address"].text ?? "", "\(link["mtu"].integer ?? 0)",
            link["flags"].texts.contains("UP") ? "up" : "down", link["ifalias"].text ?? "",
        ] + addresses.compactMap { $0["local"].text }
    }

    /// Nothing is in the container's namespace but what was there before anything was done.
    func taskIsEmpty() throws -> Bool {
        try links(in: "task").isEmpty && show("route show table all", in: "task").elements.isEmpty
            && show("-6 route show table all", in: "task").elements.isEmpty
    }

    func defaultGateway(_ family: String = "-4", in name: String = "task") throws -> String? {
        try show("\(family) route show default", in: name)[0]["gateway"].text
    }
}

// SPDX-License-Identifier: Apache-2.0
import Foundation
import Linux
import SystemPackage
import TestSupport
import Testing

@testable import AWSPlugins

/// A host on which ecs-bridge is called, and a container's namespace called `task`. What is asserted on is read by ip(8).
struct BridgeHost {
    let ipam: IPAMHost
    let task: NetworkNamespace

    static let four = #""ipv4-subnet":"169.254.172.0/22","ipv4-routes":[{"dst":"169.254.170.2/32"}]"#
    static let six = #""ipv6-subnet":"2001:db8::/64","ipv6-routes":[{"dst":"::/0"}]"#
    static let agent = #"{"type":"ecs-ipam","id":"0a:1b:2c:3d:4e:5f",\#(four)}"#

    static func with(_ body: (BridgeHost) throws -> Void) throws {
        try IPAMHost.with { ipam in
            try body(BridgeHost(ipam: ipam, task: try ipam.test.makeNamespace("task")))
        }
    }

    var host: NetworkNamespace { ipam.test.namespace }
    var directory: FilePath { ipam.test.directory }

    func path(_ name: String = "task") -> String { ipam.test.namespacePath(name).string }

    /// One call of ecs-bridge.
    ///
    /// - Parameters:
    ///   - ipam: the object `ipam`; nil for none.
    ///   - more: members of the configuration, each with a comma before it.
    func call(
        _ command: String, ipam: String? = agent, version: String = "1.0.0", namespace: String? = nil,
        container: String = "c1", interface: String = "ecs-eth0", bridge: String = "ecs-bridge", more: String = "",
        environment: [String: String] = [:]
    ) throws -> PluginRuntime.Answer {
        let section = ipam.map { #","ipam":\#($0)"# } ?? ""
        var call = PluginRuntime.Call(
            "ecs-bridge", command, containerID: container, networkNamespace: namespace ?? path(),
            interfaceName: interface,
            configuration: #"""
                {"cniVersion":"\#(version)","name":"net","type":"ecs-bridge","bridge":"\#(bridge)"\#(more)\#(section)}
                """#)
        call.environment = self.ipam.environment.merging(environment) { $1 }
        return try self.ipam.runtime.run(call)
    }

    @discardableResult
    func add(_ ipam: String = agent, version: String = "1.0.0", container: String = "c1") throws -> JSON {
        let answer = try call("ADD", ipam: ipam, version: version, container: container)
        try #require(answer.succeeded, "\(answer)")
        return answer.document
    }

    func ip(_ arguments: String, in namespace: NetworkNamespace? = nil) throws -> JSON {
        try runJSON(["ip", "-d", "-j"] + arguments.split(separator: " ").map(String.init), in: namespace ?? host)
    }

    func run(_ command: String, in namespace: NetworkNamespace? = nil) throws {
        try TestSupport.run(command.split(separator: " ").map(String.init), in: namespace ?? host)
    }

    /// The names of the host's links.
    func links(_ namespace: NetworkNamespace? = nil) throws -> [String] {
        try ip("link", in: namespace).elements.compactMap { $0["ifname"].text }
    }

    /// Addresses that are given out; none where there is no database.
    func leases() throws -> [String] {
        FileManager.default.fileExists(atPath: ipam.database) ? try ipam.leases() : []
    }

    /// Nothing is there that an ADD had made.
    func expectNothingLeft(_ bridge: [String] = [], location: SourceLocation = #_sourceLocation) throws {
        #expect(try links() == ["lo"] + bridge, sourceLocation: location)
        #expect(try links(task) == ["lo"], sourceLocation: location)
        #expect(try leases() == [], sourceLocation: location)
    }

    /// An IPAM plugin of another kind: a script.
    func script(_ name: String, _ lines: String) throws {
        let path = ipam.runtime.directory.appending(name).string
        try Data("#!/bin/sh\n\(lines)\n".utf8).write(to: URL(filePath: path))
        try TestSupport.run(["chmod", "755", path])
    }
}

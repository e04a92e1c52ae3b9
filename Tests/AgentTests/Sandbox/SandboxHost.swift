// SPDX-License-Identifier: Apache-2.0
import Addressing
import ECSAPI
import Foundation
import GRDB
import Linux
import SystemPackage
import TestSupport
import Testing
import VPC

@testable import Agent

/// A host with sandboxes that somebody else made, and a daemon that is asked as the CNI plugin asks it.
struct SandboxHost {
    let base: NetworkHost
    static let subnetIPv6 = "2001:db8:64:1::/64"

    /// - Parameter families: of the one subnet, 10.64.1.0/24 and 2001:db8:64:1::/64.
    static func with<Result>(
        _ families: [IPFamily] = [.v4], _ configure: (inout AgentConfiguration) throws -> Void = { _ in },
        _ body: (SandboxHost) async throws -> Result
    ) async throws -> Result {
        try await NetworkHost.with { configuration in
            configuration.subnets = [try subnet(families)]
            try configure(&configuration)
        } _: { base in
            try await body(SandboxHost(base: base))
        }
    }

    static func subnet(
        _ families: [IPFamily] = [.v4], id: String = NetworkHost.subnetID, number: Int = 1
    ) throws -> Subnet {
        Subnet(
            id: id, name: id,
            ipv4CIDRBlock: families.contains(.v4) ? try IPv4CIDRBlock(parsing: "10.64.\(number).0/24") : nil,
            ipv6CIDRBlock: families.contains(.v6) ? try IPv6CIDRBlock(parsing: "2001:db8:64:\(number)::/64") : nil)
    }

    /// A daemon that has just been started: nothing of the one before but the store and the kernel.
    func startDaemon() async throws -> SandboxDaemon {
        let network = try await base.startService()
        let sandboxes = SandboxNetworkService(base.context, network: network)
        try await sandboxes.prepare()
        return SandboxDaemon(base.context, network, sandboxes)
    }

    /// The path of a namespace that a runtime has made.
    func makeSandbox(_ name: String = "box") throws -> String {
        _ = try base.host.makeNamespace(name)
        return path(name)
    }

    func removeSandbox(_ name: String = "box") throws { try NetworkNamespace.remove(at: base.host.namespacePath(name)) }

    func path(_ name: String = "box") -> String { base.host.namespacePath(name).string }

    func namespace(_ name: String = "box") throws -> NetworkNamespace {
        try NetworkNamespace(path: base.host.namespacePath(name))
    }

    func ip(_ arguments: String..., in sandbox: String? = nil) throws -> JSON {
        try runJSON(["ip", "-j", "-d"] + arguments, in: try sandbox.map(namespace) ?? base.host.namespace)
    }

    func run(_ command: String, in sandbox: String? = nil) throws {
        try TestSupport.run(
            command.split(separator: " ").map(String.init), in: try sandbox.map(namespace) ?? base.host.namespace)
    }

    func reaches(_ address: String, from sandbox: String? = nil, source: String? = nil) throws -> Bool {
        let command = ["ping", "-n", "-c", "1", "-W", "2"] + (source.map { ["-I", $0] } ?? [])
        return try attempt(command + [address], in: try sandbox.map(namespace) ?? base.host.namespace).succeeded
    }

    /// All that one side has, by ip(8). Without what the kernel does about IPv6 and carriers in its own time.
    func state(in sandbox: String? = nil) throws -> [String] {
        let namespace = try sandbox.map(namespace) ?? base.host.namespace
        let passing = /NO-CARRIER,|,?(LOWER_UP|M-DOWN)|state [A-Z]+|linkdown|tentative/
        var lines: [String] = []
        for arguments in [
            ["-o", "link"], ["-o", "addr"], ["route", "show", "table", "all"], ["-6", "route", "show", "table", "all"],
            ["rule"], ["-6", "rule"], ["neigh"],
        ] {
            let output = try TestSupport.run(["ip"] + arguments, in: namespace).output
            for line in output.split(separator: "\n") where !line.contains("fe80::") && !line.contains("ff00::") {
                lines.append(String(line).replacing(passing, with: ""))
            }
        }
        return lines
    }

    /// Records, leases and attachments.
    func recordCount() async throws -> [Int] {
        try await base.store.read { store in
            try ["network_interfaces", "address_leases", "sandbox_attachments"].map { table in
                try #require(try Int.fetchOne(store.database, sql: "SELECT count(*) FROM \(table)"))
            }
        }
    }

    /// The directory of deletions that nobody answered, made as the plugin makes it.
    func leaveDeletion(_ name: String, _ text: String) throws {
        let directory = base.context.sandboxDeletionDirectory
        try Directory.make(directory, mode: 0o700)
        try Data(text.utf8).write(to: URL(filePath: directory.appending(name).string))
    }

    func deletions() throws -> [String] {
        try DirectoryNames.read(base.context.sandboxDeletionDirectory.string).sorted()
    }

    func configure(_ change: (inout AgentConfiguration) throws -> Void) throws {
        var configuration = base.context.configuration.value
        try change(&configuration)
        base.context.configuration.replace(configuration)
    }
}

/// The daemon, by its API.
struct SandboxDaemon: Sendable {
    typealias Add = TaskNetworkAPI.AddSandboxNetworkInterface

    let network: TaskNetworkService
    let sandboxes: SandboxNetworkService
    private let dispatcher: APIDispatcher

    init(_ context: AgentContext, _ network: TaskNetworkService, _ sandboxes: SandboxNetworkService) {
        self.network = network
        self.sandboxes = sandboxes
        var dispatcher = APIDispatcher(logger: context.logger)
        SandboxOperations(context: context, sandboxes: sandboxes).register(in: &dispatcher)
        NetworkInterfaceOperations(context: context, network: network).register(in: &dispatcher)
        self.dispatcher = dispatcher
    }

    /// - Throws: `APIError`, as it arrives.
    func call<Operation: APIOperation>(
        _ operation: Operation.Type, _ input: Operation.Input
    ) async throws -> Operation.Output {
        let body = [UInt8](try JSONEncoder().encode(input))
        let response = await dispatcher.answer(APIRequest(target: Operation.target, body: body, peer: TestAPI.peer))
        guard response.status == 200 else {
            throw try JSONDecoder().decode(APIError.self, from: Data(response.body))
        }
        return try JSONDecoder().decode(Operation.Output.self, from: Data(response.body))
    }

    @discardableResult
    func add(
        _ container: String = "box", to path: String, as name: String = "eth0", network: String = "net",
        _ change: (inout Add.Input) -> Void = { _ in }
    ) async throws -> Add.Output {
        var input = Add.Input(network: network, containerId: container, interfaceName: name, networkNamespace: path)
        change(&input)
        return try await call(Add.self, input)
    }

    /// What an addition is refused with.
    func refusal(
        _ container: String = "box", to path: String, as name: String = "eth0", network: String = "net",
        _ change: (inout Add.Input) -> Void = { _ in }
    ) async throws -> String {
        do {
            _ = try await add(container, to: path, as: name, network: network, change)
            Issue.record("it was added")
            return ""
        } catch let error as APIError {
            return error.description
        }
    }

    func delete(_ container: String = "box", as name: String = "eth0", network: String = "net") async throws {
        _ = try await call(
            TaskNetworkAPI.DeleteSandboxNetworkInterface.self,
            .init(network: network, containerId: container, interfaceName: name))
    }

    func check(
        _ container: String = "box", as name: String = "eth0", network: String = "net", at path: String? = nil
    ) async throws -> [String] {
        try await call(
            TaskNetworkAPI.CheckSandboxNetworkInterface.self,
            .init(network: network, containerId: container, interfaceName: name, networkNamespace: path)
        ).differences
    }

    func collect(network: String = "net", except valid: [String]) async throws -> [String] {
        let valid = valid.map { SandboxAttachment(containerId: $0, interfaceName: "eth0") }
        return try await call(
            TaskNetworkAPI.CollectSandboxNetworkInterfaces.self, .init(network: network, validAttachments: valid)
        ).deleted.map(\.containerId)
    }

    func status(
        _ change: (inout TaskNetworkAPI.DescribeSandboxNetwork.Input) -> Void = { _ in }
    ) async throws -> TaskNetworkAPI.DescribeSandboxNetwork.Output {
        var input = TaskNetworkAPI.DescribeSandboxNetwork.Input(network: "net")
        change(&input)
        return try await call(TaskNetworkAPI.DescribeSandboxNetwork.self, input)
    }

    func list() async throws -> [NetworkInterfaceDescription] {
        try await call(TaskNetworkAPI.ListNetworkInterfaces.self, .init()).networkInterfaces ?? []
    }
}

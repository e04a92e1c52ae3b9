// SPDX-License-Identifier: Apache-2.0
import Addressing
import ECSAPI
import Foundation
import Linux
import TaskNetworking
import TestSupport
import Testing
import VPC

@testable import Agent

/// A host with sandboxes in security groups, and a daemon that is asked why one reaches the other.
struct PathHost {
    typealias Output = TaskNetworkAPI.AnalyzeNetworkPath.Output

    let host: SandboxHost
    let daemon: SandboxDaemon
    private let dispatcher: APIDispatcher

    static let vpcID = AgentConfiguration().vpc.id
    static let defaultGroup = SecurityGroup.default(vpcID: vpcID)
    /// Hears nobody, and may speak to anyone.
    static let closed = group("closed")
    /// Hears what `caller` says to TCP port 5432.
    static let database = group("database") { id in
        [
            SecurityGroupRule(
                groupID: id, direction: .ingress, ipProtocol: .tcp, fromPort: 5432, toPort: 5432,
                peer: .group(caller.id))
        ] + SecurityGroup.defaultEgressRules(groupID: id)
    }
    static let caller = group("caller")
    /// Hears everybody, and may speak to nobody.
    static let silent = group("silent") { id in
        SecurityGroup.defaultEgressRules(groupID: id).map {
            SecurityGroupRule(groupID: id, direction: .ingress, ipProtocol: .all, peer: $0.peer)
        }
    }

    private static func group(
        _ name: String, _ rules: (String) -> [SecurityGroupRule] = SecurityGroup.defaultEgressRules
    ) -> SecurityGroup {
        let id = SecurityGroup.derivedID(name, vpcID: vpcID)
        return SecurityGroup(id: id, name: name, groupDescription: name, vpcID: vpcID, rules: rules(id))
    }

    static func with(
        _ families: [IPFamily] = [.v4], _ configure: (inout AgentConfiguration) throws -> Void = { _ in },
        _ body: (PathHost) async throws -> Void
    ) async throws {
        try await SandboxHost.with(families) { configuration in
            configuration.securityGroups += [closed, database, caller, silent]
            try configure(&configuration)
        } _: { host in
            try await body(PathHost(host, try await host.startDaemon()))
        }
    }

    private init(_ host: SandboxHost, _ daemon: SandboxDaemon) {
        self.host = host
        self.daemon = daemon
        var dispatcher = APIDispatcher(logger: host.base.context.logger)
        NetworkPathOperations(
            context: host.base.context, groups: daemon.network.groups, host: host.base.host.namespace
        ).register(in: &dispatcher)
        self.dispatcher = dispatcher
    }

    /// A daemon that begins anew, with another configuration.
    func restarted(_ change: (inout AgentConfiguration) throws -> Void = { _ in }) async throws -> PathHost {
        try host.configure(change)
        return PathHost(host, try await host.startDaemon())
    }

    /// A sandbox of this name, in these groups; without any, in `default`.
    /// - Returns: the name of its link on the host.
    @discardableResult
    func box(_ name: String, in groups: SecurityGroup...) async throws -> String {
        try await daemon.add(name, to: try host.makeSandbox(name)) { input in
            if !groups.isEmpty { input.securityGroups = groups.map(\.name) }
        }
        let interface = try await interface(name)
        return try #require(interface.networkInterface.hostInterfaceName)
    }

    func interface(_ box: String) async throws -> NetworkInterfaceRecord {
        let all = try await host.base.store.read { try $0.liveNetworkInterfaces() }
        return try #require(all.first { $0.sandbox?.key.containerID == box })
    }

    func address(_ box: String, _ family: IPFamily = .v4) async throws -> String {
        let addresses = try await interface(box).networkInterface.addresses
        return try #require(addresses.first { $0.family == family }).description
    }

    func why(
        _ source: String, _ destination: String, port: Int? = nil, _ transport: String? = nil, probe: Bool = false
    ) async throws -> Output {
        let input = TaskNetworkAPI.AnalyzeNetworkPath.Input(
            source: source, destination: destination, destinationPort: port, protocol: transport,
            probe: probe ? true : nil)
        let response = await dispatcher.answer(
            APIRequest(
                target: TaskNetworkAPI.AnalyzeNetworkPath.target, body: [UInt8](try JSONEncoder().encode(input)),
                peer: TestAPI.peer))
        guard response.status == 200 else {
            throw try JSONDecoder().decode(APIError.self, from: Data(response.body))
        }
        return try JSONDecoder().decode(Output.self, from: Data(response.body))
    }

    /// What an analysis is refused with.
    func refusal(_ source: String, _ destination: String, port: Int? = nil, probe: Bool = false) async throws -> String
    {
        do {
            _ = try await why(source, destination, port: port, probe: probe)
            Issue.record("it was analysed")
            return ""
        } catch let error as APIError {
            return error.description
        }
    }

    /// Runs a program on the host, or in a sandbox.
    func run(_ words: [String], in box: String? = nil) throws {
        try TestSupport.run(words, in: try box.map(host.namespace) ?? host.base.host.namespace)
    }

    /// Another namespace that stands for all that is outside, with 1.1.1.1, and the host's way there.
    func addOutside() throws {
        _ = try host.makeSandbox("outside")
        for command in [
            "link add up0 type veth peer name down0 netns \(host.path("outside"))", "addr add 192.0.2.1/24 dev up0",
            "link set up0 up", "route add default via 192.0.2.2",
        ] { try run(["ip"] + command.split(separator: " ").map(String.init)) }
        for command in [
            "addr add 192.0.2.2/24 dev down0", "link set down0 up", "link set lo up", "addr add 1.1.1.1/32 dev lo",
        ] { try run(["ip"] + command.split(separator: " ").map(String.init), in: "outside") }
        try run(["sysctl", "-qw", "net.ipv4.conf.up0.forwarding=1"])
    }
}

extension TaskNetworkAPI.AnalyzeNetworkPath.Output {
    var codes: [String] { (explanations ?? []).map(\.explanationCode) }
    var mends: [String] { (explanations ?? []).compactMap(\.mend) }
    var driftTexts: [String] { (drift ?? []).map(\.text) }
    var kinds: [NetworkPath.Component.Kind] { (forwardPathComponents ?? []).map(\.component.kind) }

    /// Whether the kernel was asked at each step that is no end outside, and has what it should.
    var isAsItShould: Bool {
        driftTexts.isEmpty && (forwardPathComponents ?? []).allSatisfy { $0.kernel?.agrees != false }
    }
}

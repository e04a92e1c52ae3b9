// SPDX-License-Identifier: Apache-2.0
import Addressing
import Glibc
import Linux
import SystemPackage
import TestSupport
import Testing
import VPC

@testable import TaskNetworking

/// A host with subnets, on which tests attach tasks. What it asserts on is read by ip(8), never by our own code.
final class PathHost: Sendable {
    let test: TestHost
    let network: TaskNetwork
    let facts: HostFacts

    private init(_ test: TestHost) throws {
        self.test = test
        network = try TaskNetwork(host: test.namespace)
        facts = try network.hostFacts()
    }

    static func with(
        subnets: [Subnet] = [Sample.subnet(1, .dual), Sample.subnet(2, .dual)], _ body: (PathHost) throws -> Void
    ) throws {
        try TestHost.with { test in
            let host = try PathHost(test)
            _ = try host.network.apply(HostNetworkPlan(subnets: subnets, host: host.facts))
            try body(host)
        }
    }

    static func with(
        subnets: [Subnet] = [Sample.subnet(1, .dual), Sample.subnet(2, .dual)],
        isolation: isolated (any Actor)? = #isolation, _ body: (PathHost) async throws -> Void
    ) async throws {
        try await TestHost.with { test in
            let host = try PathHost(test)
            _ = try host.network.apply(HostNetworkPlan(subnets: subnets, host: host.facts))
            try await body(host)
        }
    }

    var namespace: NetworkNamespace { test.namespace }

    func path(_ task: String) throws -> AbsolutePath { try AbsolutePath(test.namespacePath(task).string) }

    func namespace(_ task: String) throws -> NetworkNamespace { try NetworkNamespace(path: test.namespacePath(task)) }

    func plan(
        _ task: String, _ interfaces: [InterfaceRequest], _ change: (inout TaskNetworkRequest) throws -> Void = { _ in }
    ) throws -> TaskNetworkPlan {
        var request = TaskNetworkRequest(
            taskID: task, namespacePath: try path(task), hostname: task, interfaces: interfaces)
        try change(&request)
        return try TaskNetworkPlanner.plan(request, on: facts)
    }

    func plan(
        _ task: String, _ eni: NetworkInterface, as kind: AttachmentKind = .veth,
        _ change: (inout TaskNetworkRequest) throws -> Void = { _ in }
    ) throws -> TaskNetworkPlan {
        try plan(task, [InterfaceRequest(networkInterface: eni, attachment: kind)], change)
    }

    /// `ip -j -d ...` in a task's namespace, or on the host.
    func ip(_ arguments: String..., in task: String? = nil) throws -> JSON {
        try runJSON(["ip", "-j", "-d"] + arguments, in: try task.map(namespace) ?? namespace)
    }

    /// ip(8) on the host or in a task, for what it does.
    func run(_ command: String, in task: String? = nil) throws {
        try TestSupport.run(command.split(separator: " ").map(String.init), in: try task.map(namespace) ?? namespace)
    }

    /// Whether one side reaches an address. Waits for one answer only, so that a slow first packet shows.
    func reaches(_ address: String, from task: String? = nil, source: String? = nil) throws -> Bool {
        var command = ["ping", "-n", "-c", "1", "-W", "1"]
        if let source { command += ["-I", source] }
        return try attempt(command + [address], in: try task.map(namespace) ?? namespace).succeeded
    }

    /// Names of the host's links, without lo.
    func hostLinks() throws -> [String] {
        try ip("link").elements.compactMap { $0["ifname"].text }.filter { $0 != "lo" }.sorted()
    }

    /// Everything that a task could have left on the host, but for what the kernel takes away in its own time.
    func state() throws -> [String] {
        var lines: [String] = []
        for arguments in [
            ["route", "show", "table", "all"], ["-6", "route", "show", "table", "all"], ["rule"], ["-6", "rule"],
            ["neigh"], ["addr", "show", "dev", "lo"],
        ] {
            let text = try TestSupport.run(["ip"] + arguments, in: namespace).output
            // IPv6's local routes, and the note that a link is down, come in the kernel's own time.
            lines += text.split(separator: "\n").map { String($0).replacing(" linkdown", with: "") }
                .filter { !$0.contains("dev tn-") && !($0.hasPrefix("local ") && $0.contains("::")) }
        }
        lines += try TestSupport.run(["ls", test.namespacePath("x").removingLastComponent().string]).output
            .split(separator: "\n").map(String.init)
        return lines
    }

    /// What is other than it was: what came with a "+", what went with a "-".
    func changes(since before: [String]) throws -> [String] {
        try state().difference(from: before).map { change in
            switch change {
            case .insert(_, let line, _): "+ \(line)"
            case .remove(_, let line, _): "- \(line)"
            }
        }
    }

    /// Waits until the kernel has taken the host's ends of ended namespaces away.
    func untilHostLinks(are names: [String]) throws {
        // It has one worker for the namespaces of all tests, and asking without a pause would keep it from its work.
        let end = ContinuousClock.now.advanced(by: .seconds(120))
        while try hostLinks() != names, ContinuousClock.now < end { usleep(20_000) }
        #expect(try hostLinks() == names)
    }
}

extension NetworkInterface {
    /// The host's end of this ENI's veth pair.
    var hostLink: String { "tn-" + id.suffix(12) }
}

// SPDX-License-Identifier: Apache-2.0
import ECSAPI
import Glibc
import JSON
import Linux
import Netlink
import SystemPackage
import UnderTest

/// What packets pay: TCP through our ENIs with their security groups beside a bare routed pair of as many hops, in turns.
struct PacketBenchmark: Benchmark {
    static let name = "packets"
    static let summary = "TCP throughput, requests and connections a second, beside a bare veth pair"

    static let bare = "bare veth pair"
    static let ours = "tasknet"
    static let hostToTask = "host to task"
    static let taskToTask = "task to task"
    /// Names of rows' parameters.
    enum Kind: String, CaseIterable {
        case throughput
        case requests
        case connections
    }

    private let host: BenchHost
    private let options: RunOptions
    private var rounds: Int { options.isQuick ? 1 : 9 }
    private var seconds: Double { options.isQuick ? 0.2 : 1 }

    init(_ host: BenchHost, _ options: RunOptions) {
        self.host = host
        self.options = options
    }

    /// From where to where.
    private struct Path {
        let name: String
        let subject: String
        let client: NetworkNamespace?
        let server: NetworkNamespace
        let address: String
    }

    func run(into report: inout Report) throws {
        let daemon = try BenchDaemon(host)
        try daemon.start()
        defer { daemon.end() }
        let links = try Room.own.linkCount()
        let subject = SandboxSubject(daemon)
        let slots = [Slot(number: 1), Slot(number: 2)]
        for slot in slots { try subject.prepare(slot) }
        let addresses = try slots.map { try subject.attach($0).ips.first?.address ?? "" }
        let namespaces = try slots.map { try NetworkNamespace(path: $0.namespace) }
        let mtu = try RouteConnection(in: namespaces[0]).link(named: "eth0").mtu
        let bare = try BarePath(mtu: mtu)
        let target = addresses[1].split(separator: "/").first.map(String.init) ?? ""
        let paths = [
            Path(
                name: Self.hostToTask, subject: Self.bare, client: bare.host, server: bare.ends[1].namespace,
                address: bare.ends[1].address),
            Path(name: Self.hostToTask, subject: Self.ours, client: nil, server: namespaces[1], address: target),
            Path(
                name: Self.taskToTask, subject: Self.bare, client: bare.ends[0].namespace,
                server: bare.ends[1].namespace, address: bare.ends[1].address),
            Path(
                name: Self.taskToTask, subject: Self.ours, client: namespaces[0], server: namespaces[1], address: target
            ),
        ]
        for round in (options.isQuick ? 0 : -1)..<rounds {
            for kind in Kind.allCases {
                for path in paths {
                    let value = try measure(kind, path)
                    if round >= 0 { record(value, kind, path, into: &report) }
                }
            }
        }
        for slot in slots {
            _ = try subject.delete(slot)
            try subject.discard(slot)
        }
        try Room.own.settle(to: links)
    }

    static func parameter(_ kind: Kind, _ path: String) -> String { "\(kind.rawValue), \(path)" }

    private func record(_ value: Double, _ kind: Kind, _ path: Path, into report: inout Report) {
        func key(_ subject: String) -> Report.Key {
            Report.Key(measured: Self.name, subject: subject, parameter: Self.parameter(kind, path.name))
        }
        report.add(
            value, key(path.subject), unit: kind == .throughput ? "Mbit/s" : "per s",
            over: path.subject == Self.bare ? nil : key(Self.bare))
    }

    private func measure(_ kind: Kind, _ path: Path) throws -> Double {
        guard kind != .throughput else { return try measureThroughput(path) }
        let packets = host.floorPrograms.appending("packets")
        let server = try RunningProgram(packets, ["serve", path.address, "7001"], in: path.server)
        defer { server.kill() }
        try server.waitUntilReady()
        let client = try RunningProgram(
            packets, [kind.rawValue, path.address, "7001", fixed(seconds, digits: 1)], in: path.client)
        let text = try client.finish()
        guard let value = Double(text.split(separator: "\n").first ?? "") else {
            throw BenchFailure("packets: \(text)")
        }
        return value
    }

    private func measureThroughput(_ path: Path) throws -> Double {
        let program: FilePath = "/usr/bin/iperf3"
        let server = try RunningProgram(
            program, ["--server", "--one-off", "--bind", path.address, "--forceflush"], in: path.server)
        defer { server.kill() }
        // It says so when it listens.
        try server.waitUntilReady()
        usleep(100_000)
        let client = try RunningProgram(
            program, ["--client", path.address, "--time", options.isQuick ? "1" : "2", "--json"],
            in: path.client)
        let answer = try JSONParser.parse(Array(try client.finish().utf8))
        guard case .number(let bits)? = answer["end"]?["sum_received"]?["bits_per_second"]?.kind,
            let value = Double(bits)
        else { throw BenchFailure("iperf3: \(answer.compactText)") }
        return value / 1e6
    }
}

// SPDX-License-Identifier: Apache-2.0
import ControlClient
import ECSAPI
import ECSClient
import VPC

/// What a rule more and a rule less cost, in a security group that all task networks are in, while few and while many
/// are there.
struct GroupBenchmark: Benchmark {
    static let name = "groups"
    static let summary = "a security group's change while 10 and while 2,000 networks are in it"

    private let host: BenchHost
    private let options: RunOptions
    private var levels: [Int] { options.isQuick ? [2, 20] : [10, 2000] }
    private var samples: Int { options.isQuick ? 3 : 50 }

    static let few = "with few networks"
    static let many = "with many networks"

    init(_ host: BenchHost, _ options: RunOptions) {
        self.host = host
        self.options = options
    }

    func run(into report: inout Report) throws {
        let daemon = try BenchDaemon(host)
        try daemon.start()
        defer { daemon.end() }
        let group = try createGroup(daemon)
        let links = try Room.own.linkCount()
        let subject = SandboxSubject(daemon)
        var slots: [Slot] = []
        for (level, parameter) in zip(levels, [Self.few, Self.many]) {
            let more = (slots.count..<level).map { Slot(number: $0) }
            _ = try Workers.run(2, over: more, for: nil) { slot in
                try subject.prepare(slot)
                _ = try subject.attach(slot, groups: [group])
            }
            slots += more
            for sample in -1..<samples { try change(group, sample, parameter, daemon, &report) }
        }
        _ = try Workers.run(2, over: slots, for: nil) { slot in
            _ = try subject.delete(slot)
            try subject.discard(slot)
        }
        try Room.own.settle(to: links)
    }

    private func createGroup(_ daemon: BenchDaemon) throws -> String {
        let id = try daemon.client.call(
            TaskNetworkAPI.CreateSecurityGroup.self, .init(groupName: "bench", description: "of the benchmark")
        ).groupId
        var permission = IpPermission(ipProtocol: "-1")
        permission.userIdGroupPairs = [.init(groupId: id)]
        _ = try daemon.client.call(
            TaskNetworkAPI.AuthorizeSecurityGroupIngress.self, .init(groupId: id, ipPermissions: [permission]))
        return id
    }

    /// - Parameter sample: the first one, which finds nothing in the caches, is negative.
    private func change(
        _ group: String, _ sample: Int, _ parameter: String, _ daemon: BenchDaemon, _ report: inout Report
    ) throws {
        let port = 1000 + sample
        var permission = IpPermission(ipProtocol: "tcp", fromPort: port, toPort: port)
        permission.ipRanges = [.init(cidrIp: "192.0.2.0/24")]
        let start = ContinuousClock.now
        _ = try daemon.client.call(
            TaskNetworkAPI.AuthorizeSecurityGroupIngress.self, .init(groupId: group, ipPermissions: [permission]))
        let authorized = ContinuousClock.now
        _ = try daemon.client.call(
            TaskNetworkAPI.RevokeSecurityGroupIngress.self, .init(groupId: group, ipPermissions: [permission]))
        let revoked = ContinuousClock.now
        guard sample >= 0 else { return }
        for (subject, time) in [
            ("authorize", start.duration(to: authorized)), ("revoke", authorized.duration(to: revoked)),
        ] {
            func key(_ parameter: String) -> Report.Key {
                Report.Key(measured: Self.name, subject: subject, parameter: parameter)
            }
            report.add(
                time.microseconds, key(parameter), unit: "µs", over: parameter == Self.few ? nil : key(Self.few))
        }
    }
}

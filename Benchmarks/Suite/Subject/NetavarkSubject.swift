// SPDX-License-Identifier: Apache-2.0
import Linux
import Synchronization
import SystemPackage
import UnderTest

/// netavark, as podman calls it: one at a time, which podman's own lock sees to. The network is an internal one: no
/// firewall, no masquerade, no name server. With its last container the bridge goes, so one is there all the time.
final class NetavarkSubject: Subject {
    let name = "netavark"
    private let turn = Mutex(())
    private let program: FilePath
    private let directory: FilePath
    private let room: Room

    private static let keeper = Slot(number: -2)

    init(_ program: FilePath, keeping directory: FilePath, in room: Room) throws {
        self.program = program
        self.directory = directory
        self.room = room
        try prepare(Self.keeper)
        _ = try add(Self.keeper)
    }

    func end() { try? discard(Self.keeper) }

    func prepare(_ slot: Slot) throws { try slot.createNamespace() }
    func add(_ slot: Slot) throws -> Duration { try call("setup", slot) }
    func delete(_ slot: Slot) throws -> Duration { try call("teardown", slot) }
    func discard(_ slot: Slot) throws { try slot.removeNamespace() }
    func linkCount() throws -> Int { try room.linkCount() }
    func settle(to count: Int) throws -> Duration { try room.settle(to: count) }

    private func call(_ command: String, _ slot: Slot) throws -> Duration {
        let called = CalledProgram(
            program, arguments: ["--config", directory.string, "--rootless", "false", command, slot.namespace.string])
        let answer = try turn.withLock { _ in
            try room.enter { try called.call(options(slot), environment: ["PATH=/usr/sbin:/usr/bin:/sbin:/bin"]) }
        }
        guard answer.status == .exited(0) else {
            throw BenchFailure("\(program) \(command): \(answer.status): \(answer.output)")
        }
        return answer.duration
    }

    private func options(_ slot: Slot) -> String {
        """
        {"container_id": "\(slot.container)", "container_name": "\(slot.container)",
        "networks": {"bench": {"interface_name": "eth0", "static_ips": ["10.82.\(slot.addressSuffix)"]}},
        "network_info": {"bench": {"name": "bench",
        "id": "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", "driver": "bridge",
        "network_interface": "netavark0", "subnets": [{"subnet": "10.82.0.0/16", "gateway": "10.82.0.1"}],
        "ipv6_enabled": false, "internal": true, "dns_enabled": false, "ipam_options": {"driver": "host-local"}}}}
        """
    }
}

// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import Linux
import TestSupport
import Testing

@Suite("Reconciler: what is nobody's, and what is others'", .requiresRoot)
struct OwnershipTests {
    /// A task that no daemon knows.
    private static let unknown = String(repeating: "ab", count: 16)
    private static let foreign = String(repeating: "cd", count: 16)

    /// What a task that is not known could have left, each by its mark.
    private static let orphans = """
        ip link add tn-orphan0 type veth peer name orphan1
        ip link set tn-orphan0 alias 'tasknet \(unknown) eni-0fedcba9876543210'
        ip netns add \(unknown)
        ip -n \(unknown) link set lo alias 'tasknet \(unknown)'
        mkdir -p /run/tasknet/tasks/\(unknown)
        ip link set tn-orphan0 up
        ip route add 10.64.1.200/32 dev tn-orphan0 proto 84
        ip route add unreachable 10.99.0.0/24 proto 84
        """

    /// What looks like it, and has no mark.
    private static let others = """
        ip link add tn-0123456789 type veth peer name foreign1
        ip link set tn-0123456789 up
        ip link add copied type bridge
        ip link set copied alias 'tasknet \(unknown) eni-0fedcba9876543210'
        ip netns add \(foreign)
        ip netns add other
        ip route add 198.51.100.0/24 dev lo
        ip route add 10.64.1.201/32 dev lo proto 84
        nft add table inet foreign
        nft add chain inet foreign tasknet
        """

    /// All that is on the host of links, namespaces, routes and tables.
    private func names(_ machine: Machine) throws -> [String] {
        let commands = [
            "ip -br link | cut -d' ' -f1", "ls /run/netns", "ip route", "nft list tables",
            "mkdir -p /run/tasknet/tasks; ls /run/tasknet/tasks",
        ]
        return try commands.map { try machine.run(["bash", "-c", $0]) }
    }

    /// Takes away what the test made of others'.
    private func removeOthers(_ machine: Machine) throws {
        try machine.runLines(
            """
            ip link del tn-0123456789
            ip link del copied
            ip netns del \(Self.foreign)
            ip netns del other
            ip route del 198.51.100.0/24
            ip route del 10.64.1.201/32
            """)
    }

    @Test("a run that is asked for removes the one and leaves the other")
    func reconcile() async throws {
        try await Machine.with(configuration: ReconcilerTests.unhurried) { machine in
            let task = try await ReconcilerTests.Subject(machine)
            try machine.run(["bash", "-ec", Self.others])
            let before = try names(machine)
            try machine.run(["bash", "-ec", Self.orphans])
            let answer = try machine.ask("Reconcile", service: "TaskNetwork")
            #expect(answer["lastRun"]["removed"].elements.count >= 4, "\(answer)")
            #expect(answer["removals"]["link"].integer == 1, "\(answer)")
            #expect(answer["removals"]["namespace"].integer == 1, "\(answer)")
            #expect(answer["removals"]["directory"].integer == 1, "\(answer)")
            #expect(answer["removals"]["route"].integer == 2, "\(answer)")
            #expect(try names(machine) == before)
            #expect(try task.hasTraffic)
            let events = try machine.tasknet(["events"])
            #expect(events.output.contains("tn-orphan0"), "\(events)")
            try await machine.stop(task.arn)
            try removeOthers(machine)
            try await machine.expectNothingLeft()
        }
    }

    @Test("a daemon that starts removes the one and leaves the other")
    func start() async throws {
        try await Machine.with(configuration: ReconcilerTests.unhurried) { machine in
            try machine.run(["bash", "-ec", Self.others])
            let before = try names(machine)
            try machine.endDaemon(SIGKILL)
            try machine.run(["bash", "-ec", Self.orphans])
            try machine.startDaemon()
            try await machine.wait("the orphans are gone") { try names(machine) == before }
            try removeOthers(machine)
            try await machine.expectNothingLeft()
        }
    }

    @Test("the pause process of a task that is not known is ended, with all that runs in it")
    func pauseProcess() async throws {
        try await Machine.with(configuration: ReconcilerTests.unhurried) { machine in
            _ = try await machine.runAndWait(Machine.sleeper("lost", seconds: 1001))
            try machine.endDaemon(SIGKILL)
            // As a restored backup would have it.
            try machine.run(["bash", "-c", "rm \(machine.stateDirectory)/tasknet.db*"])
            try machine.startDaemon()
            try await machine.wait("its process is gone") {
                try !machine.attempt(["pgrep", "-f", "sleep 1001"]).succeeded
            }
            try await machine.expectNothingLeft()
            let state = try machine.ask("DescribeReconciliation", service: "TaskNetwork")
            #expect(state["removals"]["process"].integer == 1, "\(state)")
            // Logs and volumes are users' data.
            #expect(try machine.tasknet(["doctor"]).output.contains("rm -r removes it"))
        }
    }

    @Test("a network that cannot be put right is tried ever later, and shown, until what is in the way has gone")
    func failure() async throws {
        try await Machine.with(configuration: ReconcilerTests.unhurried) { machine in
            let task = try await ReconcilerTests.Subject(machine)
            try machine.signalDaemon(SIGSTOP)
            try machine.runLines("ip link del \(task.link)\nip link add \(task.link) type bridge")
            try machine.signalDaemon(SIGCONT)
            try await machine.waitForLog("a network cannot be put right")
            try await machine.wait("it was tried again") {
                let state = try machine.ask("DescribeReconciliation", service: "TaskNetwork")
                return try #require(state["failures"][0]["attempts"].integer) >= 2
            }
            #expect(try machine.tasknet(["ps"]).output.contains("BROKEN"))
            let doctor = try machine.tasknet(["doctor"])
            #expect(doctor.output.contains("has not the network that it ought to have"), "\(doctor)")
            let repair = try machine.tasknet(["doctor", "--repair"])
            #expect(repair.status == .exited(1), "\(repair)")
            #expect(repair.output.contains("not repaired"), "\(repair)")
            let inTheWay = try machine.runJSON(["ip", "-j", "-d", "link", "show", task.link])[0]
            #expect(inTheWay["linkinfo"]["info_kind"].text == "bridge")

            try machine.run(["ip", "link", "del", task.link])
            let again = try machine.tasknet(["doctor", "--repair"])
            #expect(again.succeeded, "\(again)")
            #expect(try task.hasTraffic)
            #expect(try !machine.tasknet(["ps"]).output.contains("BROKEN"))
            try await machine.stop(task.arn)
            try await machine.expectNothingLeft()
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
import Glibc
import TestSupport
import Testing

@Suite("Fault: more kernel events than the daemon can keep", .requiresRoot)
struct LostEventsTests {
    @Test("what was damaged meanwhile is noticed and repaired all the same")
    func overflow() async throws {
        // No look from time to time: only the loss itself can tell.
        try await Machine.with(configuration: "reconcileInterval: 0\n") { machine in
            let task = try await machine.runAndWait(Machine.sleeper("kept", seconds: 1001))
            let address = try #require(task["attachments"][0].detail("privateIPv4Address"))
            let link = try #require(
                try machine.runJSON(["ip", "-j", "route", "show", "\(address)/32"])[0]["dev"].text)
            try machine.signalDaemon(SIGSTOP)
            try machine.floodEvents()
            try machine.runLines(
                """
                ip route delete \(address)/32
                ip link set \(link) down
                nft delete table inet tasknet
                """)
            try machine.floodEvents()
            try machine.signalDaemon(SIGCONT)

            try await machine.wait("the task is reached again") {
                try machine.attempt(["ping", "-c", "1", "-W", "1", address]).succeeded
            }
            try await machine.wait("the table is there again") {
                try machine.attempt(["nft", "list", "table", "inet", "tasknet"]).succeeded
            }
            try await machine.stop(try #require(task["taskArn"].text))
            try await machine.expectNothingLeft()
        }
    }
}

extension Machine {
    /// More changes of links, routes and rules than the daemon's sockets keep: 4 MiB at most.
    fileprivate func floodEvents() throws {
        let script = """
            ip link add flood type dummy 2>/dev/null || ip link add flood type veth peer name floods
            for batch in $(seq 40); do
              for number in $(seq 100); do echo "link set flood mtu $((1000 + number))"; done
              for number in $(seq 100); do echo "route replace 198.51.100.$number/32 dev lo"; done
              for number in $(seq 100); do echo "route delete 198.51.100.$number/32 dev lo"; done
            done | ip -batch -
            for batch in $(seq 40); do
              echo "add table ip flood"
              for number in $(seq 200); do echo "add chain ip flood c$number; add rule ip flood c$number counter accept"; done
              echo "delete table ip flood"
            done | nft -f -
            ip link delete flood
            """
        try run(["bash", "-c", script])
    }
}

// SPDX-License-Identifier: Apache-2.0
import TestSupport
import Testing

@Suite("Fault: the packet filter's table is deleted", .requiresRoot)
struct PacketFilterFaultTests {
    private static let configuration = """
        securityGroups:
          - {name: closed, ipPermissions: []}
          - name: open
            ipPermissions:
              - {ipProtocol: "-1", ipRanges: [{cidrIp: 0.0.0.0/0}]}

        """

    @Test("it is made anew, and traffic is refused and let in as before", arguments: ["inet", "arp"])
    func deleted(family: String) async throws {
        try await Machine.with(configuration: Self.configuration) { machine in
            let open = try await machine.place("open", subnet: Machine.subnet, group: "open")
            let closed = try await machine.place("closed", subnet: Machine.subnet, group: "closed")
            func outcome(_ source: Place, _ destination: Place) throws -> Traffic.Outcome {
                try Traffic(source: source, destination: destination, family: .v4, kind: .tcp)
                    .outcome(drops: machine.packetsDropped)
            }
            #expect(try outcome(open, closed) == .dropped)
            try machine.run(["nft", "delete", "table", family, "tasknet"])
            try await machine.waitForLog("the packet filter was changed by somebody else, and is made anew")
            #expect(try machine.attempt(["nft", "list", "table", family, "tasknet"]).succeeded)
            #expect(try outcome(open, closed) == .dropped)
            #expect(try outcome(closed, open) == .arrived)
            // Counted and told once, whoever noticed it first.
            try await machine.wait("the event") { try machine.tasknet(["events"]).output.contains("REPAIRED") }
            let state = try machine.ask("DescribeReconciliation", service: "TaskNetwork")
            #expect(state["repairs"]["packet filter"].integer == 1, "\(state)")
        }
    }
}

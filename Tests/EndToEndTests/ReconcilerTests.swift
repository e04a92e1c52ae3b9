// SPDX-License-Identifier: Apache-2.0
import Glibc
import TestSupport
import Testing

@Suite("Reconciler", .requiresRoot)
struct ReconcilerTests {
    /// A run that nobody asks for does not come while a test goes.
    static let unhurried = "reconcileInterval: 0\n"

    /// A task that runs, with what a test does to it.
    struct Subject {
        let machine: Machine
        let arn: String
        var id: String { JSON.string(arn).id }
        let address: String
        /// The host's end of its veth.
        let link: String

        init(_ machine: Machine) async throws {
            self.machine = machine
            let task = try await machine.runAndWait(AttachmentTests.sleeper)
            arn = try #require(task["taskArn"].text)
            address = try #require(task["attachments"][0].detail("privateIPv4Address"))
            let eni = try #require(task["attachments"][0].detail("networkInterfaceId"))
            link = try #require(
                try machine.runJSON(["ip", "-j", "link"]).elements.first {
                    $0["ifalias"].text?.hasSuffix(eni) == true
                }?["ifname"].text)
        }

        /// Whether a packet of the task's comes to the host's end of the world and back.
        var hasTraffic: Bool {
            get throws {
                try machine.attempt(["ip", "netns", "exec", id, "ping", "-c", "1", "-W", "1", "10.64.1.1"]).succeeded
            }
        }
    }

    @Test("of a sandbox the host's side is kept as it ought to be; what is in it is its runtime's affair")
    func sandbox() async throws {
        try await Machine.with(configuration: Self.unhurried) { machine in
            try machine.run(["ip", "netns", "add", "box"])
            let added = try machine.plugin("ADD", "box")
            let answer = try JSON(parsing: added.output)
            let address = try #require(answer["ips"][0]["address"].text?.split(separator: "/").first.map(String.init))
            let link = try #require(answer["interfaces"][0]["name"].text)
            try machine.runLines(
                """
                ip route del \(address)
                ip neigh del \(address) dev \(link)
                ip -n box addr add 192.0.2.7/32 dev eth0
                ip -n box route del default
                """)
            _ = try machine.ask("Reconcile", service: "TaskNetwork")
            #expect(try machine.runJSON(["ip", "-j", "route", "show", address])[0]["dev"].text == link)
            #expect(try machine.run(["ip", "neigh", "show", "dev", link]).contains("\(address) lladdr"))
            #expect(try machine.runJSON(["ip", "-n", "box", "-j", "route", "show", "default"]).elements.isEmpty)
            #expect(try machine.run(["ip", "-n", "box", "addr", "show", "eth0"]).contains("192.0.2.7/32"))
            let check = try machine.plugin("CHECK", "box")
            #expect(!check.succeeded && check.output.contains("default route"), "\(check.output)")
            #expect(try machine.plugin("DEL", "box").succeeded)
            try machine.run(["ip", "netns", "del", "box"])
            try await machine.expectNothingLeft()
        }
    }

    /// What differs by a command is put right: by a run that somebody asks for.
    @Test(
        "what others change on either side of a task's network is put right",
        arguments: [
            ("link", "ip link del LINK"),
            ("link", "ip -n TASK link set eth0 down"),
            ("link", "ip -n TASK link set eth0 mtu 1300"),
            ("address", "ip -n TASK -4 addr flush dev eth0"),
            ("route", "ip -n TASK route del default"),
            ("route", "ip route del ADDRESS"),
            ("link", "sysctl -qw net.ipv4.conf.LINK.proxy_arp=0"),
            ("route", "ip route del unreachable 10.64.1.0/24"),
            ("address", "ip addr del 10.64.1.1/32 dev lo"),
        ] as [(kind: String, command: String)])
    func repairs(kind: String, command: String) async throws {
        try await Machine.with(configuration: Self.unhurried) { machine in
            let task = try await Subject(machine)
            #expect(try task.hasTraffic)
            let words = command.split(separator: " ").map { word in
                String(word).replacing("LINK", with: task.link).replacing("TASK", with: task.id)
                    .replacing("ADDRESS", with: task.address)
            }
            try machine.run(words)
            let answer = try machine.ask("Reconcile", service: "TaskNetwork")
            #expect(answer["repairs"][kind].integer == 1, "\(answer)")
            #expect(answer["failures"].elements.isEmpty, "\(answer)")
            #expect(try task.hasTraffic)
            let again = try machine.ask("Reconcile", service: "TaskNetwork")
            #expect(again["lastRun"]["repaired"].elements.isEmpty, "\(again)")
            #expect(again["lastRun"]["networkCount"].integer == 2)
            try await machine.stop(task.arn)
            try await machine.expectNothingLeft()
        }
    }

    @Test(
        "what happens to a task's link is put right without anybody asking",
        arguments: [
            "ip link del LINK", "ip link set LINK down", "ip link set LINK mtu 1400",
            "ip link set LINK down name other", "ip link set LINK address 0a:00:00:00:00:01",
        ])
    func repairsAtOnce(command: String) async throws {
        try await Machine.with(configuration: Self.unhurried) { machine in
            let task = try await Subject(machine)
            try machine.run(command.split(separator: " ").map { $0 == "LINK" ? task.link : String($0) })
            try await machine.wait("it is put right") {
                try machine.ask("DescribeReconciliation", service: "TaskNetwork")["repairs"]["link"].integer == 1
            }
            #expect(try task.hasTraffic)
            try await machine.stop(task.arn)
            try await machine.expectNothingLeft()
        }
    }
}

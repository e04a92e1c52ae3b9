// SPDX-License-Identifier: Apache-2.0
import TestSupport
import Testing

@Suite("ENIs on the host's LAN", .requiresRoot, .requiresKernel("macvlan"))
struct LANTests {
    @Test("the LAN's router is the gateway of the tasks, and the host keeps its own way into the LAN")
    func macvlan() async throws {
        try await Machine.with(configuration: "interfaceType: macvlan\nparentInterface: lan\n") { machine in
            let commands = [
                "ip link add lan up type bridge", "ip addr add 10.64.1.2/24 dev lan metric 100", "ip netns add router",
                "ip link add port up master lan type veth peer name eth0 netns router",
                "ip -n router addr add 10.64.1.1/24 dev eth0", "ip -n router link set eth0 up",
            ]
            for command in commands { try machine.run(command.split(separator: " ").map(String.init)) }
            let arn = try #require(try await machine.runAndWait(AttachmentTests.sleeper)["taskArn"].text)
            let id = try #require(arn.split(separator: "/").last)
            let ping = ["ping", "-c", "1", "-w", "10", "10.64.1.1"]
            try machine.run(["ip", "netns", "exec", String(id)] + ping)
            try machine.run(ping)
            #expect(
                try machine.runJSON(["ip", "-j", "route", "show", "proto", "84", "type", "unreachable"]).elements
                    .isEmpty)
            try await machine.stop(arn)
            for command in ["ip netns del router", "ip link del lan"] {
                try machine.run(command.split(separator: " ").map(String.init))
            }
            try await machine.expectNothingLeft()
        }
    }
}

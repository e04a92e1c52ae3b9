// SPDX-License-Identifier: Apache-2.0
import ECSAPI
import TestSupport
import Testing
import VPC

@testable import Agent

@Suite("Reachability: where somebody has changed the kernel", .requiresRoot)
struct ReachabilityDriftTests {
    /// Something that somebody does to the host, and what is said of it. "A" and "B" stand for the links of both boxes,
    /// "A4" and "B4" for their addresses, "G" for the group, "R" for its ingress rule, "L" for their link group.
    struct Change: Sendable, CustomTestStringConvertible {
        let command: String
        let step: Int
        let text: String
        var box: String?

        var testDescription: String { command }
    }

    static let changes = [
        Change(
            command: "nft flush chain inet tasknet G-ingress", step: 4,
            text: "rule R of chain inet tasknet G-ingress is missing"),
        Change(
            command: "nft insert rule inet tasknet G-egress drop", step: 3,
            text: "chain inet tasknet G-egress were changed"),
        Change(
            command: "nft insert rule inet tasknet forward accept", step: 2,
            text: "chain inet tasknet forward were changed"),
        Change(
            command: "nft delete element inet tasknet G-4 { A4 }", step: 4,
            text: "set inet tasknet G-4 lacks A4"),
        Change(
            command: "nft delete element inet tasknet eni4 { B4 }", step: 5,
            text: "set inet tasknet eni4 lacks B4"),
        Change(
            command: "nft delete element inet tasknet ingress { L }", step: 4,
            text: "set inet tasknet ingress lacks"),
        Change(
            command: "nft add element inet tasknet elsewhere4 { A4 }", step: 1,
            text: "elsewhere4 has A4 that should not"),
        Change(
            command: "nft delete table inet tasknet", step: 2,
            text: "table inet tasknet is missing"),
        Change(
            command: "ip link set A group 7", step: 1,
            text: "link A is in group 0x7"),
        Change(
            command: "ip link set B down", step: 5,
            text: "B is down"),
        Change(
            command: "ip route del B4 dev B", step: 2,
            text: "the host's route to B4: none"),
        Change(
            command: "ip route replace A4/32 dev B", step: 2,
            text: "the way back goes by another one"),
        Change(
            command: "ip neigh replace B4 lladdr 02:00:00:00:00:01 dev B nud permanent", step: 5,
            text: "the host has B4 as 02:00:00:00:00:01"),
        Change(
            command: "sysctl -qw net.ipv4.conf.A.forwarding=0", step: 2,
            text: "net.ipv4.conf.A.forwarding is off"),
        Change(
            command: "ip route flush dev eth0", step: 1,
            text: "no route to B4 inside", box: "a"),
        Change(
            command: "ip addr flush dev eth0", step: 5,
            text: "B4 is not on eth0 inside", box: "b"),
        Change(
            command: "ip neigh replace B4 lladdr 02:00:00:00:00:01 dev eth0 nud permanent", step: 1,
            text: "B4 is 02:00:00:00:00:01 inside, and not", box: "a"),
    ]

    @Test("Is found at its step, with a mend", arguments: changes)
    func drift(change: Change) async throws {
        try await PathHost.with { path in
            let (a, b) = (try await path.box("a"), try await path.box("b"))
            let group = PathHost.defaultGroup
            let rule = try #require(group.rules(.ingress).first)
            let link = try #require(try path.host.ip("link", "show", a)[0]["group"].text)
            let names = [
                "A": a, "B": b, "A4": try await path.address("a"), "B4": try await path.address("b"), "G": group.id,
                "R": rule.id, "L": link,
            ]
            #expect(try await path.why("a", "b", port: 80).isAsItShould)
            try path.run(Self.words(change.command, names), in: change.box)
            let found = try await path.why("a", "b", port: 80)
            // The model says what it said.
            #expect(found.networkPathFound)
            let text = Self.filled(change.text, names)
            let drift = try #require(
                found.drift?.first { $0.text.contains(text) }, "\(found.driftTexts) \(text)")
            #expect(drift.sequenceNumber == change.step)
            #expect(drift.mend?.isEmpty == false)
            #expect(found.forwardPathComponents?[change.step - 1].kernel?.agrees == false)
        }
    }

    @Test("A daemon that starts puts the packet filter right")
    func mended() async throws {
        try await PathHost.with { path in
            try await path.box("a")
            try await path.box("b")
            try path.run(["nft", "flush chain inet tasknet \(PathHost.defaultGroup.id)-ingress"])
            let broken = try await path.why("a", "b", port: 80, probe: true)
            #expect(broken.probe?.result == .timedOut)
            #expect(broken.driftTexts.contains { $0.hasPrefix("a real connection did not get through") })
            let mended = try await path.restarted()
            let found = try await mended.why("a", "b", port: 80, probe: true)
            #expect(found.driftTexts == [])
            #expect(found.probe?.result == .refused)
        }
    }

    @Test("What gets through though the model stops it is a finding")
    func leak() async throws {
        try await PathHost.with { path in
            try await path.box("a")
            try await path.box("b", in: PathHost.closed)
            try path.run(["nft", "insert rule inet tasknet forward accept"])
            let found = try await path.why("a", "b", port: 80, probe: true)
            #expect(!found.networkPathFound)
            #expect(found.probe?.result == .refused)
            #expect(found.driftTexts.contains { $0.hasPrefix("a real connection got through") })
        }
    }

    private static func words(_ command: String, _ names: [String: String]) -> [String] {
        let words = command.split(separator: " ").map { filled(String($0), names) }
        return words
    }

    /// Each name where it stands alone, or before a hyphen or a dot.
    private static func filled(_ text: String, _ names: [String: String]) -> String {
        var result = ""
        var word = ""
        func close() {
            result += names[word] ?? word
            word = ""
        }
        for character in text {
            if character.isLetter || character.isNumber {
                word.append(character)
            } else {
                close()
                result.append(character)
            }
        }
        close()
        return result
    }
}

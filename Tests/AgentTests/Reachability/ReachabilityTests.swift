// SPDX-License-Identifier: Apache-2.0
import Addressing
import ECSAPI
import TestSupport
import Testing
import VPC

@testable import Agent

@Suite("Reachability: what the model says and the kernel has", .requiresRoot)
struct ReachabilityTests {
    @Test("Within a group, by both IP versions, with every step found in the kernel", arguments: [IPFamily.v4, .v6])
    func allowed(family: IPFamily) async throws {
        try await PathHost.with([family]) { path in
            try await path.box("a")
            try await path.box("b")
            let found = try await path.why("a", "b", port: 80, probe: true)
            #expect(found.networkPathFound)
            #expect(found.driftTexts == [])
            #expect(found.kinds == [.networkInterface, .host, .securityGroup, .securityGroup, .networkInterface])
            let steps = try #require(found.forwardPathComponents)
            #expect(steps.map(\.sequenceNumber) == [1, 2, 3, 4, 5])
            #expect(steps.allSatisfy { $0.kernel?.agrees == true })
            #expect(steps[0].kernel?.text.contains("inside it leaves") == true)
            #expect(steps[3].securityGroupRule != nil)
            #expect(found.explanations == [])
            // Nothing listens there: it was reached all the same.
            #expect(found.probe?.result == .refused)
            #expect(found.source?.text == "a")
            #expect(found.source?.component.name?.contains("container a") == true)

            let ping = try await path.why("a", "b", probe: true)
            #expect(ping.probe?.result == .reached)
            #expect(ping.isAsItShould)
            // The rule has decided about the first packet of the connection before.
            #expect(ping.forwardPathComponents?[3].kernel?.packets == 1)
            let datagram = try await path.why("a", "b", port: 9, "udp", probe: true)
            #expect(datagram.probe?.result == .refused)
        }
    }

    @Test("What no group's rule lets in, and the command that would")
    func missingIngress() async throws {
        try await PathHost.with { path in
            try await path.box("a", in: PathHost.caller)
            try await path.box("b", in: PathHost.closed)
            let found = try await path.why("a", "b", port: 443, probe: true)
            #expect(!found.networkPathFound)
            #expect(found.codes == ["SG_HAS_NO_RULES"])
            #expect(
                found.mends == [
                    """
                    tasknet sg authorize \(PathHost.closed.id) --protocol tcp --port 443 \
                    --source-group \(PathHost.caller.id)
                    """
                ])
            #expect(found.probe?.result == .timedOut)
            #expect(found.isAsItShould)
            // Counted after that.
            let again = try await path.why("a", "b", port: 443)
            let stop = try #require(again.forwardPathComponents?.first { $0.verdict == .stops })
            #expect(stop.kernel?.packets ?? 0 > 0)
        }
    }

    @Test("A rule that comes near is named")
    func nearest() async throws {
        try await PathHost.with { path in
            try await path.box("a", in: PathHost.caller)
            try await path.box("b", in: PathHost.database)
            #expect(try await path.why("a", "b", port: 5432).networkPathFound)
            let found = try await path.why("a", "b", port: 5433)
            #expect(found.codes == ["ENI_SG_RULES_MISMATCH"])
            #expect(found.explanations?.first?.nearest?.first?.contains("other ports") == true)
            #expect(found.isAsItShould)
        }
    }

    @Test("What no group's rule lets out")
    func missingEgress() async throws {
        try await PathHost.with { path in
            try await path.box("a", in: PathHost.silent)
            try await path.box("b", in: PathHost.silent)
            let found = try await path.why("a", "b", port: 80, probe: true)
            #expect(found.codes == ["SG_HAS_NO_RULES"])
            #expect(found.mends.first?.contains("--egress") == true)
            #expect(found.probe?.result == .timedOut)
            #expect(found.isAsItShould)
        }
    }

    @Test("Outside, from a subnet without a route there: refused, and the source is told")
    func noRoute() async throws {
        try await PathHost.with {
            $0.subnets[0].route = .none
        } _: { path in
            try path.addOutside()
            try await path.box("a")
            let found = try await path.why("a", "internet", port: 80, probe: true)
            #expect(found.codes == ["NO_ROUTE_TO_DESTINATION"])
            #expect(found.probe?.result == .unreachable)
            #expect(found.probe?.text.contains("says") == true)
            #expect(found.isAsItShould)
        }
    }

    @Test("Outside and back, with the host's way there and without")
    func outside() async throws {
        try await PathHost.with { path in
            try await path.box("a")
            let lost = try await path.why("a", "internet", port: 80)
            #expect(lost.networkPathFound)
            #expect(lost.driftTexts.contains { $0.hasPrefix("the host's route to 1.1.1.1: none") })
            try path.addOutside()
            let found = try await path.why("a", "internet", port: 80, probe: true)
            #expect(found.networkPathFound)
            #expect(found.driftTexts == [])
            #expect(found.kinds.last == .internet)
            #expect(found.probe?.result == .refused)
            let back = try await path.why("internet", "a", port: 80)
            #expect(back.codes.contains("IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS"))
            #expect(back.isAsItShould)
        }
    }

    @Test("Instance metadata that is kept from tasks")
    func metadata() async throws {
        try await PathHost.with {
            $0.blockInstanceMetadata = true
        } _: { path in
            try await path.box("a")
            let found = try await path.why("a", "169.254.169.254", port: 80)
            #expect(found.codes == ["INSTANCE_METADATA_BLOCKED"])
            #expect(found.kinds.contains(.instanceMetadata))
            #expect(found.isAsItShould)
        }
    }

    @Test("An address of the subnet that nobody has")
    func nobody() async throws {
        try await PathHost.with { path in
            try await path.box("a")
            let found = try await path.why("a", "10.64.1.200", port: 80, probe: true)
            #expect(found.codes == ["NO_POSSIBLE_DESTINATION"])
            // How soon the source gives up to find the address is its kernel's affair.
            #expect(found.probe?.result == .unreachable || found.probe?.result == .timedOut)
            #expect(found.isAsItShould)
            // Also when the kernel has noticed that nobody is there.
            let again = try await path.why("a", "10.64.1.200", port: 80, probe: true)
            #expect(again.isAsItShould)
        }
    }

    @Test("The host, both ways", arguments: [IPFamily.v4, .v6])
    func host(family: IPFamily) async throws {
        try await PathHost.with([family]) { path in
            try await path.box("a")
            try await path.box("b", in: PathHost.closed)
            let to = try await path.why("a", "host", probe: true)
            #expect(to.networkPathFound)
            #expect(to.probe?.result == .reached)
            #expect(to.isAsItShould)
            let from = try await path.why("host", "a", probe: true)
            #expect(from.networkPathFound)
            #expect(from.probe?.result == .reached)
            #expect(from.isAsItShould)
            let refused = try await path.why("host", "b", port: 80, probe: true)
            #expect(refused.codes == ["SG_HAS_NO_RULES"])
            #expect(refused.probe?.result != .reached && refused.probe?.result != .refused)
            #expect(refused.isAsItShould)
        }
    }

    @Test("To itself: nothing on the way is enforced, nor asked")
    func itself() async throws {
        try await PathHost.with { path in
            try await path.box("a")
            for end in ["a", "host"] {
                let found = try await path.why(end, end, probe: true)
                #expect(found.networkPathFound)
                #expect(found.driftTexts == [])
                #expect(found.remarks?.isEmpty == false)
            }
        }
    }

    @Test("IPv4 first; what fares otherwise over IPv6 is said")
    func families() async throws {
        try await PathHost.with([.v4, .v6]) {
            let id = SecurityGroup.derivedID("half", vpcID: PathHost.vpcID)
            var half = PathHost.closed
            (half.id, half.name) = (id, "half")
            half.rules = [
                SecurityGroupRule(
                    groupID: id, direction: .ingress, ipProtocol: .all,
                    peer: .ipv4(try IPv4CIDRBlock(parsing: "10.64.1.0/24")))
            ]
            $0.securityGroups.append(half)
        } _: { path in
            try await path.box("a")
            let group = try #require(path.host.base.context.configuration.value.securityGroups.named("half"))
            try await path.box("b", in: group)
            let found = try await path.why("a", "b", port: 80)
            #expect(found.networkPathFound)
            #expect(found.remarks?.contains { $0.hasPrefix("over IPv6 it is not reachable") } == true)
            let six = try await path.why("a", try await path.address("b", .v6), port: 80)
            #expect(!six.networkPathFound)
        }
    }

    @Test("Somebody else's chain that drops by default is named as what may stop it")
    func strangers() async throws {
        try await PathHost.with { path in
            try await path.box("a")
            try await path.box("b")
            try path.run(["nft", "add table ip filter"])
            try path.run([
                "nft", "add chain ip filter FORWARD { type filter hook forward priority 0; policy drop; }",
            ])
            let found = try await path.why("a", "b", probe: true)
            #expect(found.networkPathFound)
            let step = try #require(found.forwardPathComponents?.first { $0.component.kind == .packetFilter })
            #expect(step.component.id == "ip filter FORWARD")
            #expect(step.verdict == .mayStop)
            #expect(found.remarks?.contains { $0.contains("FORWARD") } == true)
            #expect(found.probe?.result == .timedOut)
            #expect(found.driftTexts.contains { $0.hasPrefix("a real connection did not get through") })
        }
    }
}

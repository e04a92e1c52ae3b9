// SPDX-License-Identifier: Apache-2.0
import Addressing
import Testing
import VPC

@Suite struct JudgementTests {
    private typealias Case = (source: String, destination: String, transport: Flow.Transport)

    @Test func whatIsAllowed() throws {
        let sample = try SampleNetwork()
        let cases: [Case] = [
            // A block, a group, a prefix list, the default group's own members.
            ("10.0.2.4", "10.0.1.4", .tcp(80)), ("10.0.2.4", "10.0.1.4", .tcp(90)),
            ("10.0.1.4", "10.0.2.4", .tcp(5432)),
            ("10.0.3.4", "10.0.2.4", .tcp(5432)), ("fd00:1::4", "fd00:2::4", .tcp(5432)),
            ("10.0.1.1", "10.0.3.4", .ping), ("fd00:1::1", "fd00:3::4", .ping6), ("10.0.1.1", "10.0.3.4", .other(50)),
            // To the host as a member, and out.
            ("10.0.3.4", "10.0.1.1", .tcp(22)), ("10.0.1.4", "8.8.8.8", .udp(53)),
            ("fd00:1::4", "2001:db8::1", .tcp(1)),
            ("10.0.3.4", "8.8.8.8", .other(47)), ("10.0.1.4", "169.254.169.254", .tcp(80)),
            // From outside, to a public subnet.
            ("203.0.113.9", "10.0.3.4", .tcp(80)),
            // An ENI that is not enforced is a member all the same.
            ("10.0.1.5", "10.0.2.4", .tcp(5432)),
        ]
        for (source, destination, transport) in cases {
            let judgement = try sample.judge(source, destination, transport)
            #expect(judgement.verdict == .allowed, "\(judgement.flow): \(judgement.codes)")
            #expect(judgement.codes == [] && judgement.suggestions.isEmpty)
        }
    }

    @Test func whatIsDenied() throws {
        let sample = try SampleNetwork()
        let cases: [(Case, [ExplanationCode])] = [
            (("10.0.2.4", "10.0.1.4", .tcp(79)), [.groupRulesMismatch]),
            (("10.0.2.4", "10.0.1.4", .tcp(91)), [.groupRulesMismatch]),
            (("10.0.2.4", "10.0.1.4", .udp(80)), [.groupRulesMismatch]),
            (("10.0.2.4", "10.0.1.4", .other(6)), [.groupRulesMismatch]),
            (("fd00:2::4", "fd00:1::4", .tcp(80)), [.groupRulesMismatch]),
            (("10.0.2.4", "10.0.2.1", .ping), [.groupRulesMismatch]),
            (("10.0.1.4", "192.0.2.1", .ping), [.groupRulesMismatch]),
            (("10.0.2.4", "8.8.8.8", .tcp(80)), [.noRouteToDestination]),
            (("203.0.113.9", "10.0.2.4", .udp(53)), [.noPublicAddress]),
            (("203.0.113.9", "10.0.1.4", .tcp(81)), [.noPublicAddress]),
            (("203.0.113.9", "10.0.1.4", .tcp(8080)), [.noPublicAddress, .groupRulesMismatch]),
            (("203.0.113.9", "10.0.3.4", .ping), [.groupRulesMismatch]),
            (("10.0.1.4", "10.0.1.9", .tcp(80)), [.noPossibleDestination]),
            (("10.0.1.4", "10.0.9.9", .tcp(80)), [.noPossibleDestination]),
            (("10.0.1.9", "10.0.1.4", .tcp(80)), [.spoofedSource]),
            (("10.0.1.4", "224.0.0.1", .udp(1)), [.cannotRoute]),
            (("10.0.1.4", "255.255.255.255", .udp(1)), [.cannotRoute]),
            (("fd00:1::4", "fe80::9", .ping6), [.cannotRoute]),
            (("10.0.1.4", "fd00:2::4", .tcp(5432)), [.cannotRoute, .cannotRoute]),
        ]
        for ((source, destination, transport), codes) in cases {
            let judgement = try sample.judge(source, destination, transport)
            #expect(judgement.verdict == .denied, "\(judgement.flow)")
            #expect(judgement.codes == codes, "\(judgement.flow)")
        }
    }

    @Test func whatIsNotJudged() throws {
        let sample = try SampleNetwork()
        let cases: [Case] = [
            ("8.8.8.8", "1.1.1.1", .tcp(80)), ("8.8.8.8", "192.0.2.1", .tcp(22)), ("10.0.1.1", "8.8.8.8", .tcp(80)),
            ("10.0.1.4", "10.0.1.4", .tcp(1)), ("10.0.1.5", "8.8.8.8", .tcp(80)),
            ("10.0.1.5", "10.0.1.1", .ping), ("8.8.8.8", "10.0.1.5", .ping),
        ]
        for (source, destination, transport) in cases {
            let judgement = try sample.judge(source, destination, transport)
            #expect(judgement.verdict == .unjudged, "\(judgement.flow): \(judgement.codes)")
        }
        // What the groups say is told all the same.
        let groups = try #require(sample.judge("8.8.8.8", "10.0.1.5", .ping).steps.compactMap(\.groups).first)
        #expect(!groups.isEnforced && !groups.isAllowed)
    }

    @Test func linkLocalReachesTheRouterAlone() throws {
        var sample = try SampleNetwork()
        sample.endpoints[0].addresses.append(try IPAddress(parsing: "fe80::4"))
        sample.endpoints[2].addresses.append(try IPAddress(parsing: "fe80::3"))
        sample.host.securityGroupIDs = [SampleNetwork.web]
        sample.groups[1].rules.append(try SampleNetwork.ingress(SampleNetwork.web, .icmpv6, 128...128, "fe80::/10"))
        sample.groups[1].rules[3].toPort = nil
        #expect(try sample.judge("fe80::4", "fe80::1", .ping6).verdict == .allowed)
        #expect(try sample.judge("fe80::1", "fe80::4", .ping6).verdict == .allowed)
        #expect(try sample.judge("fe80::3", "fe80::4", .ping6).codes.contains(.cannotRoute))
        #expect(try sample.judge("fe80::4", "2001:db8::1", .ping6).codes.contains(.cannotRoute))
    }

    @Test func instanceMetadata() throws {
        var sample = try SampleNetwork()
        sample.blocksInstanceMetadata = true
        for (source, destination) in [("10.0.1.4", "169.254.169.254"), ("fd00:3::4", "fd00:ec2::254")] {
            #expect(try sample.judge(source, destination, .tcp(80)).codes.first == .instanceMetadataBlocked)
        }
        #expect(try sample.judge("10.0.1.1", "169.254.169.254", .tcp(80)).verdict == .unjudged)
        #expect(InstanceMetadata.addresses.map(\.description) == ["169.254.169.254", "fd00:ec2::254"])
    }

    @Test func icmpRules() throws {
        var sample = try SampleNetwork()
        func allows(_ rule: (IPProtocol, ClosedRange<Int>?), _ transport: Flow.Transport, v6: Bool = false) throws
            -> Bool
        {
            let list = SecurityGroupRule(
                groupID: SampleNetwork.web, direction: .ingress, ipProtocol: rule.0, fromPort: rule.1?.lowerBound,
                toPort: rule.1?.upperBound, peer: .group(SampleNetwork.own.id))
            sample.groups[1].rules = [list]
            return try sample.judge(
                v6 ? "fd00:1::1" : "10.0.1.1", v6 ? "fd00:1::4" : "10.0.1.4", transport
            ).verdict == .allowed
        }
        #expect(try allows((.icmp, nil), .ping))
        #expect(try allows((.icmp, nil), .icmp(type: 3, code: 4)))
        #expect(try !allows((.icmp, nil), .ping6, v6: true))
        // A protocol's number does not choose the IP version; the rule's word does.
        #expect(try !allows((.icmp, nil), .other(1), v6: true))
        #expect(try allows((.icmp, nil), .other(1)))
        #expect(try !allows((.icmp, 8...8), .other(1)))
        #expect(try allows((.icmpv6, nil), .ping6, v6: true))
        #expect(try allows((.icmpv6, 128...128), .icmpv6(type: 128, code: 128), v6: true))
        #expect(try !allows((.icmpv6, 128...128), .ping6, v6: true))
        #expect(try !allows((.icmpv6, nil), .other(58)))
        #expect(try allows((.all, nil), .other(1), v6: true))
        #expect(try allows((.other(50), nil), .other(50), v6: true))
        #expect(try !allows((.other(50), nil), .other(51)))
        #expect(try allows((.tcp, 0...65535), .other(6)))
        #expect(try !allows((.tcp, 0...65534), .other(6)))
    }

    @Test func tellsWhichRule() throws {
        let sample = try SampleNetwork()
        let network = sample.network
        let judgement = try sample.judge("10.0.1.4", "10.0.2.4", .tcp(5432))
        #expect(
            judgement.steps.map(network.text) == [
                "from eni-00000000000000001, 10.0.1.4",
                """
                egress rule \(sample.groups[1].rules[1].id) of sg-00000000000000001 (web) lets it through: \
                all traffic to 0.0.0.0/0
                """,
                """
                ingress rule \(sample.groups[2].rules[0].id) of sg-00000000000000002 (data) lets it through: \
                tcp port 5432 from sg-00000000000000001 (web)
                """,
                "to eni-00000000000000002, 10.0.2.4",
            ])
    }

    @Test func tellsWhatComesNear() throws {
        let sample = try SampleNetwork()
        let network = sample.network
        let wrongPort = try sample.judge("10.0.1.4", "10.0.2.4", .tcp(5433))
        let groups = try #require(wrongPort.steps.compactMap(\.groups).last)
        #expect(groups.nearest.map(\.mismatches) == [[.port]])
        #expect(groups.nearest.first?.rule == sample.groups[2].rules[0])
        let suggestion = try #require(wrongPort.suggestions.first)
        #expect(suggestion.groupID == SampleNetwork.data)
        #expect(network.text(suggestion.rule) == "tcp port 5433 from sg-00000000000000001 (web)")
        let wrongPeer = try sample.judge("10.0.2.1", "10.0.2.4", .tcp(5432))
        #expect(wrongPeer.steps.compactMap(\.groups).last?.nearest.map(\.mismatches) == [[.peer]])
        #expect(wrongPeer.suggestions.map { $0.rule.peer } == [.group(SampleNetwork.own.id)])
        // From outside the peer is an address; an address of the host's that is no member's too.
        let outside = try sample.judge("203.0.113.9", "10.0.3.4", .ping)
        #expect(outside.suggestions.map { $0.rule.summary } == ["icmp type 8 from 203.0.113.9/32"])
        let other = try sample.judge("192.0.2.1", "10.0.1.4", .tcp(8080))
        #expect(other.suggestions.map { $0.rule.summary } == ["tcp port 8080 from 192.0.2.1/32"])
    }

    @Test func whatIsSuggestedMends() throws {
        var generator = SystemRandomNumberGenerator()
        let addresses = [
            "10.0.1.4", "10.0.2.4", "10.0.3.4", "10.0.1.5", "10.0.1.1", "192.0.2.1", "203.0.113.9", "fd00:1::4",
            "fd00:2::4", "fd00:3::4", "fd00:1::1", "2001:db8::9",
        ]
        for _ in 0..<500 {
            var sample = try SampleNetwork()
            for index in sample.groups.indices where Bool.random(using: &generator) {
                sample.groups[index].rules.removeAll { $0.direction == .egress }
            }
            let transports: [Flow.Transport] = [
                .tcp(.random(in: 0...9000)), .udp(53), .ping, .ping6, .other(UInt8.random(in: 0...255)),
            ]
            let source = addresses.randomElement() ?? "", destination = addresses.randomElement() ?? ""
            let flow = try SampleNetwork.flow(source, destination, transports.randomElement() ?? .ping)
            let judgement = sample.network.judge(flow)
            for (id, rule) in judgement.suggestions {
                let index = try #require(sample.groups.firstIndex { $0.id == id })
                try sample.groups[index].authorize([rule])
            }
            let mended = sample.network.judge(flow)
            let isGroup = { (code: ExplanationCode) in code == .groupRulesMismatch || code == .groupHasNoRules }
            #expect(!mended.codes.contains(where: isGroup), "\(flow)")
            #expect(mended.codes == judgement.codes.filter { !isGroup($0) })
        }
    }

    @Test func inNoGroup() throws {
        var sample = try SampleNetwork()
        sample.endpoints[0].securityGroupIDs = []
        let judgement = try sample.judge("10.0.1.4", "8.8.8.8", .tcp(80))
        #expect(judgement.codes == [.groupHasNoRules])
        #expect(judgement.suggestions.isEmpty)
        #expect(sample.network.text(judgement.steps[1]) == "it is in no security group")
    }

    @Test func members() throws {
        let network = try SampleNetwork().network
        #expect(
            network.members(ofGroup: SampleNetwork.own.id).map(\.description)
                == ["10.0.3.4", "fd00:3::4", "10.0.1.1", "10.0.2.1", "10.0.3.1", "fd00:1::1", "fe80::1"])
        #expect(network.members(ofGroup: SampleNetwork.data).map(\.description) == ["10.0.2.4", "fd00:2::4"])
    }

    /// Not a measurement: it ends at all.
    @Test func manyEndpoints() throws {
        var sample = try SampleNetwork()
        sample.endpoints = (0..<2000).map { number in
            VPCNetwork.Endpoint(
                networkInterfaceID: "eni-\(number)",
                addresses: [.v4(IPv4Address(rawValue: 0x0A00_0300 + UInt32(number)))],
                securityGroupIDs: [number.isMultiple(of: 2) ? SampleNetwork.web : SampleNetwork.data],
                subnetID: "subnet-public")
        }
        let network = sample.network
        for number in 1..<2000 {
            let addresses = [0, number].compactMap { sample.endpoints[$0].addresses.first }
            let flow = Flow(source: addresses[0], destination: addresses[1], transport: .tcp(5432))
            #expect((network.judge(flow).verdict == .allowed) == !number.isMultiple(of: 2))
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
import Addressing
import Testing
import VPC

@testable import Firewall

@Suite struct ValueTests {
    @Test func combinationsHaveNumbersThatStay() throws {
        var combinations = Combinations()
        let one = try combinations.combination(of: ["sg-b", "sg-a", "sg-b"])
        #expect(one.groupIDs == ["sg-a", "sg-b"])
        #expect(one.linkGroup == 0x746E_0001)
        #expect(try combinations.combination(of: ["sg-a", "sg-b"]) == one)
        let two = try combinations.combination(of: [])
        #expect(two.linkGroup == 0x746E_0002)
        combinations.keep([two])
        #expect(combinations.all == [two])
        #expect(try combinations.combination(of: ["sg-c"]).linkGroup == 0x746E_0001)
        #expect(one.chain(.egress) == "combination-1-egress")
        #expect(one.lines(.ingress) == ["jump sg-a-ingress", "jump sg-b-ingress", "goto drop-ingress"])
    }

    @Test func tooManyCombinations() throws {
        let taken = Dictionary(
            uniqueKeysWithValues: Combinations.range.map { (["sg-\(String($0, radix: 16))"], $0) })
        var combinations = Combinations(linkGroups: taken)
        #expect(throws: FirewallError.tooManyCombinations(65_535)) { try combinations.combination(of: ["sg-1"]) }
    }

    private let vocabulary = Vocabulary(groups: ["sg-00000001"], lists: ["pl-00000001"])

    @Test func rules() throws {
        let block = try Sample.peer("10.0.0.0/8")
        let group = SecurityGroupRule.Peer.group("sg-00000001")
        let expected: [(SecurityGroupRule, [String])] = [
            (
                Sample.rule(1, .ingress, .tcp, 80, 90, block),
                ["ip saddr 10.0.0.0/8 tcp dport 80-90 counter name \"sgr-00000001\" accept comment \"sgr-00000001\""]
            ),
            (
                Sample.rule(1, .egress, .udp, 53, 53, try Sample.peer("::/0")),
                [
                    "meta nfproto ipv6 udp dport 53 counter name \"sgr-00000001\" goto to-destination comment "
                        + "\"sgr-00000001\""
                ]
            ),
            (Sample.rule(1, .ingress, .icmpv6, nil, nil, block), []),
            (Sample.rule(1, .ingress, .all, nil, nil, .group("sg-00000002")), []),
            (Sample.rule(1, .ingress, .all, nil, nil, .prefixList("pl-00000002")), []),
        ]
        for (rule, lines) in expected { #expect(rule.lines(vocabulary) == lines) }
        func matches(_ rule: SecurityGroupRule) -> [String] {
            rule.lines(vocabulary).map {
                String($0.prefix(upTo: $0.firstRange(of: " counter")?.lowerBound ?? $0.endIndex))
            }
        }
        #expect(
            matches(Sample.rule(1, .ingress, .all, nil, nil, group))
                == ["ip saddr @sg-00000001-4", "ip6 saddr @sg-00000001-6"])
        #expect(
            matches(Sample.rule(1, .egress, .icmp, 8, 0, .prefixList("pl-00000001")))
                == ["ip daddr @pl-00000001-4 icmp type 8 icmp code 0"])
        #expect(
            matches(Sample.rule(1, .ingress, .icmpv6, 128, nil, group))
                == ["ip6 saddr @sg-00000001-6 icmpv6 type 128"])
        #expect(matches(Sample.rule(1, .ingress, .tcp, 0, 65535, block)) == ["ip saddr 10.0.0.0/8 meta l4proto 6"])
        #expect(
            matches(Sample.rule(1, .ingress, .other(47), nil, nil, block)) == ["ip saddr 10.0.0.0/8 meta l4proto 47"])
    }

    @Test func blocks() throws {
        let blocks = try ["10.1.0.0/16", "10.0.0.0/8", "10.0.0.0/8", "11.0.0.0/9", "11.128.0.0/9", "0.0.0.0/32"]
            .map { try CIDRBlock(parsing: $0) }
        #expect(
            blocks.withoutNested.map(\.description) == ["0.0.0.0/32", "10.0.0.0/8", "11.0.0.0/9", "11.128.0.0/9"])
        #expect(
            AddressRange.joined(blocks).map { $0.text(.v4) } == ["0.0.0.0", "10.0.0.0-11.255.255.255"])
        let all = [try CIDRBlock(parsing: "::/0"), try CIDRBlock(parsing: "fe80::/10")]
        #expect(AddressRange.joined(all).map { $0.text(.v6) } == ["::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"])
    }

    /// What the kernel tells of an element is the element again.
    @Test func elementsThereAndBack() throws {
        let interface = FirewallInterface(
            eniID: "eni-00000001", hostName: "tn-0123456789ab",
            macAddress: try MACAddress(parsing: "0a:01:02:03:04:05"),
            addresses: [try IPAddress(parsing: "10.0.1.4"), try IPAddress(parsing: "2001:db8::4")],
            securityGroupIDs: ["sg-00000001"])
        let combination = Combination(groupIDs: ["sg-00000001"], linkGroup: 0x746E_0001)
        let elements =
            interface.elements + interface.memberships(["sg-00000001"]) + combination.elements
            + FirewallElement.detour(of: interface.hostName, to: combination)
        #expect(elements.count == 20)
        for (set, element) in elements {
            let back = FirewallElement(try element.element(), in: set)
            #expect(back?.key == element.key, "\(set)")
        }
        #expect(
            elements.map(\.element.text).contains(
                "\"tn-0123456789ab\" . 0x20010db8000000000000000000000004"))
        #expect(elements.map(\.element.text).contains("1953366017 : goto combination-1-egress"))
    }

    @Test func whatCannotBePutIntoText() throws {
        let fine = Sample.group(1)
        func refusal(_ change: (inout FirewallState) -> Void) -> String? {
            var state = FirewallState(securityGroups: [fine])
            change(&state)
            var combinations = Combinations()
            do throws(FirewallError) {
                _ = try FirewallContents(state, &combinations)
                return nil
            } catch {
                return error.description
            }
        }
        func interface(_ name: String, _ groups: [String] = []) throws -> FirewallInterface {
            FirewallInterface(
                eniID: "eni-1", hostName: name, macAddress: .broadcast, addresses: [], securityGroupIDs: groups)
        }
        #expect(refusal { _ in } == nil)
        for name in ["eth0", "tn-\"", "tn-*", "tn-a b", "tn-0123456789abc", "tn-\n", ""] {
            let interface = try interface(name)
            #expect(
                refusal { $0.interfaces = [interface] }?.contains("whose name the packet filter") == true, "\(name)")
        }
        let stranger = try interface("tn-1", ["sg-00000002"])
        #expect(
            refusal { $0.interfaces = [stranger] } == "eni-1 is in the security group sg-00000002, which does not exist"
        )
        #expect(refusal { $0.host.securityGroupIDs = ["sg-00000002"] }?.hasPrefix("the host is in") == true)
        #expect(refusal { $0.routersForTasks = [.v6: ["eth0; flush ruleset"]] } != nil)
        for id in ["sg-1", "host", "sg-0000000G", "sg-00000001 { }"] {
            var group = fine
            group.id = id
            let named = group
            #expect(refusal { $0.securityGroups = [named] } != nil, "\(id)")
        }
        for rule in [
            Sample.rule(1, .ingress, .tcp, -1, 80, .group(fine.id)),
            Sample.rule(1, .ingress, .tcp, 80, 65536, .group(fine.id)),
            Sample.rule(1, .ingress, .tcp, 90, 80, .group(fine.id)),
            Sample.rule(1, .ingress, .icmp, 256, nil, .group(fine.id)),
        ] {
            let group = Sample.group(1, [rule])
            #expect(refusal { $0.securityGroups = [group] }?.contains("that do not exist") == true)
        }
        #expect(refusal { $0.prefixLists = [PrefixList(id: "pl-x", name: "", entries: [])] } != nil)
    }

    @Test func theFile() {
        #expect(BaseRuleset.chains(.arp) == ["source", "source-task"])
        #expect(BaseRuleset.chains(.inet).contains("to-destination"))
        #expect(Set(BaseRuleset.counters) == Set(FirewallCounters.General.allCases.map(\.rawValue)))
        #expect(BaseRuleset.digest.hasPrefix("ruleset-"))
    }
}

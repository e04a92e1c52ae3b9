// SPDX-License-Identifier: Apache-2.0

import JSON
import Testing

@testable import CNI

@Suite("CNI: results")
struct ResultTests {
    private static let result = CNIResult(
        interfaces: [
            .init(name: "tn-1", macAddress: "0e:00:00:00:00:01", mtu: 1500),
            .init(name: "eth0", macAddress: "0a:00:00:00:00:01", mtu: 1500, sandbox: "/run/netns/a"),
        ],
        addresses: [
            .init("10.0.0.4/24", gateway: "10.0.0.1", interface: 1),
            .init("fd00::4/128", gateway: "fe80::1", interface: 1),
        ],
        routes: [.init("0.0.0.0/0", gateway: "10.0.0.1"), .init("::/0", gateway: "fe80::1")],
        dns: .init(nameservers: ["10.0.0.2"], domain: "a.internal", search: ["a.internal"], options: ["ndots:1"]))

    private static let dns =
        #""dns":{"nameservers":["10.0.0.2"],"domain":"a.internal","search":["a.internal"],"options":["ndots:1"]}"#
    private static let routes = #""routes":[{"dst":"0.0.0.0/0","gw":"10.0.0.1"},{"dst":"::/0","gw":"fe80::1"}]"#

    private func text(_ version: CNIVersion) -> String { Self.result.document(version).compactText }

    @Test("Before 0.3.0: one address of each family, with the routes of that family")
    func oldest() {
        let expected = #"""
            {"cniVersion":"0.1.0","ip4":{"ip":"10.0.0.4/24","gateway":"10.0.0.1","routes":[{"dst":"0.0.0.0/0","gw":"10.0.0.1"}]},
            "ip6":{"ip":"fd00::4/128","gateway":"fe80::1","routes":[{"dst":"::/0","gw":"fe80::1"}]},
            """#
        #expect(text(.oldest) == expected.replacing("\n") + Self.dns + "}")
    }

    @Test("0.3.0 to 0.4.0: an address says its family")
    func withInterfaces() {
        let expected = #"""
            {"cniVersion":"0.4.0","interfaces":[{"name":"tn-1","mac":"0e:00:00:00:00:01"},
            {"name":"eth0","mac":"0a:00:00:00:00:01","sandbox":"/run/netns/a"}],
            "ips":[{"version":"4","interface":1,"address":"10.0.0.4/24","gateway":"10.0.0.1"},
            {"version":"6","interface":1,"address":"fd00::4/128","gateway":"fe80::1"}],
            """#
        #expect(text(.withCheck) == expected.replacing("\n") + Self.routes + "," + Self.dns + "}")
    }

    @Test("1.0.0: it no longer does; 1.1.0: interfaces have their MTU")
    func newest() {
        #expect(text(.withoutAddressVersion).contains(#""ips":[{"interface":1,"address""#))
        #expect(!text(.withoutAddressVersion).contains("mtu"))
        #expect(text(.current).contains(#"{"name":"tn-1","mac":"0e:00:00:00:00:01","mtu":1500}"#))
    }

    @Test("A result that is read again is the same, as far as the version has words for it", arguments: CNIVersion.all)
    func roundTrip(version: CNIVersion) throws {
        let again = try CNIResult(Self.result.document(version), version: version, in: "a test")
        #expect(again.addresses.map(\.address) == Self.result.addresses.map(\.address))
        #expect(again.routes == Self.result.routes && again.dns == Self.result.dns)
        #expect(again.document(version) == Self.result.document(version))
        if version == .current { #expect(again == Self.result) }
    }

    @Test("What other plugins say of interfaces and routes is passed on")
    func unknownMembers() throws {
        let text = #"""
            {"cniVersion":"1.1.0","interfaces":[{"name":"a","pciID":"0000:00:01.0"}],
            "routes":[{"dst":"10.0.0.0/8","mtu":1400,"table":7}],"dns":{}}
            """#
        let result = try CNIResult(try JSONParser.parse(Array(text.utf8)), version: .current, in: "a test")
        #expect(result.document(.current).compactText == text.replacing("\n"))
        // It is in a table of its own, which older versions have no word for.
        #expect(!result.document(.withoutAddressVersion).compactText.contains("routes"))
        #expect(!result.document(.oldest).compactText.contains("routes"))
    }

    @Test("Chained: interfaces come after those of earlier plugins, and addresses say so")
    func chained() {
        let first = CNIResult(interfaces: [.init(name: "lo")], dns: .init(nameservers: ["9.9.9.9"]))
        let both = CNIResult(
            interfaces: [.init(name: "eth0")], addresses: [.init("10.0.0.4/24", interface: 0)]
        ).following(first)
        #expect(both.interfaces.map(\.name) == ["lo", "eth0"])
        #expect(both.addresses.map(\.interface) == [1])
        #expect(both.dns.nameservers == ["9.9.9.9"])
    }
}

extension String {
    /// Without line breaks, which are there for the reader.
    fileprivate func replacing(_ character: Character) -> String { String(filter { $0 != character }) }
}

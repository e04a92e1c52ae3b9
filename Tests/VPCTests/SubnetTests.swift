// SPDX-License-Identifier: Apache-2.0
import Addressing
import Testing
import VPC

@Suite struct SubnetTests {
    private func subnet(_ v4: String?, _ v6: String? = nil, name: String = "demo", id: String? = nil) throws -> Subnet {
        Subnet(
            id: id, name: name, ipv4CIDRBlock: try v4.map { try IPv4CIDRBlock(parsing: $0) },
            ipv6CIDRBlock: try v6.map { try IPv6CIDRBlock(parsing: $0) })
    }

    @Test func gatewayAndDNSFollowFromTheBlock() throws {
        let both = try subnet("10.0.4.0/24", "fd00:4::/64")
        #expect(both.gatewayIPv4?.description == "10.0.4.1/24")
        #expect(both.dnsIPv4?.description == "10.0.4.2")
        #expect(both.gatewayIPv6?.description == "fe80::1")
        try both.validate()
        let six = try subnet(nil, "fd00:4::/64")
        #expect(six.gatewayIPv4 == nil)
        #expect(six.dnsIPv4 == nil)
        try six.validate()
        #expect(try subnet("10.0.4.0/24").gatewayIPv6 == nil)
    }

    @Test(arguments: [
        ("10.0.4.0", Subnet.ReservedPurpose.network), ("10.0.4.1", .router), ("10.0.4.2", .dns), ("10.0.4.3", .future),
        ("10.0.4.255", .broadcast), ("fd00:4::", .network), ("fd00:4::3", .future),
        ("fd00:4::ffff:ffff:ffff:ffff", .broadcast),
    ])
    func reserves(text: String, purpose: Subnet.ReservedPurpose) throws {
        #expect(try subnet("10.0.4.0/24", "fd00:4::/64").reservedPurpose(of: IPAddress(parsing: text)) == purpose)
    }

    @Test(arguments: ["10.0.4.4", "10.0.4.254", "10.0.5.0", "fd00:4::4", "fd00:5::"])
    func doesNotReserve(text: String) throws {
        #expect(try subnet("10.0.4.0/24", "fd00:4::/64").reservedPurpose(of: IPAddress(parsing: text)) == nil)
    }

    @Test(
        arguments: [
            ("10.0.0.0/29", nil, "too small"), (nil, nil, "it has no CIDR block"),
            (nil, "fd00::/125", "the smallest is a /124"),
            ("127.0.0.0/16", nil, "loopback"), ("169.254.0.0/17", nil, "link-local"),
            ("0.0.0.0/0", nil, "this network"),
            ("240.0.0.0/16", nil, "multicast and reserved"), (nil, "fe80::/64", "link-local"),
            (nil, "ff00::/64", "multicast"),
            (nil, "::/64", "loopback and unspecified"),
        ] as [(String?, String?, String)])
    func refuses(v4: String?, v6: String?, part: String) throws {
        let subnet = try subnet(v4, v6)
        let error = #expect(throws: SubnetError.self) { try subnet.validate() }
        #expect(error?.description.hasPrefix("subnet demo: ") == true)
        #expect(error?.reason.contains(part) == true)
    }

    @Test(arguments: ["", "a b", "../x", "a/b", "ä", String(repeating: "a", count: 65)])
    func refusesNames(name: String) throws {
        let subnet = try subnet("10.0.0.0/24", name: name)
        #expect(throws: SubnetError.self) { try subnet.validate() }
    }

    @Test func findsOverlaps() throws {
        let first = try subnet("10.0.0.0/16", name: "a")
        let inside = try subnet("10.0.4.0/24", name: "b")
        let beside = try subnet("10.1.0.0/16", "fd00::/64", name: "c")
        try Subnet.validateDisjoint([first, beside])
        let error = #expect(throws: SubnetError.self) { try Subnet.validateDisjoint([first, beside, inside]) }
        #expect(
            error?.description
                == "subnet b: its block 10.0.4.0/24 overlaps the block 10.0.0.0/16 of subnet a")
        let same = try subnet("10.9.0.0/16", name: "a")
        #expect(throws: SubnetError.self) { try Subnet.validateDisjoint([first, same]) }
    }

    @Test func idsFollowFromNames() throws {
        let id = try subnet("10.0.0.0/24").id
        #expect(ResourceID.isValid(id, prefix: "subnet"))
        #expect(id.utf8.count == "subnet-".utf8.count + 17)
        #expect(try subnet("10.9.0.0/24").id == id)
        #expect(try subnet("10.0.0.0/24", name: "demp").id != id)
    }
}

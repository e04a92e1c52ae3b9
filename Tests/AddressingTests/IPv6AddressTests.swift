// SPDX-License-Identifier: Apache-2.0
import Addressing
import Testing

@Suite struct IPv6AddressTests {
    /// RFC 4291 forms and their RFC 5952 printing.
    @Test(arguments: [
        ("::", "::"), ("::1", "::1"), ("1::", "1::"), ("0:0:0:0:0:0:0:0", "::"), ("0:0:0:0:0:0:0:1", "::1"),
        ("2001:db8::1", "2001:db8::1"), ("2001:DB8::0001", "2001:db8::1"), ("2001:0db8:0:0:0:0:0:1", "2001:db8::1"),
        // The longest run is the one that is shortened, the first of two equal ones, and never a single group.
        ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"), ("2001:0:0:1:0:0:0:1", "2001:0:0:1::1"),
        ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"), ("2001:db8::1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
        ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"), ("::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"),
        ("0:0:3:4:5:6:7:8", "::3:4:5:6:7:8"), ("1:2:3:4:5:6:0:0", "1:2:3:4:5:6::"),
        ("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"),
        (
            "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
            "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"
        ),
        ("fe80::1", "fe80::1"), ("fd00:ec2::254", "fd00:ec2::254"), ("1:0:0:0:0:0:0:0", "1::"),
        // IPv4 at the end.
        ("::ffff:192.0.2.128", "::ffff:192.0.2.128"), ("::ffff:c000:280", "::ffff:192.0.2.128"),
        ("64:ff9b::192.0.2.33", "64:ff9b::c000:221"), ("1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304"),
        ("::1.2.3.4", "::102:304"), ("1::1.2.3.4", "1::102:304"),
    ])
    func parsesAndPrints(text: String, canonical: String) throws {
        let address = try IPv6Address(parsing: text)
        #expect(address.description == canonical)
        #expect(try IPv6Address(parsing: canonical) == address)
        #expect(IPv6Address(bytes: address.bytes) == address)
    }

    @Test(arguments: [
        ("", "it is empty"),
        (":", "a number is missing at position 1"),
        (":1:2:3:4:5:6:7", "a number is missing at position 1"),
        (":::", "\":\" at position 3 does not belong there"),
        ("1:::2", "\":\" at position 4 does not belong there"),
        ("1", "it has 1 of 8 groups"),
        ("1:2:3:4:5:6:7", "it has 7 of 8 groups"),
        ("1:2:3:4:5:6:7:", "a number is missing at position 15"),
        ("1:2:3:4:5:6:7:8:", "a number is missing at position 17"),
        ("1:2:3:4:5:6:7:8:9", "it has more than 8 groups"),
        ("1:2:3:4:5:6:7:8::", "\"::\" stands for no group at all"),
        ("1:2:3:4::5:6:7:8", "\"::\" stands for no group at all"),
        ("1::2::3", "\"::\" stands there more than once"),
        ("12345::", "a group has more than 4 hexadecimal digits"),
        ("00001::", "a group has more than 4 hexadecimal digits"),
        ("1:2:3:4:5:6:7:1.2.3.4", "it has more than 8 groups"),
        ("::1.2.3", "it has 3 of 4 numbers"),
        ("::1.2.3.04", "a number has a leading zero"),
        ("::1.2.3.256", "the number 256 is over 255"),
        ("1.2.3.4::", "\":\" at position 8 does not belong there"),
        ("fe80::1%eth0", "a zone (\"%...\") is not part of an address"),
        ("1:2:3:4:5:6:7:8%1", "a zone (\"%...\") is not part of an address"),
        ("g::", "\"g\" at position 1 does not belong there"),
        ("::g", "\"g\" at position 3 does not belong there"),
        ("[::1]", "\"[\" at position 1 does not belong there"),
        ("::1 ", "\" \" at position 4 does not belong there"),
        ("::1/64", "\"/\" at position 4 does not belong there"),
    ])
    func refuses(text: String, reason: String) {
        let error = #expect(throws: AddressError.self) { try IPv6Address(parsing: text) }
        #expect(error?.reason == reason)
    }

    /// Every place and length that a run of zeros can have.
    @Test func everyGapRoundTrips() throws {
        for pattern in 0..<256 {
            let bytes = (0..<16).map { (index: Int) -> UInt8 in
                let isSet = (pattern >> (index / 2)) & 1 == 1
                return isSet ? UInt8(index + 1) : 0
            }
            let address = try #require(IPv6Address(bytes: bytes))
            #expect(try IPv6Address(parsing: address.description) == address)
            #expect(address.bytes == bytes)
        }
    }

    @Test func linkLocalOfMAC() throws {
        let mac = try MACAddress(parsing: "0a:58:0a:00:01:05")
        #expect(IPv6Address.linkLocal(of: mac).description == "fe80::858:aff:fe00:105")
        #expect(IPv6Address.linkLocal(of: mac).isLinkLocal)
    }

    @Test func knowsItsKind() throws {
        #expect(try IPv6Address(parsing: "febf::1").isLinkLocal)
        #expect(try !IPv6Address(parsing: "fec0::1").isLinkLocal)
        #expect(try IPv6Address(parsing: "ff02::1").isMulticast)
        #expect(IPv6Address.loopback.isLoopback)
        #expect(IPv6Address.any.isUnspecified)
        #expect(try IPv6Address(parsing: "::ffff:10.0.0.1").mappedIPv4 == IPv4Address("10.0.0.1"))
        #expect(try IPv6Address(parsing: "::10.0.0.1").mappedIPv4 == nil)
    }

    @Test func comparesAsNumbers() throws {
        #expect(try IPv6Address(parsing: "::ffff:ffff:ffff:ffff") < IPv6Address(parsing: "0:0:0:1::"))
        #expect(try IPv6Address(parsing: "1::1") < IPv6Address(parsing: "1::2"))
    }
}

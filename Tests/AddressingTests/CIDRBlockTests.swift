// SPDX-License-Identifier: Apache-2.0
import Addressing
import Testing

@Suite struct CIDRBlockTests {
    @Test(arguments: ["0.0.0.0/0", "10.0.0.0/8", "10.0.4.128/25", "10.0.0.1/32", "::/0", "2001:db8::/64", "::1/128"])
    func parsesAndPrints(text: String) throws {
        #expect(try CIDRBlock(parsing: text).description == text)
    }

    @Test(arguments: [
        ("10.0.0.0", "the prefix length (\"/24\") is missing"),
        ("10.0.0.0/", "a number is missing at position 10"),
        ("10.0.0.0/33", "the prefix length 33 is over 32"),
        ("10.0.0.0/-1", "\"-\" at position 10 does not belong there"),
        ("10.0.0.0/024", "a number has a leading zero"),
        ("10.0.0.0/24/24", "\"/\" at position 12 does not belong there"),
        ("10.0.1.5/24", "it has host bits set; the block would be 10.0.1.0/24"),
        ("2001:db8::1/64", "it has host bits set; the block would be 2001:db8::/64"),
        ("2001:db8::/129", "the prefix length 129 is over 128"),
        ("2001:db8::", "the prefix length (\"/24\") is missing"),
        ("10.0.0/24", "it has 3 of 4 numbers"),
        ("1:2/24", "it has 2 of 8 groups"),
    ])
    func refuses(text: String, reason: String) {
        let error = #expect(throws: AddressError.self) { try CIDRBlock(parsing: text) }
        #expect(error?.reason == reason)
    }

    @Test func bounds() throws {
        let small = try IPv4CIDRBlock(parsing: "10.0.4.128/25")
        #expect(small.count == 128)
        #expect(small.firstAddress.description == "10.0.4.128")
        #expect(small.lastAddress.description == "10.0.4.255")
        #expect(small.address(at: 127) == small.lastAddress)
        #expect(small.address(at: 128) == nil)
        #expect(small.offset(of: small.lastAddress) == 127)
        #expect(small.offset(of: .any) == nil)
        let all = try IPv4CIDRBlock(parsing: "0.0.0.0/0")
        #expect(all.count == 1 << 32)
        #expect(all.lastAddress == .broadcast)
        #expect(all.address(at: all.count - 1) == .broadcast)
        let everything = try IPv6CIDRBlock(parsing: "::/0")
        #expect(everything.lastOffset == .max)
        #expect(everything.address(at: .max) == everything.lastAddress)
        let one = try IPv6CIDRBlock(parsing: "::1/128")
        #expect(one.firstAddress == one.lastAddress)
        #expect(one.lastOffset == 0)
    }

    @Test func containsAndOverlaps() throws {
        let wide = try CIDRBlock(parsing: "10.0.0.0/16")
        let narrow = try CIDRBlock(parsing: "10.0.255.0/24")
        let other = try CIDRBlock(parsing: "10.1.0.0/16")
        let six = try CIDRBlock(parsing: "::/0")
        #expect(wide.contains(narrow))
        #expect(!narrow.contains(wide))
        #expect(wide.overlaps(narrow))
        #expect(narrow.overlaps(wide))
        #expect(!wide.overlaps(other))
        #expect(!six.overlaps(wide))
        #expect(!six.contains(wide))
        #expect(try wide.contains(IPAddress(parsing: "10.0.255.255")))
        #expect(try !wide.contains(IPAddress(parsing: "10.1.0.0")))
        #expect(try !six.contains(IPAddress(parsing: "10.1.0.0")))
        #expect(try six.contains(IPAddress(parsing: "ffff::")))
    }

    @Test func refusesHostBitsAndImpossibleLengths() throws {
        let address = try IPAddress(parsing: "10.0.1.5")
        #expect(CIDRBlock(network: address, prefixLength: 24) == nil)
        #expect(CIDRBlock(network: address, prefixLength: 33) == nil)
        #expect(CIDRBlock(containing: address, prefixLength: -1) == nil)
        #expect(CIDRBlock(containing: address, prefixLength: 24)?.description == "10.0.1.0/24")
        #expect(IPv6CIDRBlock(containing: .loopback, prefixLength: 0)?.description == "::/0")
        #expect(IPv6CIDRBlock(containing: .loopback, prefixLength: 129) == nil)
    }
}

// SPDX-License-Identifier: Apache-2.0
import Addressing
import Testing

@Suite struct IPv4AddressTests {
    @Test(
        arguments: [
            ("0.0.0.0", 0), ("10.0.0.1", 0x0A00_0001), ("169.254.170.2", 0xA9FE_AA02), ("255.255.255.255", 0xFFFF_FFFF),
        ] as [(String, UInt32)])
    func parsesAndPrints(text: String, rawValue: UInt32) throws {
        let address = try IPv4Address(parsing: text)
        #expect(address.rawValue == rawValue)
        #expect(address.description == text)
        #expect(IPv4Address(bytes: address.bytes) == address)
        #expect(address.bytes.count == 4)
    }

    @Test(arguments: [
        ("", "it is empty"),
        ("10.0.0", "it has 3 of 4 numbers"),
        ("10", "it has 1 of 4 numbers"),
        ("10.0.0.1.2", "\".\" at position 9 does not belong there"),
        ("10.0.0.256", "the number 256 is over 255"),
        ("10.0.0.300", "the number 300 is over 255"),
        ("10.0.0.99999999999999999999999", "it is too long"),
        ("10.0.0.01", "a number has a leading zero"),
        ("010.0.0.1", "a number has a leading zero"),
        ("10.0.0.00", "a number has a leading zero"),
        ("10.0..1", "a number is missing at position 6"),
        (".10.0.0", "a number is missing at position 1"),
        ("10.0.0.", "a number is missing at position 8"),
        ("10.0.0.1 ", "\" \" at position 9 does not belong there"),
        (" 10.0.0.1", "\" \" at position 1 does not belong there"),
        ("+1.0.0.1", "\"+\" at position 1 does not belong there"),
        ("-1.0.0.1", "\"-\" at position 1 does not belong there"),
        ("0x0a.0.0.1", "\"x\" at position 2 does not belong there"),
        ("10.0.0.1/24", "\"/\" at position 9 does not belong there"),
        ("10.0.0.1\n", "\"\\n\" at position 9 does not belong there"),
        ("１0.0.0.1", "\"a character that is not ASCII\" at position 1 does not belong there"),
    ])
    func refuses(text: String, reason: String) {
        let error = #expect(throws: AddressError.self) { try IPv4Address(parsing: text) }
        #expect(error?.reason == reason)
        #expect(error?.expected == "an IPv4 address")
        #expect(IPv4Address(text) == nil)
    }

    @Test func namesTheInputOnOneShortLine() {
        let error = #expect(throws: AddressError.self) { try IPv4Address(parsing: "10.0.0.300") }
        #expect(error?.description == "\"10.0.0.300\" is not an IPv4 address: the number 300 is over 255")
        let long = #expect(throws: AddressError.self) {
            try IPv4Address(parsing: String(repeating: "1\n", count: 1_000_000))
        }
        #expect((long?.description.utf8.count ?? .max) < 250)
        #expect(long?.description.contains("\n") == false)
    }

    @Test func parsesPartsOfOtherTexts() throws {
        let line = "nameserver 10.0.0.2 # VPC"
        let part = line.split(separator: " ")[1]
        #expect(try IPv4Address(parsing: part).description == "10.0.0.2")
    }

    @Test func everyOctetRoundTrips() throws {
        for octet in 0...255 {
            let text = "\(octet).\(255 - octet).0.\(octet)"
            #expect(try IPv4Address(parsing: text).description == text)
        }
    }

    @Test func comparesAsNumbers() throws {
        #expect(try IPv4Address(parsing: "9.255.255.255") < IPv4Address(parsing: "10.0.0.0"))
        #expect(try IPv4Address(parsing: "127.0.0.1") < IPv4Address(parsing: "128.0.0.0"))
    }

    @Test func knowsItsKind() throws {
        #expect(try IPv4Address(parsing: "169.254.0.1").isLinkLocal)
        #expect(try !IPv4Address(parsing: "169.253.0.1").isLinkLocal)
        #expect(try IPv4Address(parsing: "239.1.2.3").isMulticast)
        #expect(try !IPv4Address(parsing: "240.1.2.3").isMulticast)
        #expect(IPv4Address.loopback.isLoopback)
        #expect(IPv4Address.any.isUnspecified)
    }

    @Test func refusesOtherByteCounts() {
        #expect(IPv4Address(bytes: [10, 0, 0]) == nil)
        #expect(IPv4Address(bytes: [10, 0, 0, 1, 2]) == nil)
    }
}

// SPDX-License-Identifier: Apache-2.0
import Addressing
import Foundation
import Testing

@Suite struct IPAddressTests {
    @Test func tellsTheFamilies() throws {
        #expect(try IPAddress(parsing: "10.0.0.1").family == .v4)
        #expect(try IPAddress(parsing: "::ffff:10.0.0.1").family == .v6)
        #expect(try IPAddress(parsing: "10.0.0.1").v6 == nil)
        #expect(try IPAddress(parsing: "255.255.255.255") < IPAddress(parsing: "::"))
        #expect(try IPAddress(bytes: IPAddress(parsing: "fe80::1").bytes) == IPAddress(parsing: "fe80::1"))
        #expect(IPAddress(bytes: [1, 2, 3]) == nil)
    }

    @Test func interfaceAddressKeepsHostBits() throws {
        let address = try InterfaceAddress(parsing: "10.0.1.5/24")
        #expect(address.description == "10.0.1.5/24")
        #expect(address.network?.description == "10.0.1.0/24")
        #expect(try InterfaceAddress(parsing: "fe80::1/64").prefixLength == 64)
        #expect(InterfaceAddress(host: .v4(.loopback)).description == "127.0.0.1/32")
        #expect(InterfaceAddress(address: .v4(.loopback), prefixLength: 33) == nil)
        #expect(InterfaceAddress("10.0.1.5") == nil)
        #expect(InterfaceAddress("10.0.1.5/33") == nil)
    }

    @Test func codesAsText() throws {
        struct Document: Codable, Equatable {
            var mac: MACAddress
            var v4: IPv4Address
            var v6: IPv6Address
            var any: IPAddress
            var block: CIDRBlock
            var own: InterfaceAddress
        }
        let json = """
            {"any":"::1","block":"10.0.0.0/16","mac":"0a:00:00:00:00:01","own":"10.0.0.5/16","v4":"10.0.0.5","v6":"fd00::1"}
            """
        let document = try JSONDecoder().decode(Document.self, from: Data(json.utf8))
        #expect(document.block.prefixLength == 16)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        #expect(String(decoding: try encoder.encode(document), as: UTF8.self) == json)
        let wrong = json.replacingOccurrences(of: "10.0.0.5/16", with: "10.0.0.5/99")
        #expect(throws: DecodingError.self) { try JSONDecoder().decode(Document.self, from: Data(wrong.utf8)) }
    }
}

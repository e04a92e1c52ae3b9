// SPDX-License-Identifier: Apache-2.0
import Addressing
import Testing

@Suite struct MACAddressTests {
    @Test(arguments: [
        ("0a:1b:2c:3d:4e:5f", "0a:1b:2c:3d:4e:5f"), ("0A:1B:2C:3D:4E:5F", "0a:1b:2c:3d:4e:5f"),
        ("0a-1b-2c-3d-4e-5f", "0a:1b:2c:3d:4e:5f"), ("00:00:00:00:00:00", "00:00:00:00:00:00"),
        ("ff:ff:ff:ff:ff:ff", "ff:ff:ff:ff:ff:ff"),
    ])
    func parsesAndPrints(text: String, canonical: String) throws {
        let address = try MACAddress(parsing: text)
        #expect(address.description == canonical)
        #expect(MACAddress(bytes: address.bytes) == address)
        #expect(MACAddress(rawValue: address.rawValue) == address)
    }

    @Test(arguments: [
        ("", "it is empty"),
        ("0a:1b:2c:3d:4e", "it has 5 of 6 groups"),
        ("0a:1b:2c:3d:4e:5f:60", "\":\" at position 18 does not belong there"),
        ("0a:1b:2c:3d:4e:5", "each group has two hexadecimal digits"),
        ("a:1b:2c:3d:4e:5f", "each group has two hexadecimal digits"),
        ("0a:1b:2c:3d:4e:5g", "each group has two hexadecimal digits"),
        ("0a:1b-2c:3d:4e:5f", "\"-\" at position 6 does not belong there"),
        ("0a1b2c3d4e5f", "\"1\" at position 3 does not belong there"),
        ("0a:1b:2c:3d:4e:5f ", "\" \" at position 18 does not belong there"),
    ])
    func refuses(text: String, reason: String) {
        let error = #expect(throws: AddressError.self) { try MACAddress(parsing: text) }
        #expect(error?.reason == reason)
    }

    @Test func randomOnesAreLocalUnicast() {
        var generator = SystemRandomNumberGenerator()
        var seen: Set<MACAddress> = []
        for _ in 0..<100 {
            let address = MACAddress.random(using: &generator)
            #expect(address.isUnicast)
            #expect(address.bytes.first == 0x0A)
            seen.insert(address)
        }
        #expect(seen.count > 95)
    }

    @Test func knowsItsKind() throws {
        #expect(try !MACAddress(parsing: "01:00:5e:00:00:01").isUnicast)
        #expect(!MACAddress.broadcast.isUnicast)
        #expect(try !MACAddress(parsing: "00:00:00:00:00:00").isUnicast)
        #expect(MACAddress(rawValue: 1 << 48) == nil)
        #expect(MACAddress(bytes: [1, 2, 3, 4, 5]) == nil)
    }
}

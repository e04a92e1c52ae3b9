// SPDX-License-Identifier: Apache-2.0
import Addressing
import Foundation
import Testing
import VPC

@Suite struct NetworkInterfaceTests {
    private var subnet: Subnet {
        get throws {
            Subnet(
                name: "demo", ipv4CIDRBlock: try IPv4CIDRBlock(parsing: "10.0.4.0/22"),
                ipv6CIDRBlock: try IPv6CIDRBlock(parsing: "fd00:4::/64"))
        }
    }

    @Test func newOnesFollowFromTheSubnet() throws {
        var generator = SystemRandomNumberGenerator()
        let eni = NetworkInterface(
            in: try subnet, ipv4Address: try IPv4Address(parsing: "10.0.4.128"),
            ipv6Address: try IPv6Address(parsing: "fd00:4::80"), domainName: "demo.internal",
            searchDomains: ["search.internal"], using: &generator)
        #expect(ResourceID.isValid(eni.id, prefix: "eni"))
        #expect(eni.id.utf8.count == 21)
        #expect(eni.macAddress.bytes.first == 0x0A)
        #expect(eni.subnetGatewayIPv4?.description == "10.0.4.1/22")
        #expect(eni.ipv4SubnetCIDRBlock?.description == "10.0.4.0/22")
        #expect(eni.subnetGatewayIPv6?.description == "fe80::1")
        #expect(eni.domainNameServers.map(\.description) == ["10.0.4.2"])
        #expect(eni.privateDNSName == "ip-10-0-4-128.demo.internal")
        #expect(eni.domainNames == ["search.internal"])
        #expect(eni.addresses.map(\.description) == ["10.0.4.128", "fd00:4::80"])
        #expect(eni.association == .default)
        let decoded = try JSONDecoder().decode(NetworkInterface.self, from: JSONEncoder().encode(eni))
        #expect(decoded == eni)
    }

    @Test func ipv6OnlyOnesAreNamedByTheirID() throws {
        var generator = SystemRandomNumberGenerator()
        let eni = NetworkInterface(
            in: try subnet, ipv6Address: try IPv6Address(parsing: "fd00:4::80"), using: &generator)
        #expect(eni.privateDNSName == "\(eni.id).tasknet.internal")
        #expect(eni.subnetGatewayIPv4 == nil)
        #expect(eni.primaryIPv4 == nil)
    }

    @Test(
        arguments: [
            (nil, nil), ("web", "web"), ("ip-10-0-4-128.demo.internal", "ip-10-0-4-128.demo.internal"),
            ("web." + String(repeating: "a", count: 60), "web." + String(repeating: "a", count: 60)),
            ("web." + String(repeating: "a", count: 61), "web"),
            ("ip-10-0-4-128" + String(repeating: ".abc", count: 60), "ip-10-0-4-128"),
        ] as [(String?, String?)])
    func aNameThatIsTooLongForAHostIsItsFirstLabel(name: String?, hostname: String?) throws {
        var eni = NetworkInterface(
            id: "eni-12345678", attachmentID: "a", macAddress: try MACAddress(parsing: "0a:00:00:00:00:01"))
        eni.privateDNSName = name
        #expect(eni.hostname == hostname)
    }

    @Test func primaryAddressesComeFirst() throws {
        let eni = NetworkInterface(
            id: "eni-12345678", attachmentID: "a", macAddress: try MACAddress(parsing: "0a:00:00:00:00:01"),
            ipv4Addresses: [
                .init(address: try IPv4Address(parsing: "10.0.0.9"), primary: false),
                .init(address: try IPv4Address(parsing: "10.0.0.8"), primary: true),
            ],
            ipv6Addresses: [.init(address: try IPv6Address(parsing: "fd00::1"), primary: false)],
            association: .vlan(id: 7, trunkMAC: try MACAddress(parsing: "0a:00:00:00:00:02")))
        #expect(eni.primaryIPv4?.description == "10.0.0.8")
        #expect(eni.primaryIPv6?.description == "fd00::1")
        #expect(eni.addresses.map(\.description) == ["10.0.0.8", "10.0.0.9", "fd00::1"])
        #expect(try JSONDecoder().decode(NetworkInterface.self, from: JSONEncoder().encode(eni)) == eni)
    }

    @Test func identifiers() {
        var generator = SystemRandomNumberGenerator()
        let uuid = ResourceID.uuid(using: &generator)
        #expect(UUID(uuidString: uuid)?.uuidString.lowercased() == uuid)
        #expect(Array(uuid)[14] == "4")
        #expect("89ab".contains(Array(uuid)[19]))
        #expect(ResourceID.isTaskID(ResourceID.task(using: &generator)))
        for text in ["", "..", String(repeating: "a", count: 31), String(repeating: "A", count: 32)] {
            #expect(!ResourceID.isTaskID(text))
        }
        for text in ["eni-", "eni-1234567", "eni-ABCDEF01", "eni-../../../../x", "subnet-12345678"] {
            #expect(!ResourceID.isValid(text, prefix: "eni"))
        }
        #expect(ResourceID.isValid("eni-12345678", prefix: "eni"))
    }
}

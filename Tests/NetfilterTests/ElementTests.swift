// SPDX-License-Identifier: Apache-2.0
import Addressing
import Linux
import Netfilter
import SystemPackage
import TestSupport
import Testing

@Suite(.requiresRoot)
struct ElementTests {
    private static let text = """
        table inet tasknet {
            set four { type ipv4_addr; }
            set links { type ifname; }
            set nets { type ipv4_addr; flags interval; }
        }
        """

    @Test func nftSeesEachKindOfKeyAsItWasMeant() throws {
        let filter = try Filter(
            """
            table inet tasknet {
                set links { type ifname; }
                set macs { type ether_addr; }
                set four { type ipv4_addr; }
                set six { type ipv6_addr; }
                set marks { type mark; }
                set groups { type devgroup; }
                set enis { type ifname . ether_addr . ipv4_addr; }
                set enis6 { type ifname . ether_addr . ipv6_addr; }
                set allowed { type mark . ipv4_addr . inet_proto . inet_service; }
            }
            """)
        let address = SetKey.Part.address(try ip("10.0.9.1"))
        let mac = SetKey.Part.mac(try mac("0a:1b:2c:3d:4e:5f"))
        let link = SetKey.Part.interface("tn-0123456789ab")
        let six = SetKey.Part.address(try ip("fd00::5"))
        let keys: [(set: String, key: SetKey, shown: JSON)] = [
            ("links", try SetKey(link), .string("tn-0123456789ab")),
            ("macs", try SetKey(mac), .string("0a:1b:2c:3d:4e:5f")),
            ("four", try SetKey(address), .string("10.0.9.1")),
            ("six", try SetKey(six), .string("fd00::5")),
            ("marks", try SetKey(.number(0x1234)), .integer(0x1234)),
            ("groups", try SetKey(.number(84)), .integer(84)),
            (
                "enis", try SetKey(link, mac, address),
                concat(.string("tn-0123456789ab"), .string("0a:1b:2c:3d:4e:5f"), .string("10.0.9.1"))
            ),
            (
                "enis6", try SetKey(link, mac, six),
                concat(.string("tn-0123456789ab"), .string("0a:1b:2c:3d:4e:5f"), .string("fd00::5"))
            ),
            (
                "allowed", try SetKey(.number(7), address, .transport(6), .port(443)),
                concat(.integer(7), .string("10.0.9.1"), .string("tcp"), .integer(443))
            ),
        ]
        var batch = ElementBatch()
        for (set, key, _) in keys { batch.append(.create, SetElement(key), set: set, in: inet) }
        try filter.connection.apply(batch)
        for (set, key, shown) in keys {
            #expect(try filter.shown(set) == [shown])
            #expect(try filter.connection.elements(of: set, in: inet) == [SetElement(key)])
        }
        var removal = ElementBatch()
        for (set, key, _) in keys { removal.append(.delete, SetElement(key), set: set, in: inet) }
        try filter.connection.apply(removal)
        for (set, _, _) in keys { #expect(try filter.shown(set).isEmpty) }
    }

    @Test func verdictMapsSendToChains() throws {
        let filter = try Filter(
            """
            table inet tasknet {
                chain one { }
                chain two { }
                map of-marks { type mark : verdict; }
                map of-nets { type ipv4_addr : verdict; flags interval; }
                map to-marks { type ipv4_addr : mark; }
            }
            """)
        let marks = [
            SetElement(try SetKey(.number(1)), .goto("one")), SetElement(try SetKey(.number(2)), .jump("two")),
            SetElement(try SetKey(.number(3)), .drop), SetElement(try SetKey(.number(4)), .accept),
        ]
        let nets = [
            SetElement(try block("10.0.0.0/8"), .jump("one")), SetElement(try block("192.168.0.0/16"), .return),
        ]
        let toMarks = [SetElement(.key(SetKey(try ip("10.0.0.1"))), value: .data(try SetKey(.number(9))))]
        var batch = ElementBatch()
        batch.append(.add, marks, set: "of-marks", in: inet)
        batch.append(.add, nets, set: "of-nets", in: inet)
        batch.append(.add, toMarks, set: "to-marks", in: inet)
        try filter.connection.apply(batch)
        func verdict(_ word: String, _ chain: String) -> JSON { .object([word: .object(["target": .string(chain)])]) }
        #expect(
            try Set(filter.shown("of-marks", kind: "map")) == [
                .list([.integer(1), verdict("goto", "one")]), .list([.integer(2), verdict("jump", "two")]),
                .list([.integer(3), .object(["drop": .null])]), .list([.integer(4), .object(["accept": .null])]),
            ])
        #expect(
            try Set(filter.shown("of-nets", kind: "map")) == [
                .list([prefix("10.0.0.0", 8), verdict("jump", "one")]),
                .list([prefix("192.168.0.0", 16), .object(["return": .null])]),
            ])
        #expect(try filter.shown("to-marks", kind: "map") == [.list([.string("10.0.0.1"), .integer(9)])])
        #expect(try filter.connection.elements(of: "of-marks", in: inet) == marks)
        #expect(try filter.connection.elements(of: "of-nets", in: inet) == nets)
        #expect(try filter.connection.elements(of: "to-marks", in: inet) == toMarks)
        #expect(try filter.connection.elements(of: "of-marks", in: inet).map(\.chain) == ["one", "two", nil, nil])
        // The same key with another verdict is no success.
        let other = refusal {
            try filter.apply(.add, [SetElement(try SetKey(.number(1)), .goto("two"))], set: "of-marks")
        }
        #expect(other?.description.contains("element 0x1 : goto two of set of-marks in table inet tasknet") == true)
        let nowhere = refusal {
            try filter.apply(.add, [SetElement(try SetKey(.number(5)), .goto("no"))], set: "of-marks")
        }
        #expect(nowhere?.isNotFound == true)
        // Taken away, all lets go of the chains.
        try filter.apply(.delete, marks, set: "of-marks")
        try filter.apply(.delete, nets, set: "of-nets")
        try filter.rules.apply("delete chain inet tasknet one; delete chain inet tasknet two")
    }

    @Test func otherFamiliesHaveSetsToo() throws {
        for family in [TableFamily.arp, .ip, .ip6, .bridge, .netdev] {
            let table = TableID(family, "tasknet")
            let filter = try Filter(
                """
                add table \(family) tasknet
                add set \(family) tasknet enis { type ifname . ether_addr . ipv4_addr; counter; }
                """)
            let element = SetElement(
                try SetKey(.interface("eth0"), .mac(mac("0a:00:00:00:00:01")), .address(ip("10.0.9.1"))))
            try filter.apply(.create, [element], set: "enis", table)
            let elements = try filter.connection.elements(of: "enis", in: table)
            #expect(elements.map(\.extent) == [element.extent])
            #expect(elements.map(\.counter) == [Counter(packets: 0, bytes: 0)])
            #expect(try filter.shown("enis", table).count == 1)
        }
    }

    @Test func wordsSayHowStrictlyAChangeIsMeant() throws {
        let filter = try Filter(Self.text)
        let one = SetElement(SetKey(try ip("10.0.0.1")))
        let two = SetElement(SetKey(try ip("10.0.0.2")))
        let three = SetElement(SetKey(try ip("10.0.0.3")))
        try filter.apply(.create, [one], set: "four")
        try filter.apply(.add, [one, two], set: "four")
        let again = refusal { try filter.apply(.create, [three, one], set: "four") }
        #expect(again?.isAlreadyExists == true)
        #expect(again?.description.hasPrefix("create element 10.0.0.1 of set four in table inet tasknet: ") == true)
        #expect(try filter.connection.elements(of: "four", in: inet) == [one, two])

        let gone = refusal { try filter.apply(.delete, [one, three], set: "four") }
        #expect(gone?.isNotFound == true)
        #expect(gone?.object == "element 10.0.0.3 of set four in table inet tasknet")
        #expect(try filter.connection.elements(of: "four", in: inet) == [one, two])

        // With what is done beside it, of another set too.
        var batch = ElementBatch()
        batch.append(.destroy, [one, three], set: "four", in: inet)
        batch.append(.destroy, SetElement(try SetKey(.interface("eth0"))), set: "links", in: inet)
        batch.append(.add, SetElement(try SetKey(.interface("eth1"))), set: "links", in: inet)
        try filter.connection.apply(batch)
        #expect(try filter.connection.elements(of: "four", in: inet) == [two])
        #expect(try filter.connection.elements(of: "links", in: inet).count == 1)
        // A set that is not there is something else than an element that is not there.
        for change in [ElementBatch.Change.add, .create, .delete, .destroy] {
            let error = refusal { try filter.apply(change, [one], set: "nowhere") }
            #expect(error?.isNotFound == true)
            #expect(error?.description.contains("set nowhere in table inet tasknet") == true)
        }
        try filter.connection.apply(ElementBatch())
    }

    @Test func oneRefusedChangeUndoesAllOthers() throws {
        let filter = try Filter(Self.text)
        var batch = ElementBatch()
        batch.append(.create, SetElement(try SetKey(.interface("eth0"))), set: "links", in: inet)
        batch.append(.create, SetElement(SetKey(try ip("fd00::1"))), set: "four", in: inet)
        let error = refusal { try filter.connection.apply(batch) }
        #expect(error?.errno == .invalidArgument)
        #expect(error?.object == "element fd00::1 of set four in table inet tasknet")
        #expect(try filter.connection.elements(of: "links", in: inet).isEmpty)
    }

    @Test func oneTransactionIsForSetsOfSeveralTables() throws {
        let arp = TableID(.arp, "tasknet")
        let filter = try Filter(
            Self.text + """

                table arp tasknet {
                    set addresses { type ipv4_addr; }
                }
                """)
        let one = SetElement(SetKey(try ip("10.0.0.1")))
        var batch = ElementBatch()
        batch.append(.create, one, set: "four", in: inet)
        batch.append(.create, one, set: "addresses", in: arp)
        let before = try filter.connection.generation()
        try filter.connection.apply(batch)
        #expect(try filter.connection.generation() == before + 1)
        #expect(try filter.connection.elements(of: "addresses", in: arp) == [one])

        var other = ElementBatch()
        other.append(.delete, one, set: "four", in: inet)
        other.append(.delete, SetElement(SetKey(try ip("10.0.0.9"))), set: "addresses", in: arp)
        let error = refusal { try filter.connection.apply(other) }
        #expect(error?.object == "element 10.0.0.9 of set addresses in table arp tasknet")
        #expect(try filter.connection.elements(of: "four", in: inet) == [one])
    }

    @Test func twentyThousandElementsAreOneTransaction() throws {
        let filter = try Filter(Self.text)
        let start = try #require(ip("10.0.0.0").v4).rawValue
        let elements = (0..<20_000).map { SetElement(SetKey(.v4(IPv4Address(rawValue: start + UInt32($0))))) }
        let nets = try (0..<20_000).map { number in
            let network = IPv4Address(rawValue: start + UInt32(number) << 4)
            return SetElement(.v4(try #require(IPv4CIDRBlock(network: network, prefixLength: 28))))
        }
        var batch = ElementBatch()
        batch.append(.create, elements, set: "four", in: inet)
        batch.append(.create, nets, set: "nets", in: inet)
        try filter.connection.apply(batch)
        #expect(try filter.connection.elements(of: "four", in: inet) == elements)
        #expect(try filter.connection.elements(of: "nets", in: inet) == nets)
        // Each is refused, and all the refusals arrive.
        let error = refusal { try filter.connection.apply(batch) }
        #expect(error?.isAlreadyExists == true)
        try filter.apply(.destroy, elements, set: "four")
        try filter.apply(.destroy, elements + [elements[0]], set: "four")
        #expect(try filter.connection.elements(of: "four", in: inet).isEmpty)
    }
}

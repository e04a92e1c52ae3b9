// SPDX-License-Identifier: Apache-2.0
import Addressing
import Linux
import Netfilter
import SystemPackage
import TestSupport
import Testing

@Suite(.requiresRoot)
struct IntervalTests {
    private static let text = """
        table inet tasknet {
            set four { type ipv4_addr; flags interval; }
            set six { type ipv6_addr; flags interval; }
            set boxes { type mark . ipv4_addr . inet_service; flags interval; }
        }

        """

    @Test(
        arguments: [
            (["10.0.0.0/8"], [prefix("10.0.0.0", 8)]),
            (["0.0.0.0/0"], [prefix("0.0.0.0", 0)]),
            (["255.255.255.255/32"], [.string("255.255.255.255")]),
            (["255.255.255.254/31"], [prefix("255.255.255.254", 31)]),
            (["0.0.0.0/32"], [.string("0.0.0.0")]),
            (["224.0.0.0/3"], [prefix("224.0.0.0", 3)]),
            (["0.0.0.0/1", "128.0.0.0/1"], [prefix("0.0.0.0", 1), prefix("128.0.0.0", 1)]),
            (
                ["10.0.1.0/24", "10.0.2.0/24", "10.0.3.7/32"],
                [prefix("10.0.1.0", 24), prefix("10.0.2.0", 24), .string("10.0.3.7")]
            ),
            (["fd00::/8"], [prefix("fd00::", 8)]),
            (["::/0"], [prefix("::", 0)]),
            (
                ["ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128"], [.string("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")]
            ),
            (["fd00::1/128", "fe80::/10"], [.string("fd00::1"), prefix("fe80::", 10)]),
        ] as [([String], [JSON])])
    func nftSeesThePrefixes(blocks: [String], shown: [JSON]) throws {
        let filter = try Filter(Self.text)
        let elements = try blocks.map { SetElement(try block($0)) }
        let set = blocks[0].contains(":") ? "six" : "four"
        try filter.apply(.create, elements, set: set)
        #expect(try filter.shown(set) == shown)
        #expect(try filter.connection.elements(of: set, in: inet) == elements)
        // There already is success.
        try filter.apply(.add, elements, set: set)
        // What nft adds is the same.
        let other = try Filter(Self.text + "add element inet tasknet \(set) { \(blocks.joined(separator: ", ")) }")
        #expect(try other.connection.elements(of: set, in: inet) == elements)
        try other.apply(.delete, elements, set: set)
        #expect(try other.connection.elements(of: set, in: inet).isEmpty)
        // And it can take away what we added.
        try filter.rules.apply("delete element inet tasknet \(set) { \(blocks.joined(separator: ", ")) }")
        #expect(try filter.shown(set).isEmpty)
    }

    @Test func aCoverHasNoOverlaps() throws {
        let texts = ["10.0.0.0/8", "255.0.0.0/8", "10.0.0.0/16", "10.0.0.0/8", "11.0.0.0/8", "fd00::/8", "fd00::1/128"]
        let cover = SetElement.covering(try texts.map(block))
        #expect(
            cover == (try ["10.0.0.0/8", "11.0.0.0/8", "255.0.0.0/8", "fd00::/8"].map { SetElement(try block($0)) }))
        let all = SetElement.covering(try (texts + ["0.0.0.0/0"]).map(block))
        #expect(all == (try ["0.0.0.0/0", "fd00::/8"].map { SetElement(try block($0)) }))
        #expect(SetElement.covering([]).isEmpty)
    }

    @Test func overlappingPrefixesAreRefused() throws {
        let filter = try Filter(Self.text)
        let wide = SetElement(try block("10.0.0.0/8"))
        try filter.apply(.add, [wide], set: "four")
        for narrow in try ["10.0.0.0/16", "10.5.0.0/16", "8.0.0.0/6"].map(block) {
            let error = refusal { try filter.apply(.add, [SetElement(narrow)], set: "four") }
            #expect(error?.object.hasPrefix("element \(narrow.firstAddress)-") == true)
            // Not there as such, though its addresses are.
            try filter.apply(.destroy, [SetElement(narrow)], set: "four")
        }
        #expect(try filter.connection.elements(of: "four", in: inet) == [wide])
        let backwards = SetElement(.range(SetKey(try ip("10.0.0.9")), through: SetKey(try ip("10.0.0.1"))))
        #expect(refusal { try filter.apply(.add, [backwards], set: "four") }?.errno == .invalidArgument)
    }

    @Test func boxesHaveARangeInEachField() throws {
        let filter = try Filter(Self.text)
        let boxes = [
            SetElement(
                .box(
                    try SetKey(.orderedNumber(7), .address(ip("10.0.0.0")), .port(1000)),
                    through: try SetKey(.orderedNumber(7), .address(ip("10.255.255.255")), .port(2000)))),
            SetElement(
                .box(
                    try SetKey(.orderedNumber(8), .address(ip("0.0.0.0")), .port(0)),
                    through: try SetKey(.orderedNumber(8), .address(ip("255.255.255.255")), .port(65535)))),
        ]
        try filter.apply(.create, boxes, set: "boxes")
        let shown = try Set(filter.shown("boxes"))
        #expect(
            shown == [
                concat(
                    .integer(7), prefix("10.0.0.0", 8), .object(["range": .list([.integer(1000), .integer(2000)])])),
                concat(.integer(8), prefix("0.0.0.0", 0), .object(["range": .list([.integer(0), .integer(65535)])])),
            ])
        #expect(try filter.connection.elements(of: "boxes", in: inet) == boxes)
        try filter.apply(.delete, boxes, set: "boxes")
        #expect(try filter.shown("boxes").isEmpty)
    }
}

// SPDX-License-Identifier: Apache-2.0
import Netfilter
import TestSupport
import Testing

/// Questions about one thing, which cost the same however many there are.
@Suite(.requiresRoot)
struct SingleReadTests {
    @Test func oneElement() throws {
        let filter = try Filter(
            """
            table inet tasknet {
                chain here {}
                set enis { type ifname . ether_addr . ipv4_addr; }
                set denied { type ifname; counter; elements = { "tn-1" counter packets 3 bytes 7 } }
                map ways { type devgroup : verdict; elements = { 84 : goto here } }
            }
            """)
        let key = try SetKey(.interface("tn-1"), .mac(mac("0a:1b:2c:3d:4e:5f")), .address(ip("10.0.9.1")))
        #expect(try filter.connection.element(key, of: "enis", in: inet) == nil)
        try filter.apply(.add, [SetElement(key)], set: "enis")
        #expect(try filter.connection.element(key, of: "enis", in: inet) == SetElement(key))
        let way = SetElement(try SetKey(.number(84)), .goto("here"))
        #expect(try filter.connection.element(way.key, of: "ways", in: inet) == way)
        let denied = try filter.connection.element(SetKey(.interface("tn-1")), of: "denied", in: inet)
        #expect(denied?.counter == Counter(packets: 3, bytes: 7))
        // Nor where there is no such set or table.
        #expect(try filter.connection.element(key, of: "none", in: inet) == nil)
        #expect(try filter.connection.element(key, of: "enis", in: TableID(.inet, "none")) == nil)
        #expect(refusal { _ = try filter.connection.element(key, of: "a b", in: inet) } != nil)
    }
}

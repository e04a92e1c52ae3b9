// SPDX-License-Identifier: Apache-2.0
import Addressing
import Testing

@testable import AWSPlugins

@Suite struct AddressRangeTests {
    @Test func leavesOutWhatIsReserved() throws {
        let range = AddressRange(try CIDRBlock(parsing: "10.0.0.0/30"))
        #expect(range.gateway.description == "10.0.0.1")
        #expect(range.address(range.last).description == "10.0.0.2")
        let six = AddressRange(try CIDRBlock(parsing: "2001:db8::/126"))
        #expect(six.gateway.description == "2001:db8::1")
        #expect(six.address(six.last).description == "2001:db8::3")
        let all = AddressRange(try CIDRBlock(parsing: "::/0"))
        #expect(all.last == UInt128.max)
    }

    @Test(
        arguments: [
            ([], 5, 9, 5), ([5], 5, 9, 6), ([5, 6, 8], 5, 9, 7), ([6], 5, 9, 5), ([5, 6, 7, 8, 9], 5, 9, nil),
            ([1, 2, 5], 5, 5, nil), ([1, 2], 5, 5, 5),
        ] as [([UInt128], UInt128, UInt128, UInt128?)])
    func firstFree(taken: [UInt128], first: UInt128, last: UInt128, expected: UInt128?) {
        #expect(AddressRange.firstFree(in: first...last, taken: taken) == expected)
    }

    @Test func theLastOfAllNumbers() {
        #expect(AddressRange.firstFree(in: UInt128.max...UInt128.max, taken: [UInt128.max]) == nil)
    }
}

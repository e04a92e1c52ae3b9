// SPDX-License-Identifier: Apache-2.0
import Addressing
import Linux
import Netfilter
import SystemPackage
import TestSupport
import Testing

@Suite(.requiresRoot)
struct DumpTests {
    /// A set of this many elements does not fit one datagram.
    private static let count: UInt32 = 3000

    private static func elements(_ network: UInt32) -> [SetElement] {
        (0..<count).map { SetElement(SetKey(.v4(IPv4Address(rawValue: network + $0)))) }
    }

    @Test func aSetThatChangesIsReadAsItWasAtOneTime() async throws {
        let filter = try Filter("table inet tasknet { set four { type ipv4_addr; }; }")
        let (one, other) = (Self.elements(10 << 24), Self.elements(11 << 24))
        try filter.apply(.create, one, set: "four")
        let namespace = filter.namespace
        // Puts the ones in the others' place again and again, each time at once.
        let writer = Task.detached {
            let connection = try NetfilterConnection(in: namespace)
            for round in 0..<20 {
                var batch = ElementBatch(inet)
                batch.append(.delete, round % 2 == 0 ? one : other, set: "four")
                batch.append(.create, round % 2 == 0 ? other : one, set: "four")
                try connection.apply(batch)
            }
        }
        for _ in 0..<40 {
            do {
                let read = try filter.connection.elements(of: "four", in: inet)
                #expect(read == one || read == other)
            } catch {
                // It changed too often.
                #expect(error.errno == .resourceTemporarilyUnavailable)
            }
        }
        try await writer.value
        #expect(try filter.connection.elements(of: "four", in: inet) == one)
    }
}

// SPDX-License-Identifier: Apache-2.0
import Addressing
import Linux
import SystemPackage
import TestSupport
import Testing

@testable import Netfilter

@Suite(.requiresRoot)
struct DumpTests {
    /// A set of this many elements does not fit one datagram.
    private static let count: UInt32 = 3000

    private static func elements(_ network: UInt32) -> [SetElement] {
        (0..<count).map { SetElement(SetKey(.v4(IPv4Address(rawValue: network + $0)))) }
    }

    /// Reads a set, and has it changed while each of the first readings is going on.
    ///
    /// - Returns: what was read, and in how many readings.
    private static func read(_ filter: Filter, changing changes: Int) throws -> ([SetElement], readings: Int) {
        let (one, other) = (elements(10 << 24), elements(11 << 24))
        try filter.apply(.create, one, set: "four")
        let writer = try NetfilterConnection(in: filter.namespace)
        var readings = 0
        var failure: (any Error)?
        let found: [ReadElement] = try filter.connection.list(
            { sequence in NetfilterConnection.elementsRequest("four", inet, sequence) },
            parse: { header, found throws(Refusal) in
                if found.isEmpty {
                    readings += 1
                    if readings <= changes {
                        var batch = ElementBatch()
                        batch.append(.delete, readings % 2 == 1 ? one : other, set: "four", in: inet)
                        batch.append(.create, readings % 2 == 1 ? other : one, set: "four", in: inet)
                        do { try writer.apply(batch) } catch { failure = error }
                    }
                }
                try ReadElement.read(header, into: &found)
            })
        if let failure { throw failure }
        return (found.map(\.element).sorted { $0.key < $1.key }, readings)
    }

    @Test func aSetThatChangesIsReadAgain() throws {
        let filter = try Filter(Self.text)
        let (elements, readings) = try Self.read(filter, changing: 3)
        #expect(readings == 4)
        #expect(elements == Self.elements(11 << 24))
        #expect(try filter.connection.elements(of: "four", in: inet) == elements)
    }

    @Test func aSetThatChangesAllTheTimeIsNotReadForEver() throws {
        let filter = try Filter(Self.text)
        let refusal = #expect(throws: Refusal.self) { _ = try Self.read(filter, changing: .max) }
        #expect(refusal?.errno == .resourceTemporarilyUnavailable)
        // What was left of it is not taken for the answer to another request.
        #expect(try filter.connection.elements(of: "four", in: inet) == Self.elements(10 << 24))
    }

    @Test func aKernelWithoutAPartOfItIsTold() throws {
        let connection = try NetfilterConnection(in: .create())
        // Nobody has the subsystem 0.
        let refusal = #expect(throws: Refusal.self) {
            let _: [Int] = try connection.list(
                { sequence in NetfilterMessage(0, 99, family: 0, sequence: sequence) }, parse: { _, _ in })
        }
        #expect(refusal?.errno == .notSupported)
        #expect(refusal.map { NetfilterError("list", "chains", $0).description.contains("modprobe") } == true)
    }

    private static let text = "table inet tasknet { set four { type ipv4_addr; }; }"
}

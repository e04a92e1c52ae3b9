// SPDX-License-Identifier: Apache-2.0
import Addressing
import Linux
import Netfilter
import TestSupport
import Testing

/// Texts that the tests are sure of.
func ip(_ text: String) throws -> IPAddress { try IPAddress(parsing: text) }
func block(_ text: String) throws -> CIDRBlock { try CIDRBlock(parsing: text) }
func mac(_ text: String) throws -> MACAddress { try MACAddress(parsing: text) }

let inet = TableID(.inet, "tasknet")

/// An unnamed namespace of a test's own, with a table in it.
struct Filter {
    let namespace: NetworkNamespace
    let rules: Ruleset
    let connection: NetfilterConnection

    init(_ text: String = "", in existing: NetworkNamespace? = nil) throws {
        namespace = try existing ?? .create()
        rules = Ruleset(in: namespace)
        connection = try NetfilterConnection(in: namespace)
        if !text.isEmpty { try rules.apply(text) }
    }

    func apply(_ change: ElementBatch.Change, _ elements: [SetElement], set: String, _ table: TableID = inet) throws {
        var batch = ElementBatch()
        batch.append(change, elements, set: set, in: table)
        try connection.apply(batch)
    }

    /// What nft itself says about a set: its elements, by nft's own JSON.
    func shown(_ set: String, _ table: TableID = inet, kind: String = "set") throws -> [JSON] {
        let document = try runJSON(["nft", "-j", "list", kind, table.family.rawValue, table.name, set], in: namespace)
        return document["nftables"].elements.first { !$0[kind].isNull }?[kind]["elem"].elements ?? []
    }
}

/// A concatenation in nft's JSON.
func concat(_ parts: JSON...) -> JSON { .object(["concat": .list(parts)]) }

/// A prefix in nft's JSON.
func prefix(_ address: String, _ length: Int) -> JSON {
    .object(["prefix": .object(["addr": .string(address), "len": .integer(length)])])
}

/// What a body throws, which has to be an error of this room.
func refusal(_ body: () throws -> Void) -> NetfilterError? {
    #expect(throws: NetfilterError.self) { try body() }
}

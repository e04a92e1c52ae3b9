// SPDX-License-Identifier: Apache-2.0
import Addressing
import Linux
import Netfilter
import SystemPackage
import TestSupport
import Testing

struct NameTests {
    static let hostile = [
        "", "a b", "a\0b", "a\nb", "a;flush ruleset", "a}", "a\"b", "a{b", "#a", "@a", "$a", "1a", "-a", "é", "a*",
        "../a", String(repeating: "a", count: 256),
    ]

    @Test(arguments: hostile)
    func hostileNamesAreRefused(name: String) {
        let error = #expect(throws: NetfilterError.self) { try NetfilterName.require(name, "chain") }
        #expect(error?.description.hasPrefix("use chain name \"") == true)
        #expect(error?.description.utf8.contains { $0 < 0x20 } == false)
    }

    @Test(arguments: [
        "a", "tasknet", "_a", "eni-0123456789abcdef0", "KUBE-SVC.1/x", String(repeating: "a", count: 255),
    ])
    func plainNamesPass(name: String) throws {
        try NetfilterName.require(name, "set")
    }

    @Test(.requiresRoot, arguments: hostile)
    func noRequestHasAHostileName(name: String) throws {
        let connection = try NetfilterConnection(in: .create())
        let table = TableID(.inet, name)
        let key = SetKey(try ip("10.0.0.1"))
        func batch(_ table: TableID, _ set: String, _ element: SetElement) throws {
            var batch = ElementBatch()
            batch.append(.add, element, set: set, in: table)
            try connection.apply(batch)
        }
        let errors = [
            refusal { try batch(table, "set", SetElement(key)) },
            refusal { try batch(inet, name, SetElement(key)) },
            refusal { try batch(inet, "set", SetElement(key, .goto(name))) },
            refusal { try batch(inet, "set", SetElement(.key(key), value: .object(name))) },
            refusal { _ = try connection.elements(of: name, in: inet) },
            refusal { _ = try connection.elements(of: "set", in: table) },
            refusal { _ = try connection.counters(in: table) },
            refusal { _ = try connection.counter(name, in: inet) },
            refusal { _ = try connection.chains(in: table) },
            refusal { _ = try connection.ruleFingerprints(in: table) },
        ]
        #expect(errors.allSatisfy { $0?.operation == "use" })
    }

    @Test(arguments: ["", "a/b", "a b", "a\0b", "0123456789abcdef"])
    func keysHaveOnlyInterfaceNames(name: String) {
        #expect(refusal { _ = try SetKey(.interface(name)) }?.errno == .invalidArgument)
    }

    @Test func keysHaveALimit() throws {
        #expect(refusal { _ = try SetKey([]) }?.errno == .invalidArgument)
        let six = SetKey.Part.address(try ip("fd00::1"))
        #expect(try SetKey(six, six, six, six).bytes.count == 64)
        #expect(refusal { _ = try SetKey(six, six, six, six, .number(1)) }?.errno == .invalidArgument)
    }

    @Test func aKernelWithoutItIsTold() {
        let error = NetfilterError("open", "netfilter socket", .protocolNotSupported)
        #expect(error.description.contains("modprobe"))
        #expect(!NetfilterError("open", "netfilter socket", .notPermitted).description.contains("modprobe"))
    }
}

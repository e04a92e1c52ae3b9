// SPDX-License-Identifier: Apache-2.0
import Glibc
import JSON
import Linux
import SystemPackage

extension Report {
    /// The report for programs. A median of `null` is none.
    ///
    /// - Parameter commit: what was measured, where it is known.
    func json(commit: String?) -> JSONNode {
        var members = [
            JSONMember("schema", 1),
            JSONMember("host", ["kernel": .string(Self.kernel), "processors": .number(Self.processors)]),
        ]
        if let commit { members.append(JSONMember("commit", .string(commit))) }
        members.append(JSONMember("samples", .array(rows.map(node))))
        members.append(JSONMember("notMeasured", .array(remarks.map(JSONNode.string))))
        return .object(members)
    }

    private func node(_ row: Row) -> JSONNode {
        var members = [
            JSONMember("case", .string(row.key.measured)),
            JSONMember("subject", .string(row.key.subject)),
            JSONMember("parameter", .string(row.key.parameter)),
            JSONMember("unit", .string(row.unit)),
            JSONMember("n", .number(row.values.count)),
            JSONMember("median", Self.number(row.values.median)),
            JSONMember("p95", Self.number(row.values.quantile(0.95))),
        ]
        if let base = row.base, let ratio = ratio(row) {
            members.append(
                JSONMember("ratioTo", ["subject": .string(base.subject), "parameter": .string(base.parameter)]))
            members.append(JSONMember("ratio", Self.number(ratio)))
        }
        return .object(members)
    }

    private static func number(_ value: Double) -> JSONNode { JSONNode(.number(fixed(value, digits: 3))) }

    private static var kernel: String { (try? TextFile.read("/proc/sys/kernel/osrelease")) ?? "" }
    private static var processors: Int { sysconf(CInt(_SC_NPROCESSORS_ONLN)) }
}

// SPDX-License-Identifier: Apache-2.0
/// What every kind of requirement can do.
protocol RequirementKind: Sendable {
    /// What it is, for people: "address 10.0.1.5/24 on eth0".
    var label: String { get }

    /// Where it must be true. What is in a namespace cannot be looked at when there is none.
    var scope: RequirementScope { get }

    /// Whether the kernel takes it away by itself when the task's namespace ends, so that a teardown of the whole
    /// namespace need not.
    var goesWithNamespace: Bool { get }

    /// The host's end by which it goes when that goes down, so that a teardown which takes it down need not undo this; nil
    /// where it stays.
    var goesWithHostEnd: InterfaceName? { get }

    /// Makes it true. Already true is success.
    func apply(in ground: Ground) throws -> ApplyOutcome

    /// What differs between this and the kernel, one difference each: what should be and what is.
    func check(in snapshot: Snapshot) throws -> [Difference]

    /// Makes it untrue. Already untrue is success.
    func undo(in ground: Ground) throws
}

extension RequirementKind {
    var goesWithNamespace: Bool { scope == .task }
    var goesWithHostEnd: InterfaceName? { nil }
}

/// What an apply found.
enum ApplyOutcome {
    /// It was not there before: a rollback takes it away again.
    case made
    /// It was there, as it should be or nearly: a rollback leaves it.
    case found
}

/// What should be, and what is.
struct Difference: Hashable {
    let expected: String
    let found: String
    var kind = Drift.Kind.difference

    static let missing = Difference(expected: "present", found: "missing")

    init(expected: String, found: String, kind: Drift.Kind = .difference) {
        self.expected = expected
        self.found = found
        self.kind = kind
    }

    /// nil when there is none.
    init?<Value: Equatable>(_ name: String, expected: Value?, found: Value?) {
        guard let expected, expected != found else { return nil }
        self.expected = "\(name) \(expected)"
        self.found = found.map { "\(name) \($0)" } ?? "no \(name)"
    }
}

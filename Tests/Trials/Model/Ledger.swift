// SPDX-License-Identifier: Apache-2.0

/// What one client was told of its things. Only that client writes in it, and between rounds the comparison.
struct Ledger: Sendable {
    let client: Int
    var tasks: [Int: TaskEntry] = [:]
    /// Labels of tasks that have stopped: they can be described for hours yet.
    var endedTasks: Set<String> = []
    var devices: [Int: DeviceEntry] = [:]
    var sandboxes: [Int: SandboxEntry] = [:]
    var groups: [Int: GroupEntry] = [:]
    /// ARNs of revisions that were registered.
    var definitions: Set<String> = []
    /// Labels of tasks that were refused: there must be none of them.
    var refusedTasks: Set<String> = []
    /// So that no name comes twice.
    var counter = 0

    init(client: Int) { self.client = client }

    /// A name that nothing had before.
    mutating func newName(_ kind: String) -> String {
        counter += 1
        return "c\(client)-\(kind)-\(counter)"
    }

    var network: String { "net\(client)" }
}

/// A task that was asked for.
struct TaskEntry: Sendable {
    /// Its `startedBy`, by which it is found when its ARN is not known.
    let label: String
    let shape: TaskShape
    var arn: String?
    var stop = Certainty.no
    /// Ids of the groups that its first ENI may be in. More than one choice after a change that was not answered.
    var groupChoices: [Set<String>]

    var id: String? { arn?.split(separator: "/").last.map(String.init) }
}

/// A device of the host's that an ENI is made of.
struct DeviceEntry: Sendable {
    /// Its names on the host, and its other end's.
    let name: String
    let peer: String
    let mac: String
    /// Of the last attachment.
    var networkInterfaceID: String
    /// The task that it is in, or was last.
    var taskLabel: String?
    var attachment = Certainty.no
}

/// A namespace of the trial's, and the ENI in it.
struct SandboxEntry: Sendable {
    /// The container's id and the namespace's name.
    let name: String
    var attachment = Certainty.no
    /// Whether the namespace is there.
    var isThere = false
    /// Whether the ENI was put into a namespace that is gone.
    var isOrphaned = false

    /// It has no ENI any more.
    mutating func forgetAttachment() { (attachment, isOrphaned) = (.no, false) }
}

/// A security group.
struct GroupEntry: Sendable {
    let name: String
    var id: String?
    var existence: Certainty
    var rules: [Int: Certainty] = [:]
}

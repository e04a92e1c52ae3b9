// SPDX-License-Identifier: Apache-2.0
import Linux
import Netlink

/// A veth's end in the task can send.
///
/// When the other end comes up the kernel notes that this one is connected, and opens its queue later, in its own time:
/// until then it drops what is sent, without a word. Whoever asks for the link has that done at once (Linux 6.10); an
/// older kernel says when it has come to it.
package struct ReadyRequirement: Hashable, Sendable, Codable {
    package let name: InterfaceName

    /// Far longer than the kernel ever takes.
    static let patience = Duration.seconds(5)
}

extension ReadyRequirement: RequirementKind {
    var label: String { "\(name) ready" }
    var scope: RequirementScope { .task }

    func apply(in ground: Ground) throws -> ApplyOutcome {
        let task = try ground.task()
        let index = try task.index(of: name)
        if try isReady(task.connection.link(index: index)) { return .found }
        let events = try LinkEvents(in: task.namespace)
        let deadline = ContinuousClock.now.advanced(by: Self.patience)
        while try !isReady(task.connection.link(index: index)) {
            guard try events.next(until: deadline) != nil else {
                throw ConflictError("the kernel has not connected \(name) in \(Self.patience)")
            }
        }
        return .found
    }

    func check(in snapshot: Snapshot) throws -> [Difference] {
        guard let link = try snapshot.task?.link(name), link.isUp, !link.flags.contains(.lowerUp) else { return [] }
        return [Difference(expected: "connected", found: "not connected")]
    }

    func undo(in ground: Ground) {}

    private func isReady(_ link: Link) -> Bool { link.operationalState == .up }
}

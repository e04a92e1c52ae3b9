// SPDX-License-Identifier: Apache-2.0
package import Addressing
import Linux
import Netlink
import SystemPackage

/// A veth's end in the task can send, and is answered.
///
/// Two things the kernel only does in its own time, after it has said yes. When the other end comes up it notes that
/// this one is connected, and opens its queue later; until then it drops what is sent, without a word. And an IPv6
/// address is there, but packets to it are dropped until its local route is made. On a busy machine that can take
/// a while, and nobody should have to try again because of it.
package struct ReadyRequirement: Hashable, Sendable, Codable {
    package let name: InterfaceName
    /// The IPv6 addresses on it.
    package let ipv6Addresses: [IPv6Address]

    /// Far longer than the kernel ever takes.
    static let patience = Duration.seconds(5)
}

extension ReadyRequirement: RequirementKind {
    var label: String { "\(name) ready" }
    var scope: RequirementScope { .task }

    func apply(in ground: Ground) throws -> ApplyOutcome {
        let task = try ground.task()
        if try isReady(task) { return .found }
        let changes = try ChangeSignal(in: task.namespace)
        let deadline = ContinuousClock.now.advanced(by: Self.patience)
        while try !isReady(task) {
            guard try changes.wait(until: deadline) else {
                throw ConflictError(
                    "the kernel has not made \(name) ready in \(Self.patience): see its log (dmesg), and try again")
            }
        }
        return .found
    }

    func check(in snapshot: Snapshot) throws -> [Difference] {
        guard let link = try snapshot.task?.link(name), link.isUp, !link.flags.contains(.lowerUp) else { return [] }
        return [Difference(expected: "connected", found: "not connected")]
    }

    func undo(in ground: Ground) {}

    private func isReady(_ task: Side) throws(NetlinkError) -> Bool {
        // Since Linux 6.10 asking for the link has its queue opened at once; before, the answer says whether it is.
        guard try task.connection.link(index: task.index(of: name)).operationalState == .up else { return false }
        for address in ipv6Addresses where try !isLocal(address, task) { return false }
        return true
    }

    private func isLocal(_ address: IPv6Address, _ task: Side) throws(NetlinkError) -> Bool {
        do throws(NetlinkError) {
            return try task.connection.route(to: .v6(address)).kind == .local
        } catch {
            // The kernel's word for "nowhere".
            guard error.errno == .networkUnreachable || error.errno == .noRouteToHost else { throw error }
            return false
        }
    }
}

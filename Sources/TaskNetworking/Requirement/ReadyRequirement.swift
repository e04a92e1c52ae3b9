// SPDX-License-Identifier: Apache-2.0
package import Addressing
import Linux
import Netlink
import SystemPackage

/// A link can send, and is answered: a veth's end, or a bridge with a port.
///
/// Two things the kernel only does in its own time, after it has said yes. When the other end comes up it notes that
/// this one is connected, and opens its queue later; until then it drops what is sent, without a word. And an IPv6
/// address is there, but packets to it are dropped until its local route is made. On a busy machine that can take
/// a while, and nobody should have to try again because of it.
///
/// A bridge that runs the spanning tree protocol is not waited for: whoever has it listen for half a minute before it
/// forwards wants it so.
package struct ReadyRequirement: Hashable, Sendable, Codable {
    package let name: InterfaceName
    /// The IPv6 addresses on it.
    package let ipv6Addresses: [IPv6Address]
    /// Where it is; nil is in the task.
    private let place: RequirementScope?

    package init(scope: RequirementScope = .task, name: InterfaceName, ipv6Addresses: [IPv6Address] = []) {
        self.name = name
        self.ipv6Addresses = ipv6Addresses
        place = scope == .task ? nil : scope
    }

    /// Far longer than the kernel ever takes.
    static let patience = Duration.seconds(5)
}

extension ReadyRequirement: RequirementKind {
    var label: String { "\(name) ready" }
    var scope: RequirementScope { place ?? .task }

    func apply(in ground: Ground) throws -> ApplyOutcome {
        let side = try ground.side(scope)
        if try isReady(side) { return .found }
        let changes = try ChangeSignal(in: side.namespace)
        let deadline = ContinuousClock.now.advanced(by: Self.patience)
        while try !isReady(side) {
            guard try changes.wait(until: deadline) else {
                throw ConflictError(
                    "the kernel has not made \(name) ready in \(Self.patience): see its log (dmesg), and try again")
            }
        }
        return .found
    }

    func check(in snapshot: Snapshot) throws -> [Difference] {
        guard let link = try snapshot.side(scope)?.link(name), link.isUp, !link.flags.contains(.lowerUp),
            !link.runsSpanningTree
        else { return [] }
        return [Difference(expected: "connected", found: "not connected")]
    }

    func undo(in ground: Ground) {}

    private func isReady(_ side: Side) throws(NetlinkError) -> Bool {
        // Since Linux 6.10 asking for the link has its queue opened at once; before, the answer says whether it is.
        let link = try side.connection.link(index: side.index(of: name))
        guard link.operationalState == .up || link.runsSpanningTree else { return false }
        for address in ipv6Addresses where try !isLocal(address, side) { return false }
        return true
    }

    private func isLocal(_ address: IPv6Address, _ side: Side) throws(NetlinkError) -> Bool {
        do throws(NetlinkError) {
            return try side.connection.route(to: .v6(address)).kind == .local
        } catch {
            // The kernel's word for "nowhere".
            guard error.errno == .networkUnreachable || error.errno == .noRouteToHost else { throw error }
            return false
        }
    }
}

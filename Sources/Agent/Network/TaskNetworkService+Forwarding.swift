// SPDX-License-Identifier: Apache-2.0
import Addressing
import Logging
import Netlink
import TaskNetworking
import VPC

extension TaskNetworkService {
    /// Has the links of the default routes forward, where the configuration lets it and there is who needs it; gives back
    /// what is not needed any more. In the host's turn.
    ///
    /// What the kernel refuses is logged: tasks still reach each other.
    func forward(for subnets: [Subnet]) async throws {
        let kernel = kernel
        let stored = try await store.read { try $0.hostNetworkPlan() } ?? HostNetworkPlan(requirements: [])
        let families = familiesToForward(subnets, stored)
        let managesForwarding = configuration.managesForwarding
        let plan = try await Blocking.run {
            let uplinks = managesForwarding && !families.isEmpty ? try kernel.uplinks() : []
            return stored.forwarding(by: uplinks.filter { families.contains($0.family) }, after: stored)
        }
        let both = HostNetworkPlan(
            requirements: plan.requirements + plan.superseded(of: stored).forwarding.requirements)
        do {
            let made = try await journal.make(
                .forwarding,
                intent: { if both != stored { try $0.setHostNetworkPlan(both) } },
                kernel: { kernel, _ in try await forward(plan, after: stored, meanwhile: both, by: kernel) },
                outcome: { store, made in
                    if made != both { try store.setHostNetworkPlan(made) }
                    return made
                })
            if made == stored, plan != stored { return }
            note(made.linksForwardingForTasks)
            try await forwardingLinksChanged(made.linksForwardingForTasks)
        } catch {
            log.error("forwarding on the host's uplinks is not as it should be", metadata: ["error": "\(error)"])
        }
    }

    /// - Returns: what has been made.
    private func forward(
        _ plan: HostNetworkPlan, after stored: HostNetworkPlan, meanwhile both: HostNetworkPlan, by kernel: TaskNetwork
    ) async throws -> HostNetworkPlan {
        do {
            // A link must not forward others' packets for a moment before it is told from the rest, or after.
            try await forwardingLinksChanged(both.linksForwardingForTasks)
        } catch {
            log.error(
                "the host forwards no more than it did, as others than tasks could use it",
                metadata: ["error": "\(error)"])
            if !Set(plan.forwarding.requirements).isSubset(of: stored.forwarding.requirements) { return stored }
        }
        _ = try await Blocking.run { try kernel.apply(plan.forwarding, replacing: stored.forwarding) }
        return plan
    }

    /// Of the subnets that reach the outside; of one that is no longer in the configuration, and still has tasks, nobody
    /// knows any more whether it did.
    private func familiesToForward(_ subnets: [Subnet], _ stored: HostNetworkPlan) -> Set<IPFamily> {
        let routed = routed(subnets, by: configuration)
        let known = Set(routed.flatMap(\.cidrBlocks))
        let reaching = routed.filter { $0.route != .none }.flatMap(\.cidrBlocks)
        return Set((reaching + stored.blocks.filter { !known.contains($0) }).map(\.family))
    }

    private func note(_ links: [IPFamily: [String]]) {
        guard links != forwardingLinks else { return }
        forwardingLinks = links
        log.notice(
            "links that forward for tasks alone",
            metadata: Dictionary(
                uniqueKeysWithValues: IPFamily.allCases.map { family in
                    ("\(family)", "\(links[family]?.joined(separator: ", ") ?? "none")")
                }))
    }

    /// Follows the default routes, and who else switches forwarding on or off, until it is cancelled.
    func followRouting() async {
        do {
            let events = try RoutingEvents(in: kernel.hostNamespace)
            // What changed since the start of the daemon.
            try await mendForwarding()
            while let happened = try await events.next() {
                guard try await concerns(happened) else { continue }
                try await mendForwarding()
                try await mendTaskLinks(after: happened)
            }
        } catch {
            log.error(
                "the host's default routes are not followed any more: restart tasknetd after a change of them",
                metadata: ["error": "\(error)"])
        }
    }

    /// Whether it is about more than one link that no default route leaves by, as a task's link that comes or goes.
    private func concerns(_ events: Set<RoutingEvent>) async throws -> Bool {
        var links: [Int32] = []
        for event in events {
            guard case .settings(let index?) = event else { return true }
            links.append(index)
        }
        let kernel = kernel
        let names = try await Blocking.run { [links] in try links.compactMap { try kernel.linkName($0) } }
        return names.contains { name in !name.hasPrefix("tn-") }
    }

    private func mendTaskLinks(after events: Set<RoutingEvent>) async throws {
        guard configuration.managesForwarding, !events.isDisjoint(with: [.settings(linkIndex: nil), .overflow]) else {
            return
        }
        let mended = try await journal.make(
            .repair,
            intent: { _ in },
            kernel: { kernel, _ in try await Blocking.run { try kernel.mendTaskLinks() } },
            outcome: { $1 })
        guard !mended.isEmpty else { return }
        log.warning(
            "something has switched IPv4 forwarding off; it is on again for tasks",
            metadata: ["links": "\(mended.joined(separator: ", "))"])
    }
}

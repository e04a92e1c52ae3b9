// SPDX-License-Identifier: Apache-2.0
import Addressing
import TaskNetworking
import VPC

extension TaskNetworkService {
    func setUpHost() async throws {
        let subnets = configuration.subnets
        try await setUpHost(subnets: subnets)
        let (leases, turns) = try await store.read { store in
            (
                try store.leases(),
                try Dictionary(uniqueKeysWithValues: subnets.map { ($0.id, try store.turn(of: $0.id)) })
            )
        }
        pools.change(to: subnets, leases: leases, turns: turns)
    }

    func setUpHost(subnets: [Subnet]) async throws {
        try await journal.inTurn(of: .host) {
            try await makeHostSide(of: subnets)
            try await forward(for: subnets)
        }
    }

    /// Mends which links forward, and tells what was mended.
    func mendForwarding() async throws {
        try await journal.inTurn(of: .host) { try await forward(for: configuration.subnets) }
    }

    /// What differs between a subnet's host side and the kernel.
    func hostDifferences(of subnet: Subnet) async throws -> [Drift] {
        let kernel = kernel
        return try await Blocking.run {
            try kernel.check(HostNetworkPlan(subnets: [subnet], host: try kernel.hostFacts()))
        }
    }

    /// Makes the host's side of these subnets, and takes away what an earlier configuration had more, also one of an
    /// earlier daemon; but not what ENIs are still in. In the host's turn.
    private func makeHostSide(of subnets: [Subnet]) async throws {
        let kernel = kernel
        let (stored, leases) = try await store.read { (try $0.hostNetworkPlan(), try $0.leases()) }
        let previous = stored?.withoutForwarding
        let forwarding = stored?.forwarding.requirements ?? []
        let routed = routed(subnets, by: configuration)
        try await refuseConflicts(of: routed)
        var wanted = try await Blocking.run { HostNetworkPlan(subnets: routed, host: try kernel.hostFacts()) }
        let superseded = previous.map { wanted.superseded(of: $0) } ?? HostNetworkPlan(requirements: [])
        let both = HostNetworkPlan(requirements: wanted.requirements + superseded.requirements + forwarding)
        wanted.requirements += superseded.serving(leases.map(\.address)).requirements
        let plan = wanted
        try await journal.make(
            .hostNetwork,
            intent: { try $0.setHostNetworkPlan(both) },
            kernel: { kernel, _ in
                _ = try await Blocking.run { try kernel.apply(plan, replacing: previous) }
            },
            outcome: { store, _ in
                try store.setHostNetworkPlan(HostNetworkPlan(requirements: plan.requirements + forwarding))
            })
    }

    /// On a LAN of its own an ENI has nothing of the host's: the subnet's router is another machine.
    nonisolated func routed(_ subnets: [Subnet], by configuration: AgentConfiguration) -> [Subnet] {
        configuration.interfaceType.needsParent ? [] : subnets
    }
}

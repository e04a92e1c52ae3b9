// SPDX-License-Identifier: Apache-2.0
import Addressing
import Firewall
import Linux
import Logging
import Netfilter
import ServiceLifecycle
import TaskNetworking
import VPC

/// The daemon's hold on security groups: the configuration's and those that the API made, who is in them, and that the
/// kernel has them.
///
/// Every change is in the store before it is in the kernel, and all are made one after the other: what the kernel refuses
/// leaves the store again.
actor SecurityGroupService: AgentPart {
    let store: Store
    let log: Logger
    private let current: CurrentConfiguration
    let journal: NetworkJournal
    private var firewall: Firewall?
    /// Whether the kernel has the whole state, and small changes can be made to it.
    private(set) var isApplied = false
    /// How often it was made anew because it was not as it ought to be.
    var repairCount = 0
    private var routersForTasks: [IPFamily: [String]] = [:]
    private let boot: BootChange
    private var keptCombinations: [[String]: UInt32]?
    /// The ENIs that the kernel has been told of. The store knows one before: the packet filter lacks nothing then.
    var admitted: Set<String> = []

    init(_ context: AgentContext, journal: NetworkJournal) {
        store = context.store
        log = context.logger(for: "security groups")
        current = context.configuration
        boot = context.boot
        self.journal = journal
    }

    nonisolated var configuration: AgentConfiguration { current.value }
    nonisolated var host: NetworkNamespace { journal.view.hostNamespace }

    /// Before any task is taken over: what runs is not interrupted, and nothing new runs without it. Where the kernel
    /// cannot do it, tasks are refused that would need it.
    func prepare() async throws {
        do {
            // What an earlier daemon had forward, so that there is no moment in which it does so for others.
            if case .same = boot {
                routersForTasks = try await store.read { try $0.hostNetworkPlan()?.linksForwardingForTasks ?? [:] }
            }
            try await inTurn {
                try await supersedeDefault()
                try await applyAll()
            }
            for text in try await danglingReferences() { log.error("\(text)") }
        } catch {
            log.error("security groups are not enforced: no veth ENIs are made", metadata: ["error": "\(error)"])
        }
    }

    func run() async throws {
        await cancelWhenGracefulShutdown { await self.watch() }
        try? await gracefulShutdown()
        await leave()
    }

    /// Without tasks and sandboxes the tables go with the daemon; with any they stay for them.
    func leave() async {
        do {
            guard try await store.read({ try $0.unstoppedTasks().isEmpty && !$0.hasSandboxes() }) else { return }
            try await inTurn {
                guard let firewall else { return }
                isApplied = false
                try await journal.make(
                    .packetFilter, intent: { _ in },
                    kernel: { _, _ in try await Blocking.run { try firewall.removeAll() } }, outcome: { _, _ in })
            }
        } catch {
            log.error("the firewall's tables are not taken away", metadata: ["error": "\(error)"])
        }
    }

    func configurationChanged(_ difference: ConfigurationDifference) async {
        do {
            try await inTurn {
                try await supersedeDefault()
                try await applyAll()
            }
        } catch {
            return log.error("security groups stay as they were in the kernel", metadata: ["error": "\(error)"])
        }
        do {
            try await endRevokedConnections()
        } catch {
            log.error("\(error)")
        }
    }

    /// After a failure of before, or a change by others, all is made true here.
    func mend() async -> String? {
        do {
            if isApplied {
                return try await repair() ? "the packet filter is made anew" : nil
            }
            try await inTurn { try await applyAll() }
            await noteRepair("security groups were not enforced")
            return "security groups are enforced"
        } catch {
            log.error("security groups stay as they are in the kernel", metadata: ["error": "\(error)"])
            return nil
        }
    }

    /// Has these links of the host forward a family for tasks alone.
    ///
    /// - Throws: where that is not made sure. It is tried again with the next change.
    func setRoutersForTasks(_ links: [IPFamily: [String]]) async throws {
        guard links != routersForTasks || !isApplied && !links.isEmpty else { return }
        routersForTasks = links
        try await inTurn {
            isApplied = false
            try await applyAll()
        }
    }
}

// MARK: - The kernel

extension SecurityGroupService {
    /// One change at a time, in the order in which they come.
    func inTurn<Result: Sendable>(_ body: () async throws -> Result) async rethrows -> Result {
        try await journal.inTurn(of: .packetFilter, body)
    }

    /// The whole VPC as it is now.
    func model() async throws -> NetworkModel {
        let configuration = configuration
        var model = try await store.read { try $0.networkModel(configuration) }
        model.routersForTasks = routersForTasks
        return model
    }

    /// What the kernel ought to have now.
    func expectedState() async throws -> FirewallState {
        var model = try await model()
        model.interfaces.removeAll { !admitted.contains($0.id) }
        return model.firewallState
    }

    /// nil where nothing is enforced.
    var enforcing: Firewall? { isApplied ? firewall : nil }

    /// Makes the whole state true: what the store has is the intent.
    func applyAll() async throws {
        let (configuration, routersForTasks) = (configuration, routersForTasks)
        let firewall = try await connected()
        try await journal.make(
            .packetFilter,
            intent: { store in
                var model = try store.networkModel(configuration)
                model.routersForTasks = routersForTasks
                return model
            },
            kernel: { _, model in
                try await Blocking.run { try firewall.apply(model.firewallState) }
                isApplied = true
                admitted = Set(model.interfaces.map(\.id))
            },
            outcome: { _, _ in })
        try await keepCombinations(firewall)
    }

    /// Has nothing more be changed before the whole state is true.
    func applyAllFirst() { isApplied = false }

    func connected() async throws -> Firewall {
        if let firewall { return firewall }
        let numbers = try await store.read { try $0.securityGroupCombinations() }
        let host = host
        let firewall = try await Blocking.run {
            try Firewall(host: host, combinations: Combinations(linkGroups: numbers))
        }
        self.firewall = firewall
        return firewall
    }

    /// A link keeps its number while there is no daemon.
    private func keepCombinations(_ firewall: Firewall) async throws {
        let numbers = firewall.combinations.linkGroups
        guard numbers != keptCombinations else { return }
        try await store.write { try $0.setSecurityGroupCombinations(numbers) }
        keptCombinations = numbers
    }

    /// Makes a change to what the kernel has, in this one's turn. Where that fails, somebody may have taken away what it
    /// builds on: the whole state is made true first.
    func change<Result: Sendable>(
        _ body: @escaping @Sendable (Firewall) throws -> Result
    ) async throws -> Result {
        do {
            var wasApplied = isApplied
            if !isApplied { try await applyAll() }
            let firewall = try await connected()
            while true {
                do {
                    let result = try await Blocking.run { try body(firewall) }
                    try await keepCombinations(firewall)
                    return result
                } catch  where wasApplied {
                    wasApplied = false
                    log.warning("the firewall is made anew", metadata: ["because": "\(error)"])
                    try await applyAll()
                }
            }
        } catch {
            throw SecurityGroupError.notEnforced("\(error)")
        }
    }

    /// Looks at what the kernel has of the model as it is now, while nobody changes either.
    ///
    /// - Parameter body: is given no firewall where nothing is enforced. It runs where calls may block.
    func look<Result: Sendable>(
        _ body: @escaping @Sendable (NetworkModel, Firewall?) throws -> Result
    ) async throws -> Result {
        try await inTurn {
            let model = try await model()
            let firewall = enforcing
            return try await Blocking.run { try body(model, firewall) }
        }
    }

    /// What has been counted; nil where nothing is enforced.
    func counters() async -> FirewallCounters? {
        guard let firewall = enforcing else { return nil }
        do {
            return try await Blocking.run { try firewall.counters() }
        } catch {
            log.warning("counters are not read", metadata: ["error": "\(error)"])
            return nil
        }
    }
}

/// Why a change of security groups cannot be made.
enum SecurityGroupError: Error, Hashable, Sendable, CustomStringConvertible {
    case notEnforced(String)
    /// The change itself is made.
    case connectionsNotEnded(String)

    var description: String {
        switch self {
        case .connectionsNotEnded(let reason):
            "the change is made, but connections that it no longer allows may go on: \(reason)"
        case .notEnforced(let reason): "security groups cannot be enforced, so nothing was changed: \(reason)"
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
import Addressing
import Logging
import ServiceLifecycle
import VPC

/// The daemon's hold on its tasks' networks: which addresses are whose, and what is made in the kernel for which task.
/// Every change goes by the journal: intent is in the store before the kernel is touched, and leaves it after the kernel
/// is clean again.
actor TaskNetworkService: AgentPart {
    let store: Store
    nonisolated let traces: TraceRecorder
    nonisolated let journal: NetworkJournal
    nonisolated let groups: SecurityGroupService
    let pool: WarmPool
    /// Told of each namespace in which a task's network is.
    let taskNamespaces: TaskNamespaces
    let log: Logger
    private let current: CurrentConfiguration
    var pools = AddressPools(subnets: [], leases: [])
    /// Attachments to running tasks that are under way.
    var attachments = AttachmentsUnderWay()
    /// The host's links that forward for tasks alone, by name: nothing else is to go by them.
    var forwardingLinks: [IPFamily: [String]] = [:]
    /// Told which are to forward, before they do: where it throws nothing is made to forward.
    var forwardingLinksChanged: @Sendable ([IPFamily: [String]]) async throws -> Void

    init(
        _ context: AgentContext, journal: NetworkJournal, groups: SecurityGroupService, pool: WarmPool,
        taskNamespaces: TaskNamespaces
    ) {
        self.pool = pool
        self.taskNamespaces = taskNamespaces
        store = context.store
        traces = context.traces
        self.journal = journal
        self.groups = groups
        log = context.logger(for: "network")
        current = context.configuration
        forwardingLinksChanged = { try await groups.setRoutersForTasks($0) }
    }

    nonisolated var configuration: AgentConfiguration { current.value }
    nonisolated var kernel: any KernelView { journal.view }

    /// Makes the host's side of the configured subnets, and takes down what an earlier daemon could not.
    func prepare() async throws {
        try await setUpHost()
        _ = try await retryKept()
    }

    /// Makes the host's side of what are the subnets now; running tasks stay as they are.
    func configurationChanged(_ difference: ConfigurationDifference) async {
        do {
            try await setUpHost()
        } catch {
            log.error("the host's side of the subnets stays as it was", metadata: ["error": "\(error)"])
        }
    }

    /// Without tasks and sandboxes the host's side of the subnets goes with the daemon; with any it stays for them.
    func run() async throws {
        await withTaskGroup { group in
            group.addTask { await self.followRouting() }
            try? await gracefulShutdown()
            group.cancelAll()
        }
        do {
            guard try await store.read({ try $0.unstoppedTasks().isEmpty && !$0.hasSandboxes() }) else { return }
            try await setUpHost(subnets: [])
        } catch {
            log.error("the host's side of the subnets is not wholly taken down", metadata: ["error": "\(error)"])
        }
    }
}

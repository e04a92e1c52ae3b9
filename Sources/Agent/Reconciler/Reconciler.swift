// SPDX-License-Identifier: Apache-2.0
import ECSAPI
import Logging
import ServiceLifecycle
import TaskNetworking
import VPC

/// Compares what ought to be with what the kernel has, and puts right what differs: when the daemon starts, whenever
/// something happens that can be about it, from time to time, and when somebody asks.
///
/// Looking takes nobody's turn; before anything is changed it is looked at again in the owner's turn, where nobody else
/// changes it.
actor Reconciler: AgentPart {
    let store: Store
    let journal: NetworkJournal
    let groups: SecurityGroupService
    let network: TaskNetworkService
    let sandboxes: SandboxNetworkService
    let taskNamespaces: TaskNamespaces
    let log: Logger
    private let current: CurrentConfiguration
    /// One looks at everything at a time.
    let runs = Turns<String>()
    var histories: [NetworkOwner: RepairHistory] = [:]
    /// Networks that were to go and are still there, since when, and how often that was tried.
    var kept: [KeptNetwork: (since: Timestamp, attempts: Int)] = [:]
    var repairCounts: [String: Int] = [:]
    var removalCounts: [String: Int] = [:]
    /// Links that the kernel was about to take away at the last look.
    var released: Set<OwnedLink> = []
    var lastRun: ReconciliationDescription.Run?
    /// The next attempts of those that could not be put right at once.
    private var retries: [NetworkOwner: Task<Void, Never>] = [:]
    /// Waits for the next run.
    private var clock: Task<Void, Never>?

    init(
        _ context: AgentContext, journal: NetworkJournal, groups: SecurityGroupService, network: TaskNetworkService,
        sandboxes: SandboxNetworkService, taskNamespaces: TaskNamespaces
    ) {
        self.taskNamespaces = taskNamespaces
        store = context.store
        self.journal = journal
        self.groups = groups
        self.network = network
        self.sandboxes = sandboxes
        log = context.logger(for: "reconciler")
        current = context.configuration
    }

    nonisolated var configuration: AgentConfiguration { current.value }
    nonisolated var kernel: any KernelView { journal.view }

    func run() async throws {
        await cancelWhenGracefulShutdown { await self.reconcile() }
        try? await gracefulShutdown()
        clock?.cancel()
        for retry in retries.values { retry.cancel() }
        retries = [:]
    }

    /// Answers when it is not stuck.
    func proveAlive() async throws {}

    func configurationChanged(_ difference: ConfigurationDifference) {
        if difference.live.contains(where: { $0.key == .reconcileInterval }) { startClock() }
    }

    private func reconcile() async {
        startClock()
        await withDiscardingTaskGroup { group in
            group.addTask { await self.watchKernel() }
            group.addTask { await self.watchNamespaces() }
        }
    }

    /// Looks at everything once in each interval.
    private func startClock() {
        clock?.cancel()
        let interval = configuration.reconcileInterval
        guard interval > .zero else { return }
        clock = Task { [weak self] in
            while (try? await Task.sleep(for: interval)) != nil { await self?.runUnasked() }
        }
    }

    /// A run that nobody waits for the answer of.
    func runUnasked() async {
        do {
            try await runAll()
        } catch is CancellationError {
            // The daemon ends.
        } catch {
            log.error("the kernel is not compared with what ought to be", metadata: ["error": "\(error)"])
        }
    }

    /// Looks at an owner again when its time has come.
    func retry(_ owner: NetworkOwner) {
        guard let delay = histories[owner]?.delay(at: .now) else { return }
        retries[owner]?.cancel()
        retries[owner] = Task { [weak self] in
            guard (try? await Task.sleep(for: delay)) != nil else { return }
            await self?.check([owner])
        }
    }

    func forgetRetry(of owner: NetworkOwner) { retries.removeValue(forKey: owner)?.cancel() }
}

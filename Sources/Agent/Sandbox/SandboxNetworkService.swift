// SPDX-License-Identifier: Apache-2.0
import ECSAPI
import Logging
import ServiceLifecycle
import SystemPackage
import TaskNetworking
import VPC

/// The daemon's hold on ENIs in namespaces that others made (CNI's sandboxes). Addresses, plans and the host's side are
/// the task networks', and so is the rule: intent is in the store before the kernel is touched, and leaves it after the
/// kernel is clean again.
///
/// What is in a sandbox is left alone: what it does to its own network is its runtime's affair. The host's side of it is
/// kept as it ought to be.
actor SandboxNetworkService: AgentPart {
    let network: TaskNetworkService
    nonisolated let journal: NetworkJournal
    let store: Store
    let log: Logger
    private let current: CurrentConfiguration
    private let deletionDirectory: FilePath
    nonisolated let releasedLinks: ReleasedLinks
    /// One at a time looks for deletions that were left, and does them.
    private let deliveries = Turns<FilePath>()
    /// The additions under way: a deletion ends those that came before it.
    private var additions: [SandboxRecord.Key: [Int: Task<Attachment, any Error>]] = [:]
    private var additionCount = 0

    /// An ENI that is in its sandbox.
    struct Attachment: Sendable {
        var interface: NetworkInterfaceRecord
        var sandbox: SandboxRecord
        var plan: TaskNetworkPlan
        /// As the kernel has them.
        var links: [SandboxInterface]
    }

    init(_ context: AgentContext, network: TaskNetworkService) {
        self.network = network
        journal = network.journal
        releasedLinks = ReleasedLinks(journal, log: context.logger(for: "sandboxes"))
        store = context.store
        log = context.logger(for: "sandboxes")
        current = context.configuration
        deletionDirectory = context.sandboxDeletionDirectory
    }

    nonisolated var kernel: any KernelView { journal.view }
    nonisolated var traces: TraceRecorder { network.traces }
    nonisolated var configuration: AgentConfiguration { current.value }

    /// Takes the sandboxes of an earlier daemon over: those that are whole and still there live on, all others go.
    func prepare() async throws {
        for interface in try await store.read({ try $0.sandboxInterfaces() }) {
            guard let sandbox = interface.sandbox else { continue }
            do {
                if try await isWhole(interface, sandbox) { continue }
                log.info("releasing what is left of a sandbox", metadata: ["sandbox": "\(sandbox.key)"])
                try await release(interface, sandbox)
            } catch {
                log.error("sandbox not taken over", metadata: ["sandbox": "\(sandbox.key)", "error": "\(error)"])
            }
        }
        await deliverDeletions()
    }

    private func isWhole(_ interface: NetworkInterfaceRecord, _ sandbox: SandboxRecord) async throws -> Bool {
        guard interface.status == .attached else { return false }
        return try await Blocking.run {
            try Sandbox.find(sandbox.namespace, at: sandbox.path, orAmongProcesses: true) != nil
        }
    }
}

// MARK: - Additions

extension SandboxNetworkService {
    /// Gives a sandbox an ENI. A deletion that comes meanwhile ends it, and so do the end of whoever waits for it and the
    /// daemon's.
    func add(_ request: SandboxRequest) async throws -> Attachment {
        await traced(.deletions) { await deliverDeletions() }
        let key = request.key
        additionCount += 1
        let number = additionCount
        let addition = Blocking.task { [self] in
            try await traced(.deviceWait) { try await awaitDevice(request) }
            return try await journal.inTurn(of: .sandbox(key)) {
                try Task.checkCancellation()
                return try await traced(.network) { try await attach(request.withoutWait) }
            }
        }
        additions[key, default: [:]][number] = addition
        defer {
            additions[key]?[number] = nil
            if additions[key]?.isEmpty == true { additions[key] = nil }
        }
        do {
            return try await withTaskCancellationHandler {
                // The server waits for those who are being answered, and the answer should not be that it waited in vain.
                try await withGracefulShutdownHandler {
                    try await addition.value
                } onGracefulShutdown: {
                    addition.cancel()
                }
            } onCancel: {
                addition.cancel()
            }
        } catch is CancellationError {
            throw APIError.client("\(key) was not added: it was deleted meanwhile, or tasknetd ends")
        }
    }

    func isBeingAdded(_ key: SandboxRecord.Key) -> Bool { additions[key] != nil }
}

// MARK: - Deletions

extension SandboxNetworkService {
    /// Takes an ENI out of its sandbox. That there is none is success.
    func delete(_ key: SandboxRecord.Key) async throws {
        await traced(.deletions) { await deliverDeletions() }
        try await endAttachment(key)
    }

    /// Takes out all of a network's ENIs but some. Those that came after the call, or were just coming, stay: nobody can
    /// have known of them.
    ///
    /// Goes on after errors, and then throws them as one.
    func collect(network: String, except valid: Set<SandboxAttachment>) async throws -> [SandboxAttachment] {
        // Before the list is read: an addition may have ended by the time that its turn comes.
        let coming = Set(additions.keys)
        let listed = try await store.read { try $0.sandboxInterfaces(network: network) }
        await deliverDeletions()
        var deleted: [SandboxAttachment] = []
        var errors: [String] = []
        for interface in listed where interface.status != .attaching {
            guard let key = interface.sandbox?.key, !coming.contains(key) else { continue }
            let attachment = SandboxAttachment(containerId: key.containerID, interfaceName: key.interfaceName)
            if valid.contains(attachment) { continue }
            do {
                if try await takeOut(key, only: interface.id) { deleted.append(attachment) }
            } catch {
                errors.append("\(key): \(error)")
            }
        }
        guard errors.isEmpty else {
            throw APIError.server(
                "\(deleted.count) deleted, \(errors.count) not (they are kept): \(errors.joined(separator: "; "))")
        }
        return deleted
    }

    private func endAttachment(_ key: SandboxRecord.Key) async throws {
        for addition in additions[key, default: [:]].values { addition.cancel() }
        _ = try await takeOut(key)
    }

    /// - Parameter id: of the ENI that is meant; nil for the one that is there in this one's turn.
    /// - Returns: whether it was there.
    private func takeOut(_ key: SandboxRecord.Key, only id: String? = nil) async throws -> Bool {
        try await journal.inTurn(of: .sandbox(key)) {
            guard let interface = try await store.read({ try $0.sandboxInterface(key) }),
                let sandbox = interface.sandbox, id == nil || interface.id == id
            else { return false }
            try await release(interface, sandbox)
            return true
        }
    }

    /// Undoes an attachment and forgets it, in its turn. What cannot be undone is kept with its addresses, for the next
    /// deletion, `retryKept`, or the daemon's next start.
    func release(_ interface: NetworkInterfaceRecord, _ sandbox: SandboxRecord) async throws {
        try await traces.record(.stop, of: interface.id) {
            try await traced(.networkRelease) { try await takeDown(interface, sandbox) }
        }
    }

    private func takeDown(_ interface: NetworkInterfaceRecord, _ sandbox: SandboxRecord) async throws {
        let leases = try await journal.make(
            .deleteFromSandbox,
            intent: { store in
                try store.setStatus(.detaching, of: interface.id)
                return try store.sandboxPlan(networkInterfaceID: interface.id)
            },
            kernel: { kernel, plan in if let plan { try await tearDown(plan, sandbox, by: kernel) } },
            within: { _, write in
                try await traced(.firewall) { try await network.groups.forget([interface], write) }
            },
            outcome: { store, _ in try store.deleteSandboxInterface(interface.id) })
        try await traced(.free) { try await network.takeBack(leases) }
    }

    private func tearDown(_ plan: TaskNetworkPlan, _ sandbox: SandboxRecord, by kernel: TaskNetwork) async throws {
        let result = try await traced(.kernel) {
            let result = try await Blocking.run { () throws -> TeardownResult? in
                // What lived in the kernel before a reboot is gone, and a device is as the host has made it since.
                guard try sandbox.namespace.isOfThisBoot else { return nil }
                let found = try Sandbox.find(
                    sandbox.namespace, at: sandbox.path, orAmongProcesses: plan.needsNamespaceToEnd)
                return kernel.teardown(plan, in: found?.namespace)
            }
            if let result { TracePlace.add(result.timed) }
            return result
        }
        for remark in result?.remarks ?? [] { log.notice("\(remark)", metadata: ["sandbox": "\(sandbox.key)"]) }
        if result?.hasReleasedLinks == true { await releasedLinks.removeSoon() }
        guard var error = result?.errors.first else { return }
        error.notUndone = Array(result?.errors.dropFirst() ?? [])
        throw error
    }

    /// Tries again to take out what could not be.
    ///
    /// - Returns: what is still there.
    func retryKept() async throws -> [KeptNetwork] {
        var kept: [KeptNetwork] = []
        for interface in try await store.read({ try $0.networkInterfaces(.detaching) }) {
            guard let key = interface.sandbox?.key else { continue }
            do {
                _ = try await takeOut(key, only: interface.id)
            } catch {
                log.error("a sandbox's ENI stays", metadata: ["sandbox": "\(key)", "error": "\(error)"])
                kept.append(
                    KeptNetwork(owner: .sandbox(key), networkInterfaceID: interface.id, reason: "\(error)"))
            }
        }
        return kept
    }
}

// MARK: - Deletions that nobody answered

extension SandboxNetworkService {
    /// Does the deletions that were left while there was no daemon. One that cannot be done stays for the next time.
    private func deliverDeletions() async {
        let deletions = SandboxDeletions(directory: deletionDirectory, log: log)
        await deliveries.take(deletions.directory) {
            do {
                for deletion in try await Blocking.run({ deletions.pending() }) {
                    await deliver(deletion, of: deletions)
                }
            } catch {
                log.error("deletions are not read", metadata: ["error": "\(error)"])
            }
        }
    }

    private func deliver(_ deletion: SandboxDeletions.Deletion, of deletions: SandboxDeletions) async {
        let key = SandboxRecord.Key(deletion.input)
        do {
            try await endAttachment(key)
            try await Blocking.run { deletions.remove(deletion) }
            log.info("did a deletion that was left", metadata: ["sandbox": "\(key)"])
        } catch {
            log.error("a deletion that was left is not done", metadata: ["sandbox": "\(key)", "error": "\(error)"])
        }
    }
}

extension SandboxRecord.Key {
    init(_ input: SandboxAttachmentReference) {
        self.init(network: input.network, containerID: input.containerId, interfaceName: input.interfaceName)
    }
}

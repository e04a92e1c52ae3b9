// SPDX-License-Identifier: Apache-2.0
import Addressing
import ECSAPI
import FoundationEssentials
import Logging
import ServiceLifecycle
import SystemPackage
import TaskNetworking
import VPC

/// The daemon's hold on its tasks' networks: which addresses are whose, and what is made in the kernel for which task.
/// Intent is in the store before the kernel is touched, and leaves it after the kernel is clean again.
actor TaskNetworkService: AgentPart {
    let store: Store
    nonisolated let kernel: TaskNetwork
    nonisolated let groups: SecurityGroupService
    let log: Logger
    private let current: CurrentConfiguration
    var pools = AddressPools(subnets: [], leases: [])
    /// Attachments to running tasks that are under way, by ENI.
    private var attachments: [String: Task<Void, Never>] = [:]
    /// Tasks whose networks are being taken down: nothing is attached to them any more.
    private var releasing: Set<String> = []
    /// The host's links that forward for tasks alone, by name: nothing else is to go by them.
    var forwardingLinks: [IPFamily: [String]] = [:]
    /// Told which are to forward, before they do: where it throws nothing is made to forward.
    var forwardingLinksChanged: @Sendable ([IPFamily: [String]]) async throws -> Void
    /// The host's side is changed by one at a time.
    private let hostTurn = Turns<String>()
    private let boot: BootChange

    init(_ context: AgentContext, groups: SecurityGroupService) throws {
        self.init(context, kernel: try TaskNetwork(), groups: groups)
    }

    init(_ context: AgentContext, kernel: TaskNetwork, groups: SecurityGroupService) {
        store = context.store
        self.kernel = kernel
        self.groups = groups
        boot = context.boot
        log = context.logger(for: "network")
        current = context.configuration
        forwardingLinksChanged = { try await groups.setRoutersForTasks($0) }
    }

    nonisolated var configuration: AgentConfiguration { current.value }

    /// Makes the host's side of the configured subnets, and takes down what an earlier daemon could not.
    func prepare() async throws {
        if case .rebooted = boot { try await forgetForwarding() }
        try await setUpHost()
        for task in try await store.read({ try $0.stoppedTasksWithNetworkPlan() }) { await release(task) }
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

    /// What differs between a subnet's host side and the kernel.
    func hostDifferences(of subnet: Subnet) async throws -> [Drift] {
        let kernel = kernel
        return try await Blocking.run {
            try kernel.check(HostNetworkPlan(subnets: [subnet], host: try kernel.hostFacts()))
        }
    }

    private func setUpHost(subnets: [Subnet]) async throws {
        try await hostTurn.take("subnets") {
            try await makeHostSide(of: subnets)
            try await forward(for: subnets)
        }
    }

    /// Mends which links forward, and tells what was mended.
    func mendForwarding() async throws {
        try await hostTurn.take("subnets") { try await forward(for: configuration.subnets) }
    }

    /// Makes the host's side of these subnets, and takes away what an earlier configuration had more, also one of an
    /// earlier daemon; but not what ENIs are still in.
    private func makeHostSide(of subnets: [Subnet]) async throws {
        let kernel = kernel
        let (stored, leases) = try await store.read { (try $0.hostNetworkPlan(), try $0.leases()) }
        let previous = stored?.withoutForwarding
        let forwarding = stored?.forwarding.requirements ?? []
        let routed = routed(subnets, by: configuration)
        try await refuseConflicts(of: routed)
        var plan = try await Blocking.run { HostNetworkPlan(subnets: routed, host: try kernel.hostFacts()) }
        let superseded = previous.map { plan.superseded(of: $0) } ?? HostNetworkPlan(requirements: [])
        let both = HostNetworkPlan(requirements: plan.requirements + superseded.requirements + forwarding)
        plan.requirements += superseded.serving(leases.map(\.address)).requirements
        try await store.write { try $0.setHostNetworkPlan(both) }
        _ = try await Blocking.run { [plan] in try kernel.apply(plan, replacing: previous) }
        plan.requirements += forwarding
        try await store.write { [plan] in try $0.setHostNetworkPlan(plan) }
    }

    /// On a LAN of its own an ENI has nothing of the host's: the subnet's router is another machine.
    nonisolated func routed(_ subnets: [Subnet], by configuration: AgentConfiguration) -> [Subnet] {
        configuration.interfaceType.needsParent ? [] : subnets
    }
}

// MARK: - A task's network

extension TaskNetworkService {
    /// Makes a task's network, or finds it made: every step can be repeated.
    /// - Returns: how long each step took.
    func provision(_ task: TaskRecord) async throws -> [StepDuration] {
        let (interfaces, stored) = try await store.read {
            (try $0.networkInterfaces(taskID: task.id), try $0.networkPlans(taskID: task.id))
        }
        let base = interfaces.filter { !$0.isHotAttached }
        var plan: TaskNetworkPlan
        if let known = stored.first?.plan {
            plan = known
        } else {
            let new = try await makePlan(task, base)
            try await store.write { store in
                try store.setNetworkPlans([MadeNetwork(new)], taskID: task.id)
                for interface in base { try store.setStatus(.attaching, of: interface.id) }
            }
            plan = new
        }
        for interface in base { plan = try await admit(interface, plan) }
        let kernel = kernel
        let applied = try await Blocking.run { [plan] in try kernel.apply(plan) }
        for remark in plan.remarks { log.notice("\(remark)", metadata: ["task": "\(task.id)"]) }
        try Task.checkCancellation()
        try await store.write { store in
            for interface in base { try store.setStatus(.attached, of: interface.id) }
        }
        for interface in base { try await settle(interface) }
        return applied.steps
    }

    /// Has the firewall know an ENI before its link is there.
    /// - Returns: the plan, by which the link is born in the group that it has there.
    func admit(_ interface: NetworkInterfaceRecord, _ plan: TaskNetworkPlan) async throws -> TaskNetworkPlan {
        guard let linkGroup = try await groups.admit(interface),
            let hostName = interface.networkInterface.hostInterfaceName
        else { return plan }
        let admitted = plan.settingLinkGroup(linkGroup, of: hostName)
        if admitted != plan { try await store.write { try $0.setLinkGroup(linkGroup, of: interface) } }
        return admitted
    }

    /// Sees to it that a link that has just been made is in its group, where the ENI's groups were changed meanwhile.
    func settle(_ interface: NetworkInterfaceRecord) async throws {
        let now = try await store.read { try $0.networkInterface(id: interface.id) }
        guard let now, now.networkInterface.securityGroupIDs != interface.networkInterface.securityGroupIDs else {
            return
        }
        try await groups.admit(now)
    }

    /// Takes a task's network down: the last interface first, its own namespace last. What cannot be undone is logged
    /// and kept in the store with its addresses, for the next daemon's start.
    func release(_ task: TaskRecord) async {
        releasing.insert(task.id)
        defer { releasing.remove(task.id) }
        do {
            for interface in try await store.read({ try $0.networkInterfaces(taskID: task.id) }) {
                await cancelAttachment(interface.id)
            }
            let (interfaces, plans) = try await store.read {
                (try $0.networkInterfaces(taskID: task.id), try $0.networkPlans(taskID: task.id))
            }
            try await store.write { store in
                for interface in interfaces where !interface.isOver {
                    try store.setStatus(.detaching, of: interface.id)
                }
            }
            let kept = await tearDown(plans, task: task.id)
            let gone = interfaces.filter { interface in
                !kept.contains { $0.networkInterfaceID == (interface.isHotAttached ? interface.id : nil) }
            }
            // Of one that was over before, somebody else may have the addresses by now.
            let leases = try await groups.forget(gone.filter { !$0.isOver }) { [store] in
                try await store.write { store in
                    try store.setNetworkPlans(kept, taskID: task.id)
                    return try gone.flatMap { interface in
                        if !interface.isOver {
                            try store.setStatus(interface.origin == .daemon ? .deleted : .detached, of: interface.id)
                        }
                        return try store.deleteLeases(networkInterfaceID: interface.id)
                    }
                }
            }
            try await takeBack(leases)
        } catch {
            log.error("network not released", metadata: ["task": "\(task.id)", "error": "\(error)"])
        }
    }

    /// Takes down what was made for a task, the last first. A device that cannot be given back stays in its namespace,
    /// which the plans before it are not to take away.
    /// - Returns: what is not wholly taken down, in the order in which it was made.
    private func tearDown(_ made: [MadeNetwork], task: String) async -> [MadeNetwork] {
        let kernel = kernel
        var kept: [MadeNetwork] = []
        for network in made.reversed() {
            if kept.contains(where: \.holdsDevice) {
                kept.append(network)
                continue
            }
            do {
                let result = try await Blocking.run { kernel.teardown(network.plan) }
                for remark in result.remarks { log.notice("\(remark)", metadata: ["task": "\(task)"]) }
                for error in result.errors {
                    log.error(
                        "network not wholly taken down; it is kept, and tried again when tasknetd starts",
                        metadata: ["task": "\(task)", "error": "\(error)"])
                }
                if !result.errors.isEmpty { kept.append(network) }
            } catch {
                log.error("network not taken down", metadata: ["task": "\(task)", "error": "\(error)"])
                kept.append(network)
            }
        }
        return kept.reversed()
    }

    private func makePlan(_ task: TaskRecord, _ interfaces: [NetworkInterfaceRecord]) async throws -> TaskNetworkPlan {
        guard let primary = interfaces.first else { throw NetworkServiceError.noInterfaces(task: task.id) }
        var requests: [InterfaceRequest] = []
        for interface in interfaces {
            var request = try await request(interface)
            request.linkGroup = try await groups.linkGroup(of: interface)
            requests.append(request)
        }
        let request = TaskNetworkRequest(
            taskID: task.id, namespacePath: try AbsolutePath(configuration.namespacePath(task.id).string),
            hostname: task.hostname ?? primary.networkInterface.hostname ?? task.id, interfaces: requests,
            blocksInstanceMetadata: configuration.blockInstanceMetadata,
            additionalLocalRoutes: configuration.additionalLocalRoutes,
            filesDirectory: try AbsolutePath(configuration.taskRuntimeDirectory(task.id).string))
        return try await plan(request)
    }

    private func plan(_ request: TaskNetworkRequest) async throws -> TaskNetworkPlan {
        let kernel = kernel
        return try await Blocking.run { try TaskNetworkPlanner.plan(request, on: try kernel.hostFacts()) }
    }
}

// MARK: - Attachments from outside

extension TaskNetworkService {
    /// Begins to attach ENIs to a running task, with the next indexes: their records are in the store when this returns;
    /// the rest follows, and ends in ATTACHED or FAILED.
    func begin(
        attaching interfaces: [NetworkInterfaceRecord], to task: TaskRecord
    ) async throws -> [NetworkInterfaceRecord] {
        try await begin(attaching: interfaces, to: task, leases: try claim(addressesOf: interfaces))
    }

    /// The same, with ENIs as messages describe them.
    /// - Throws: also as `take` does.
    func begin(
        attaching messages: [ElasticNetworkInterface], waiting milliseconds: Int?, to task: TaskRecord
    ) async throws -> [NetworkInterfaceRecord] {
        let messages = try await groups.resolve(messages)
        let (interfaces, leases) = try take(messages, origin: .attached, waiting: milliseconds)
        return try await begin(attaching: interfaces, to: task, leases: leases)
    }

    private func begin(
        attaching interfaces: [NetworkInterfaceRecord], to task: TaskRecord, leases: [AddressLease]
    ) async throws -> [NetworkInterfaceRecord] {
        let configuration = configuration
        let records: [NetworkInterfaceRecord]
        do {
            records = try await store.write { store in
                guard let task = try store.task(id: task.id) else { throw APIError.taskNotFound }
                guard task.isAttachable else {
                    throw APIError.invalidParameter("\(NetworkServiceError.notRunning(task))")
                }
                let ids = interfaces.flatMap { $0.networkInterface.securityGroupIDs ?? [] }
                try store.require(securityGroups: ids, configuration)
                let used = try store.networkInterfaces(taskID: task.id).filter { !$0.isOver }
                let next = (used.map(\.networkInterface.index).max() ?? 0) + 1
                let records = interfaces.enumerated().map { offset, interface in
                    var record = interface
                    record.taskID = task.id
                    record.status = .attaching
                    record.networkInterface.index = next + offset
                    return record
                }
                for record in records { try store.insert(record) }
                for lease in leases { try store.insert(lease) }
                return records
            }
        } catch {
            free(leases)
            throw error
        }
        for record in records { keepAttaching(record, to: task) }
        return records
    }

    /// Goes on with the attachments that an earlier daemon began.
    func resumeAttachments(of task: TaskRecord) async throws {
        let interfaces = try await store.read { try $0.networkInterfaces(taskID: task.id) }
        for interface in interfaces where interface.isHotAttached && interface.status == .attaching {
            keepAttaching(interface, to: task)
        }
    }

    private func keepAttaching(_ interface: NetworkInterfaceRecord, to task: TaskRecord) {
        // Whoever releases the task has the ENI in the store before it, and takes it down.
        guard !releasing.contains(task.id) else { return }
        attachments[interface.id] = Task {
            do {
                try await attach(interface, to: task)
                attachments[interface.id] = nil
            } catch is CancellationError {
                // Whoever cancelled it takes it down.
                attachments[interface.id] = nil
            } catch {
                // First, because the same ENI can come again as soon as it has failed.
                attachments[interface.id] = nil
                await fail(interface, because: error)
            }
        }
    }

    private func fail(_ interface: NetworkInterfaceRecord, because error: any Error) async {
        log.error("ENI not attached", metadata: ["eni": "\(interface.id)", "error": "\(error)"])
        do {
            let isKept = try await store.read { store in
                try interface.taskID.map { try store.networkPlans(taskID: $0) }?
                    .contains { $0.networkInterfaceID == interface.id } == true
            }
            if isKept {
                // Something of it could not be taken down.
                return try await store.write { try $0.setStatus(.detaching, of: interface.id, because: "\(error)") }
            }
            let leases = try await groups.forget([interface]) { [store] in
                try await store.write { store in
                    try store.setStatus(.failed, of: interface.id, because: "\(error)")
                    return try store.deleteLeases(networkInterfaceID: interface.id)
                }
            }
            free(leases)
        } catch {
            log.error("failed attachment not recorded", metadata: ["eni": "\(interface.id)", "error": "\(error)"])
        }
    }

    private func cancelAttachment(_ id: String) async {
        guard let attachment = attachments[id] else { return }
        attachment.cancel()
        await attachment.value
    }

    /// Waits for an ENI's device and moves it into the running task as `eth<index>`.
    private func attach(_ interface: NetworkInterfaceRecord, to task: TaskRecord) async throws {
        let stored = try await store.read { try $0.networkPlans(taskID: task.id) }
        var plan: TaskNetworkPlan
        if let made = stored.first(where: { $0.networkInterfaceID == interface.id }) {
            // An earlier daemon's, which may have come as far as moving the device: it is not on the host any more then.
            plan = made.plan
        } else {
            plan = try await makePlan(attaching: interface, to: task)
        }
        plan = try await admit(interface, plan)
        let kernel = kernel
        do {
            _ = try await Blocking.run { [plan] in try kernel.apply(plan) }
        } catch {
            // What an earlier daemon had made before is not undone by the apply.
            if await tearDown([MadeNetwork(plan, only: interface.id)], task: task.id).isEmpty {
                try? await forget(interface.id, task: task.id)
            }
            throw error
        }
        try await store.write { try $0.setStatus(.attached, of: interface.id) }
        try await settle(interface)
    }

    private func makePlan(
        attaching interface: NetworkInterfaceRecord, to task: TaskRecord
    ) async throws -> TaskNetworkPlan {
        var inner = try await self.request(interface)
        inner.linkGroup = try await groups.linkGroup(of: interface)
        let request = TaskNetworkRequest(
            taskID: task.id, namespacePath: try AbsolutePath(configuration.namespacePath(task.id).string),
            ownsNamespace: false, hostname: "", interfaces: [inner],
            blocksInstanceMetadata: configuration.blockInstanceMetadata, endpointAddresses: [])
        let plan = try await plan(request)
        try await store.write { store in
            // It may have been a while until the device was there.
            guard let task = try store.task(id: task.id), task.isAttachable,
                try store.networkInterface(id: interface.id)?.status == .attaching
            else { throw NetworkServiceError.notRunning(task) }
            let made = MadeNetwork(plan, only: interface.id)
            try store.setNetworkPlans(try store.networkPlans(taskID: task.id) + [made], taskID: task.id)
        }
        return plan
    }

    /// Takes an ENI that was attached to a running task out of it again; its device goes back to the host.
    func detach(_ interface: NetworkInterfaceRecord, from taskID: String) async throws {
        await cancelAttachment(interface.id)
        let plans = try await store.write { store in
            try store.setStatus(.detaching, of: interface.id)
            return try store.networkPlans(taskID: taskID)
        }
        if let made = plans.first(where: { $0.networkInterfaceID == interface.id }) {
            // What is kept can be detached again, and goes with the task otherwise.
            guard await tearDown([made], task: taskID).isEmpty else { return }
            try await forget(interface.id, task: taskID)
        }
        let leases = try await groups.forget([interface]) { [store] in
            try await store.write { store in
                try store.setStatus(.detached, of: interface.id)
                return try store.deleteLeases(networkInterfaceID: interface.id)
            }
        }
        free(leases)
    }

    private func forget(_ networkInterfaceID: String, task: String) async throws {
        try await store.write { store in
            let others = try store.networkPlans(taskID: task).filter { $0.networkInterfaceID != networkInterfaceID }
            try store.setNetworkPlans(others, taskID: task)
        }
    }

    /// How an ENI is to come in; a device or a trunk is waited for.
    func request(_ interface: NetworkInterfaceRecord) async throws -> InterfaceRequest {
        let attachment = try await attachmentKind(of: interface)
        return InterfaceRequest(
            networkInterface: interface.networkInterface, attachment: attachment,
            mtu: try await mtu(interface.mtu ?? configuration.mtu, on: attachment.parent, of: interface.kind),
            position: interface.networkInterface.index)
    }

    /// The MTU of an ENI on a NIC: its own, which may be another one than the uplink, where nothing else is asked for.
    /// - Throws: where there is no such NIC, or the kernel would refuse it because the NIC has less.
    func mtu(
        _ mtu: Int?, on parent: InterfaceName?, of kind: NetworkInterfaceRecord.Kind
    ) async throws -> Int? {
        guard let parent else { return mtu }
        let kernel = kernel
        guard let most = try await Blocking.run({ try kernel.hostMTU(of: parent) }) else {
            throw NetworkServiceError.missingParentInterface(parent.text, kind: kind.rawValue)
        }
        guard let mtu else { return most }
        guard mtu <= most else {
            throw NetworkServiceError.mtuAboveParent(mtu, name: parent.text, parent: most, kind: kind.rawValue)
        }
        return mtu
    }

    private func attachmentKind(of interface: NetworkInterfaceRecord) async throws -> AttachmentKind {
        func parent() throws -> InterfaceName {
            guard let name = interface.parentInterface ?? configuration.parentInterface else {
                throw NetworkServiceError.noParentInterface(kind: interface.kind.rawValue)
            }
            return try InterfaceName(name)
        }
        switch interface.kind {
        case .veth: return .veth
        case .dummy: return .dummy
        case .macvlan: return .macvlan(parent: try parent(), mode: .bridge)
        case .ipvlan: return .ipvlan(parent: try parent(), mode: .l2)
        case .device:
            return .device(try await device(interface.networkInterface.macAddress, interface))
        case .branch:
            guard case .vlan(let id, let trunkMAC) = interface.networkInterface.association else {
                throw NetworkServiceError.noParentInterface(kind: interface.kind.rawValue)
            }
            return .branch(trunk: try await device(trunkMAC, interface).name, vlanID: id)
        }
    }

    private func device(_ address: MACAddress, _ interface: NetworkInterfaceRecord) async throws -> HostDevice {
        let now = Timestamp.now().millisecondsSince1970
        let wait = (interface.expiresAt?.millisecondsSince1970 ?? now) - now
        return try await kernel.hostDevice(macAddress: address, waitingAtMost: .milliseconds(max(0, wait)))
    }
}

extension NetworkInterfaceRecord {
    /// Whether it came to a task that ran already, and so has a plan of its own.
    var isHotAttached: Bool { origin == .attached && networkInterface.index > 0 }

    /// Whether nothing of it is in the kernel any more.
    var isOver: Bool { [.detached, .deleted, .failed].contains(status) }
}

extension TaskRecord {
    /// Whether ENIs can come to it: it runs, and is not to stop.
    fileprivate var isAttachable: Bool { lastStatus == .running && stopCode == nil }
}

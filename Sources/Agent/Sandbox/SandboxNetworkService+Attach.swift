// SPDX-License-Identifier: Apache-2.0
import Addressing
import ECSAPI
import Logging
import Netlink
import TaskNetworking
import VPC

extension SandboxNetworkService {
    /// Waits for the NIC that an ENI is to be, or to be on. Not in the attachment's turn: it may never come.
    func awaitDevice(_ request: SandboxRequest) async throws {
        guard let address = request.deviceAddress, request.waitMilliseconds > 0 else { return }
        let kernel = kernel
        _ = try await Blocking.run { try kernel.sandbox(at: request.path) }
        _ = try await kernel.hostDevice(
            macAddress: address, waitingAtMost: .milliseconds(request.waitMilliseconds))
    }

    /// Makes an ENI in a sandbox, in its turn. When it throws nothing is left of it, but for what the kernel would not give
    /// back: that is kept for the deletion that follows.
    func attach(_ request: SandboxRequest) async throws -> Attachment {
        let (sandbox, facts) = try await traced(.sandbox) { try await look(for: request) }
        let groupIDs = try await traced(.check) {
            let ids = try await network.groups.resolve(request.securityGroups)
            try await refuseTaken(request, facts, in: sandbox.identity)
            return ids
        }
        let allocation = try await traced(.lease) {
            try await network.allocate(
                subnets: [request.subnetID], request.wish, macAddress: request.macAddress, origin: .sandbox,
                kind: request.kind)
        }
        traces.keepCurrent(of: allocation.interface.id)
        var addition = Addition(
            record: SandboxRecord(
                key: request.key, path: request.path, namespace: sandbox.identity,
                podNamespace: request.podNamespace, podName: request.podName),
            interface: allocation.interface.asked(for: request), leases: allocation.leases, wish: request.wish)
        addition.interface.sandbox = addition.record
        addition.interface.networkInterface.securityGroupIDs = groupIDs
        do {
            let interface = addition.interface
            addition.firstPosition =
                facts.defaultRoutes.isDisjoint(with: interface.networkInterface.addresses.map(\.family)) ? 0 : 1
            var inner = try await network.request(interface)
            inner.name = request.name
            inner.linkGroup = try await traced(.firewall) { try await network.groups.linkGroup(of: interface) }
            try Task.checkCancellation()
            return try await make(addition, inner, in: sandbox)
        } catch {
            await undo(addition)
            throw error
        }
    }

    /// The sandbox, and what is in it.
    private func look(for request: SandboxRequest) async throws -> (Sandbox, SandboxFacts) {
        let kernel = kernel
        let look = { @Sendable in
            let sandbox = try kernel.sandbox(at: request.path)
            return (sandbox, try kernel.facts(of: sandbox))
        }
        let found = try await Blocking.run(look)
        // What has the name may be of an ENI that has just been deleted.
        guard found.1.linkNames.contains(request.name.text), await releasedLinks.removeNow() else { return found }
        return try await Blocking.run(look)
    }

    /// What an addition is about.
    fileprivate struct Addition: Sendable {
        var record: SandboxRecord
        var interface: NetworkInterfaceRecord
        var leases: [AddressLease]
        var wish: AddressPools.Wish
        /// The lowest that the ENI may have in its sandbox.
        var firstPosition = 0
    }

    private func refuseTaken(
        _ request: SandboxRequest, _ facts: SandboxFacts, in namespace: Sandbox.Identity
    ) async throws {
        let (other, owner, neighbour) = try await store.read { store in
            (
                try store.sandboxInterface(request.key),
                try request.macAddress.flatMap { try store.networkInterface(macAddress: $0) },
                try store.sandboxInterface(named: request.name.text, in: namespace)
            )
        }
        if let other {
            throw APIError.invalidParameter(
                "\(request.key) is attached already, as \(other.id): delete it before it is added again")
        }
        if let owner, let address = request.macAddress {
            throw StoreError.macAddressTaken(address, networkInterfaceID: owner.id)
        }
        guard facts.linkNames.contains(request.name.text) else { return }
        if let neighbour, let sandbox = neighbour.sandbox {
            throw APIError.invalidParameter(
                """
                networkNamespace \(request.path) has a link \(request.name) already, which is \(neighbour.id), \
                \(sandbox.key): delete that, or choose another interfaceName
                """)
        }
        throw APIError.invalidParameter(
            """
            networkNamespace \(request.path) has a link \(request.name) already, which is no sandbox's ENI: remove it, \
            or choose another interfaceName
            """)
    }

    private func make(
        _ addition: Addition, _ inner: InterfaceRequest, in sandbox: Sandbox
    ) async throws -> Attachment {
        let (configuration, view) = (configuration, kernel)
        let facts = try await traced(.plan) { try await Blocking.run { try view.hostFacts() } }
        return try await journal.make(
            .addToSandbox,
            intent: { try $0.begin(addition, inner, configuration, facts) },
            kernel: { kernel, intended in
                let (interface, planned) = intended
                let plan = try await network.admit(interface, planned)
                let links = try await traced(.kernel) {
                    let (applied, links) = try await Blocking.run {
                        (try kernel.apply(plan, in: sandbox.namespace), try kernel.links(of: plan, in: sandbox))
                    }
                    TracePlace.add(applied.timed)
                    return links
                }
                try await network.settle(interface, plan)
                try Task.checkCancellation()
                let ends = [
                    SandboxInterface(links.host), SandboxInterface(links.sandbox, in: addition.record.path),
                ]
                return Attachment(
                    interface: interface, sandbox: addition.record, plan: plan, links: ends.compactMap(\.self))
            },
            outcome: { store, made in
                var attachment = made
                let now = Timestamp.now()
                guard try store.setStatus(.attached, of: made.interface.id, at: now) else { return attachment }
                attachment.interface = try store.withPresentGroups(made.interface)
                attachment.interface.status = .attached
                attachment.interface.attachedAt = now
                return attachment
            })
    }

    /// Takes away what there is of an addition that has failed.
    private func undo(_ addition: Addition) async {
        let id = addition.interface.id
        // In a task of its own, that nobody has cancelled.
        await Task {
            do {
                guard let interface = try await store.read({ try $0.networkInterface(id: id) }) else {
                    return await network.free(addition.leases)
                }
                try await release(interface, addition.record)
            } catch {
                log.error(
                    "an ENI that was not attached is not wholly taken down",
                    metadata: ["sandbox": "\(addition.record.key)", "error": "\(error)"])
            }
        }.value
    }
}

extension StoreTransaction {
    /// The plan, with the place that is free in the sandbox, and all records of it.
    fileprivate func begin(
        _ addition: SandboxNetworkService.Addition, _ inner: InterfaceRequest, _ configuration: AgentConfiguration,
        _ facts: HostFacts
    ) throws -> (NetworkInterfaceRecord, TaskNetworkPlan) {
        let sandbox = addition.record
        try require(securityGroups: addition.interface.networkInterface.securityGroupIDs ?? [], configuration)
        var (interface, inner) = (addition.interface, inner)
        interface.networkInterface.index = try freePosition(in: sandbox.namespace, from: addition.firstPosition)
        inner.networkInterface = interface.networkInterface
        inner.position = interface.networkInterface.index
        let request = TaskNetworkRequest(
            taskID: sandbox.planID, namespacePath: sandbox.path, ownsNamespace: false, hostname: "",
            interfaces: [inner],
            blocksInstanceMetadata: configuration.blockInstanceMetadata, endpointAddresses: [])
        let plan = try TaskNetworkPlanner.plan(request, on: facts)
        interface.status = .attaching
        try insert(interface, of: sandbox, plan: plan)
        for lease in addition.leases {
            try insert(lease)
            // One that was asked for is not in its turn.
            if addition.wish.address(lease.address.family) == nil { try setLastAddress(lease) }
        }
        return (interface, plan)
    }
}

extension NetworkInterfaceRecord {
    /// With what the request says of it.
    fileprivate func asked(for request: SandboxRequest) -> NetworkInterfaceRecord {
        var result = self
        result.parentInterface = request.parentInterface
        result.mtu = request.mtu
        if let association = request.association { result.networkInterface.association = association }
        if let servers = request.dns?.nameservers, !servers.isEmpty {
            result.networkInterface.domainNameServers = servers.compactMap { IPAddress($0) }
        }
        if let search = request.dns?.search, !search.isEmpty { result.networkInterface.domainNames = search }
        result.expiresAt = Timestamp(
            millisecondsSince1970: createdAt.millisecondsSince1970 + Int64(request.waitMilliseconds))
        return result
    }
}

extension SandboxRequest {
    /// Of the NIC that it is about; nil for one that is made.
    fileprivate var deviceAddress: MACAddress? {
        switch (kind, association) {
        case (.device, _): macAddress
        case (.branch, .vlan(_, let trunk)): trunk
        default: nil
        }
    }

    /// The same, once what it waits for is there.
    var withoutWait: SandboxRequest {
        var request = self
        request.waitMilliseconds = 0
        return request
    }
}

extension SandboxRecord {
    /// What the plan and the links' aliases call it, which have less room than CNI gives.
    fileprivate var planID: String { String(key.containerID.prefix(128)) }
}

extension SandboxInterface {
    fileprivate init?(_ link: LinkSummary?, in path: AbsolutePath? = nil) {
        guard let link else { return nil }
        self.init(
            name: link.name, mac: link.macAddress?.description ?? "", mtu: link.mtu, sandbox: path?.text)
    }
}

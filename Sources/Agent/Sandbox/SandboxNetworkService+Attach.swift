// SPDX-License-Identifier: Apache-2.0
import Addressing
import ECSAPI
import Logging
import Netlink
import TaskNetworking
import VPC

extension SandboxNetworkService {
    /// Makes an ENI in a sandbox, in its turn. When it throws nothing is left of it, but for what the kernel would not give
    /// back: that is kept for the deletion that follows.
    func attach(_ request: SandboxRequest) async throws -> Attachment {
        let kernel = kernel
        let (sandbox, facts) = try await Blocking.run {
            let sandbox = try kernel.sandbox(at: request.path)
            return (sandbox, try kernel.facts(of: sandbox))
        }
        let groupIDs = try await network.groups.resolve(request.securityGroups)
        try await refuseTaken(request, facts, in: sandbox.identity)
        let allocation = try await network.allocate(
            subnets: [request.subnetID], request.wish, macAddress: request.macAddress, origin: .sandbox,
            kind: request.kind)
        let record = SandboxRecord(
            key: request.key, path: request.path, namespace: sandbox.identity, podNamespace: request.podNamespace,
            podName: request.podName)
        var interface = allocation.interface.asked(for: request)
        interface.sandbox = record
        interface.networkInterface.securityGroupIDs = groupIDs
        let plan: TaskNetworkPlan
        do {
            var inner = try await network.request(interface)
            inner.name = request.name
            inner.linkGroup = try await network.groups.linkGroup(of: interface)
            try Task.checkCancellation()
            let first = facts.defaultRoutes.isDisjoint(with: interface.networkInterface.addresses.map(\.family)) ? 0 : 1
            (interface, plan) = try await writeIntent(
                interface, record, allocation.leases, inner, from: first, wish: request.wish)
        } catch {
            await network.free(allocation.leases)
            throw error
        }
        return try await make(interface, record, plan, in: sandbox)
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

    /// The plan, with the place that is free in the sandbox, and all records of it.
    private func writeIntent(
        _ interface: NetworkInterfaceRecord, _ sandbox: SandboxRecord, _ leases: [AddressLease],
        _ inner: InterfaceRequest, from first: Int, wish: AddressPools.Wish
    ) async throws -> (NetworkInterfaceRecord, TaskNetworkPlan) {
        let kernel = kernel
        let facts = try await Blocking.run { try kernel.hostFacts() }
        let configuration = configuration
        return try await store.write { store in
            let groupIDs = interface.networkInterface.securityGroupIDs ?? []
            try store.require(securityGroups: groupIDs, configuration)
            var (interface, inner) = (interface, inner)
            interface.networkInterface.index = try store.freePosition(in: sandbox.namespace, from: first)
            inner.networkInterface = interface.networkInterface
            inner.position = interface.networkInterface.index
            let request = TaskNetworkRequest(
                taskID: sandbox.planID, namespacePath: sandbox.path, ownsNamespace: false, hostname: "",
                interfaces: [inner],
                blocksInstanceMetadata: configuration.blockInstanceMetadata, endpointAddresses: [])
            let plan = try TaskNetworkPlanner.plan(request, on: facts)
            interface.status = .attaching
            try store.insert(interface, of: sandbox, plan: plan)
            for lease in leases {
                try store.insert(lease)
                // One that was asked for is not in its turn.
                if wish.address(lease.address.family) == nil { try store.setLastAddress(lease) }
            }
            return (interface, plan)
        }
    }

    private func make(
        _ interface: NetworkInterfaceRecord, _ record: SandboxRecord, _ plan: TaskNetworkPlan, in sandbox: Sandbox
    ) async throws -> Attachment {
        let kernel = kernel
        do {
            let plan = try await network.admit(interface, plan)
            let links = try await Blocking.run {
                _ = try kernel.apply(plan, in: sandbox.namespace)
                return try kernel.links(of: plan, in: sandbox)
            }
            try Task.checkCancellation()
            let attached = try await store.write { store in
                try store.setStatus(.attached, of: interface.id)
                return try store.networkInterface(id: interface.id)
            }
            try await network.settle(interface)
            let ends = [SandboxInterface(links.host), SandboxInterface(links.sandbox, in: record.path)]
            return Attachment(
                interface: attached ?? interface, sandbox: record, plan: plan, links: ends.compactMap(\.self))
        } catch {
            do {
                // In a task of its own, that nobody has cancelled.
                try await Task { try await release(interface, record) }.value
            } catch {
                log.error(
                    "an ENI that was not attached is not wholly taken down",
                    metadata: ["sandbox": "\(record.key)", "error": "\(error)"])
            }
            throw error
        }
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

extension SandboxRecord {
    /// What the plan and the links' aliases call it, which have less room than CNI gives.
    fileprivate var planID: String { String(key.containerID.prefix(128)) }
}

extension SandboxInterface {
    fileprivate init?(_ link: Link?, in path: AbsolutePath? = nil) {
        guard let link else { return nil }
        self.init(
            name: link.name, mac: link.macAddress?.description ?? "", mtu: link.mtu, sandbox: path?.text)
    }
}

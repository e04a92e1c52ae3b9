// SPDX-License-Identifier: Apache-2.0
import Addressing
import ECSAPI
import Linux
import SystemPackage
import TaskNetworking
import TestSupport
import Testing
import VPC

@testable import Agent

/// The network service on a host of a test's own, without the rest of the daemon.
struct NetworkHost {
    let host: TestHost
    let context: AgentContext
    private let api: TestAPI

    static let subnetID = "subnet-1"

    static func subnet(_ id: String = subnetID, _ block: String = "10.64.1.0/24") throws -> Subnet {
        Subnet(id: id, name: id, ipv4CIDRBlock: try IPv4CIDRBlock(parsing: block))
    }

    static func with<Result>(
        _ configure: (inout AgentConfiguration) throws -> Void = { _ in },
        _ body: (NetworkHost) async throws -> Result
    ) async throws -> Result {
        try await TestHost.with { host in try await body(try NetworkHost(host, configure)) }
    }

    private init(_ host: TestHost, _ configure: (inout AgentConfiguration) throws -> Void) throws {
        self.host = host
        var configuration = AgentConfiguration()
        configuration.namespaceDirectory = host.namespacePath("a").removingLastComponent()
        configuration.runtimeDirectory = host.directory.appending("run")
        configuration.subnets = [try Self.subnet()]
        try configure(&configuration)
        api = try TestAPI(configuration)
        context = api.context
    }

    var store: Store { context.store }

    /// What a daemon that has just been started has: nothing of the one before but the store and the kernel.
    func startService() async throws -> TaskNetworkService {
        let journal = NetworkJournal(store, kernel: try TaskNetwork(host: host.namespace))
        let groups = SecurityGroupService(context, journal: journal)
        try await groups.prepare()
        let pool = WarmPool(context, journal: journal)
        let service = TaskNetworkService(
            context, journal: journal, groups: groups, pool: pool,
            taskNamespaces: TaskNamespaces(log: context.logger(for: "reconciler")))
        try await service.prepare()
        return service
    }

    /// A task that runs, with a network.
    func runTask(
        _ id: String, on service: TaskNetworkService, _ change: (inout NetworkInterfaceRecord) -> Void = { _ in }
    ) async throws -> TaskRecord {
        let task = try await recordTask(id, on: service, change)
        _ = try await service.provision(task)
        try await self.change(task) { $0.lastStatus = .pending }
        return try await self.change(task) { $0.lastStatus = .running }
    }

    /// A task that is in the store, and not in the kernel.
    func recordTask(
        _ id: String, on service: TaskNetworkService, _ change: (inout NetworkInterfaceRecord) -> Void = { _ in }
    ) async throws -> TaskRecord {
        var allocation = try await service.allocate(taskID: id, subnets: [Self.subnetID])
        change(&allocation.interface)
        let (interface, leases) = (allocation.interface, allocation.leases)
        let task = StoreRecordTests.task(id)
        try await store.write { store in
            if try store.taskDefinition(family: task.family, revision: 1) == nil {
                _ = try store.insertTaskDefinition(family: task.family) {
                    StoreRecordTests.definition(task.family, revision: $0)
                }
            }
            try store.insert(task)
            try store.insert(interface)
            for lease in leases { try store.insert(lease) }
        }
        try Directory.make(context.configuration.value.taskRuntimeDirectory(id), mode: 0o700)
        return task
    }

    @discardableResult
    func change(_ task: TaskRecord, _ body: @Sendable @escaping (inout TaskRecord) -> Void) async throws -> TaskRecord {
        try #require(try await store.write { try $0.updateTask(task.id, body) })
    }

    /// Adds a NIC to the host that is the device of an ENI from outside.
    func makeDevice(_ name: String, _ number: UInt64) throws -> NetworkInterfaceRecord {
        let mac = try #require(MACAddress(rawValue: 0x0a11_2233_4400 + number))
        try run(
            ["ip", "link", "add", name, "address", mac.description, "type", "veth", "peer", "name", "far-\(name)"],
            in: host.namespace)
        return try Self.interface(number, mac: mac)
    }

    /// An ENI from outside, whether there is a device for it or not.
    static func interface(
        _ number: UInt64, mac: MACAddress? = nil, address: String? = nil, wait: Int64 = 60_000
    ) throws -> NetworkInterfaceRecord {
        let mac = try mac ?? #require(MACAddress(rawValue: 0x0a11_2233_4400 + number))
        let text = address ?? "192.0.2.\(number)"
        var interface = NetworkInterfaceRecord(
            networkInterface: NetworkInterface(
                id: "eni-\(number)", attachmentID: "attachment-\(number)", index: 1, macAddress: mac,
                ipv4Addresses: [.init(address: try #require(IPv4Address(text)), primary: true)],
                subnetGatewayIPv4: try InterfaceAddress(parsing: "192.0.2.1/24")),
            taskID: nil, origin: .attached, kind: .device, createdAt: .now())
        interface.expiresAt = Timestamp(millisecondsSince1970: Timestamp.now().millisecondsSince1970 + wait)
        return interface
    }

    func status(_ interface: NetworkInterfaceRecord) async throws -> AttachmentStatus? {
        try await store.read { try $0.networkInterface(id: interface.id)?.status }
    }

    /// Waits until an attachment has come to its end.
    func settled(_ interface: NetworkInterfaceRecord) async throws -> AttachmentStatus? {
        while try await status(interface) == .attaching { try await Task.sleep(for: .milliseconds(5)) }
        return try await status(interface)
    }

    func free(_ service: TaskNetworkService) async -> UInt64? {
        await service.subnets().first { $0.subnet.id == Self.subnetID }?.freeIPv4
    }
}

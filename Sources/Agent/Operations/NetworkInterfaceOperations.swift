// SPDX-License-Identifier: Apache-2.0
import Addressing
import ECSAPI
import TaskNetworking
import VPC

/// What the ECS API has no operation for: ENIs that come from outside, and what there is of subnets and ENIs.
struct NetworkInterfaceOperations: AgentPart {
    let context: AgentContext
    let network: TaskNetworkService

    var configuration: AgentConfiguration { context.configuration.value }
    var store: Store { context.store }

    func register(in dispatcher: inout APIDispatcher) {
        dispatcher.register(TaskNetworkAPI.AttachNetworkInterface.self) { input, _ in try await attach(input) }
        dispatcher.register(TaskNetworkAPI.DetachNetworkInterface.self) { input, _ in try await detach(input) }
        dispatcher.register(TaskNetworkAPI.ListNetworkInterfaces.self) { input, _ in try await list(input) }
        dispatcher.register(TaskNetworkAPI.ListSubnets.self) { input, _ in try await listSubnets(input) }
    }

    private func attach(
        _ input: TaskNetworkAPI.AttachNetworkInterface.Input
    ) async throws -> TaskNetworkAPI.AttachNetworkInterface.Output {
        try input.validate()
        try configuration.requireCluster(input.taskClusterArn)
        let id = try TaskReference.id(of: input.taskArn)
        guard let task = try await store.read({ try $0.task(id: id) }) else { throw APIError.taskNotFound }
        let attached: [NetworkInterfaceRecord]
        do {
            attached = try await network.begin(
                attaching: input.elasticNetworkInterfaces, waiting: input.waitTimeoutMs, to: task)
        } catch let error as AddressPoolError {
            throw APIError.invalidParameter("\(error)")
        }
        return .init(attachments: attached.map(TaskAttachment.init))
    }

    private func detach(
        _ input: TaskNetworkAPI.DetachNetworkInterface.Input
    ) async throws -> TaskNetworkAPI.DetachNetworkInterface.Output {
        try configuration.requireCluster(input.cluster)
        let text = input.attachmentText
        let found = try await store.read { store in
            try store.networkInterface(attachmentID: text) ?? store.networkInterface(id: text)
                ?? MACAddress(text).flatMap { try store.networkInterface(macAddress: $0) }
        }
        let task = try input.task.map { try TaskReference.id(of: $0) }
        if let found, let sandbox = found.sandbox {
            throw APIError.invalidParameter(
                "\(found.id) is \(sandbox.key), and goes with it: have its runtime remove it (CNI's DEL)")
        }
        guard let interface = found, let taskID = interface.taskID, task ?? taskID == taskID else {
            throw APIError.invalidParameter("The referenced attachment '\(text)' was not found.")
        }
        guard interface.isHotAttached else {
            throw APIError.invalidParameter(
                "\(interface.id) came with task \(taskID) and goes with it: stop the task instead.")
        }
        if interface.isOver {
            return .init(attachment: TaskAttachment(interface))
        }
        try await network.detach(interface, from: taskID)
        let after = try await store.read { try $0.networkInterface(id: interface.id) } ?? interface
        return .init(attachment: TaskAttachment(after))
    }

    private func list(
        _ input: TaskNetworkAPI.ListNetworkInterfaces.Input
    ) async throws -> TaskNetworkAPI.ListNetworkInterfaces.Output {
        try input.validate()
        try configuration.requireCluster(input.cluster)
        let subnetID = try input.subnetId.map { try configuration.subnets.require($0).id }
        let ids = try input.tasks.map { try Set($0.map { try TaskReference.id(of: $0) }) }
        let page = try await store.read {
            try $0.networkInterfaces(
                .init(taskIDs: ids, subnetID: subnetID), limit: input.maxResults ?? PageSize.most,
                after: input.nextToken)
        }
        let model = try await network.groups.groups()
        let counters = await network.groups.counters()
        let descriptions = page.items.map { model.describe($0, counters, isEnforced: counters != nil) }
        return .init(networkInterfaces: descriptions, nextToken: page.nextToken)
    }

    private func listSubnets(
        _ input: TaskNetworkAPI.ListSubnets.Input
    ) async throws -> TaskNetworkAPI.ListSubnets.Output {
        let interfaces = try await store.read { try $0.leases() }
        let ids = try input.subnets.map { names in try Set(names.map { try configuration.subnets.require($0).id }) }
        let descriptions = await network.subnets().filter { entry in
            ids?.contains(entry.subnet.id) ?? true
        }.map { entry in
            SubnetDescription(
                entry.subnet, freeIPv4: entry.freeIPv4, freeIPv6: entry.freeIPv6,
                networkInterfaceCount: Set(
                    interfaces.filter { $0.subnetID == entry.subnet.id }.map(\.networkInterfaceID)
                ).count)
        }
        return .init(subnets: descriptions)
    }
}

extension AgentConfiguration {
    func describe(_ interface: NetworkInterfaceRecord) -> NetworkInterfaceDescription {
        let arn = interface.taskID.map(arn(ofTask:))
        var description = NetworkInterfaceDescription(
            interface.networkInterface, status: interface.status, taskArn: arn?.description)
        description.clusterArn = arn?.cluster.description
        description.attachmentArn =
            AttachmentARN(scope: arnScope, id: interface.networkInterface.attachmentID).description
        description.interfaceType = .init(rawValue: interface.kind.rawValue)
        description.hostInterfaceName = interface.kind == .veth ? interface.networkInterface.hostInterfaceName : nil
        description.interfaceName = interface.sandbox?.key.interfaceName ?? "eth\(interface.networkInterface.index)"
        description.sandbox = interface.sandbox.map(SandboxDescription.init)
        return description
    }
}

extension SandboxDescription {
    fileprivate init(_ sandbox: SandboxRecord) {
        self.init(
            network: sandbox.key.network, containerId: sandbox.key.containerID,
            interfaceName: sandbox.key.interfaceName, networkNamespace: sandbox.path.text)
        podNamespace = sandbox.podNamespace
        podName = sandbox.podName
    }
}

extension NetworkInterfaceRecord {
    /// An ENI as the attachment message describes it.
    ///
    /// - Parameters:
    ///   - milliseconds: how long its device is waited for.
    ///   - subnets: where one that the message names is looked up. Its groups are ids already.
    init(
        _ message: ElasticNetworkInterface, origin: Origin, waiting milliseconds: Int?, subnets: [Subnet]
    ) throws {
        var message = message
        message.subnetId = try message.subnetId.flatMap { $0.isEmpty ? nil : try subnets.require($0).id }
        var generator = SystemRandomNumberGenerator()
        let now = Timestamp.now()
        self.init(
            networkInterface: try message.networkInterface(using: &generator), taskID: nil, origin: origin,
            kind: Kind(rawValue: message.effectiveInterfaceType.rawValue) ?? .device, createdAt: now)
        networkInterface.securityGroupIDs = message.securityGroups
        parentInterface = message.parentInterface
        mtu = message.mtu
        expiresAt = Timestamp(
            millisecondsSince1970: now.millisecondsSince1970 + Int64(milliseconds ?? Self.defaultWaitMilliseconds))
    }

    /// What the ECS control plane was seen to send.
    static let defaultWaitMilliseconds = 180_000
}

extension [Subnet] {
    /// The subnet with this id or name, or the refusal of a request that names no other.
    fileprivate func require(_ text: String) throws(APIError) -> Subnet {
        guard let subnet = named(text) else {
            throw APIError.invalidParameter("\(NetworkServiceError.unknownSubnet(text, known: map(\.id)))")
        }
        return subnet
    }
}

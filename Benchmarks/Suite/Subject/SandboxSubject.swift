// SPDX-License-Identifier: Apache-2.0
import ControlClient
import ECSAPI
import ECSClient
import Linux
import SystemPackage

/// The daemon, asked over its API for what the CNI plugin asks it for: the same without a process for each call.
struct SandboxSubject: Subject {
    let name = Catalogue.Name.api
    let client: ControlClient

    private static let network = "bench-api"

    init(_ daemon: BenchDaemon) { client = daemon.client }

    func prepare(_ slot: Slot) throws { try slot.createNamespace() }
    func discard(_ slot: Slot) throws { try slot.removeNamespace() }
    func linkCount() throws -> Int { try Room.own.linkCount() }
    func settle(to count: Int) throws -> Duration { try Room.own.settle(to: count) }

    func add(_ slot: Slot) throws -> Duration {
        let start = ContinuousClock.now
        _ = try attach(slot)
        return start.duration(to: .now)
    }

    func delete(_ slot: Slot) throws -> Duration {
        let start = ContinuousClock.now
        _ = try client.call(
            TaskNetworkAPI.DeleteSandboxNetworkInterface.self,
            .init(network: Self.network, containerId: slot.container, interfaceName: "eth0"))
        return start.duration(to: .now)
    }

    /// - Parameter groups: the group `default` where none is named.
    func attach(_ slot: Slot, groups: [String]? = nil) throws -> TaskNetworkAPI.AddSandboxNetworkInterface.Output {
        var input = TaskNetworkAPI.AddSandboxNetworkInterface.Input(
            network: Self.network, containerId: slot.container, interfaceName: "eth0",
            networkNamespace: slot.namespace.string)
        input.securityGroups = groups
        return try client.call(TaskNetworkAPI.AddSandboxNetworkInterface.self, input)
    }
}

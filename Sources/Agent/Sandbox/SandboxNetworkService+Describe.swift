// SPDX-License-Identifier: Apache-2.0
import ECSAPI
import ServiceLifecycle
import TaskNetworking
import VPC

extension SandboxNetworkService {
    /// What differs between an ENI as it was made and the kernel.
    ///
    /// - Parameter path: where its sandbox is now, as far as the caller knows.
    /// - Throws: where there is no such ENI.
    func differences(of key: SandboxRecord.Key, at path: String?) async throws -> [String] {
        let (found, plan) = try await store.read { store in
            let interface = try store.sandboxInterface(key)
            return (interface, try interface.flatMap { try store.sandboxPlan(networkInterfaceID: $0.id) })
        }
        guard let found, let sandbox = found.sandbox, let plan else {
            throw APIError.invalidParameter("\(key) is not attached: add it")
        }
        let kernel = kernel
        return try await Blocking.run {
            var differences: [String] = []
            if found.status != .attached {
                differences.append("status: expected ATTACHED, found \(found.status.rawValue)")
            }
            let there = try Sandbox.find(sandbox.namespace, at: sandbox.path, orAmongProcesses: false)
            guard let there else {
                return differences + ["namespace \(sandbox.path): expected that of the ENI, found none or another"]
            }
            if let path, path != sandbox.path.text {
                let other = try? kernel.sandbox(at: AbsolutePath(path))
                if other?.identity != there.identity {
                    differences.append("networkNamespace: expected \(sandbox.path), found \(path.shortened)")
                }
            }
            return differences + (try kernel.check(plan, in: there.namespace).map(\.description))
        }
    }

    /// Why a sandbox would not get an ENI; nil where it would.
    func whyNotReady(_ input: TaskNetworkAPI.DescribeSandboxNetwork.Input) async -> String? {
        if Task.isShuttingDownGracefully || Task.isCancelled { return "tasknetd is ending" }
        do {
            try await rehearse(input)
            return nil
        } catch {
            return "\(error)"
        }
    }

    /// Goes an addition's way up to where something would be made.
    private func rehearse(_ addition: TaskNetworkAPI.AddSandboxNetworkInterface.Input) async throws {
        _ = try await network.groups.resolve(addition.securityGroups)
        let wish = try AddressPools.Wish(addition)
        let subnet = try configuration.sandboxSubnet(addition.subnet, with: wish)
        let kind = try configuration.sandboxKind(addition.interfaceType)
        let macAddress = try addition.requestedMACAddress()
        if let macAddress, let owner = try await store.read({ try $0.networkInterface(macAddress: macAddress) }) {
            throw StoreError.macAddressTaken(macAddress, networkInterfaceID: owner.id)
        }
        var interface = try await network.draft(subnet: subnet.id, wish, macAddress: macAddress, kind: kind)
        interface.parentInterface = try configuration.sandboxParent(addition.parentInterface, of: kind)
        interface.mtu = addition.mtu
        if let branch = try addition.branch() { interface.networkInterface.association = branch }
        // Which device it is may be each sandbox's own affair.
        if kind != .device || macAddress != nil {
            try await plan(try await network.request(interface))
        }
        guard kind == .veth, let difference = try await network.hostDifferences(of: subnet).first else { return }
        throw NetworkServiceError.hostSideChanged("\(difference)", subnet: subnet.id)
    }

    private func plan(_ inner: InterfaceRequest) async throws {
        let kernel = kernel
        let request = TaskNetworkRequest(
            taskID: "status", namespacePath: try AbsolutePath("/status"), ownsNamespace: false, hostname: "",
            interfaces: [inner], endpointAddresses: [])
        _ = try await Blocking.run { try TaskNetworkPlanner.plan(request, on: try kernel.hostFacts()) }
    }
}

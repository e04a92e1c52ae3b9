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
            let configuration = configuration
            let subnet = try configuration.sandboxSubnet(input.subnet)
            let kind = try configuration.sandboxKind(input.interfaceType)
            if let parent = try configuration.sandboxParent(input.parentInterface, of: kind) {
                let name = try InterfaceName(parent)
                let kernel = kernel
                guard try await Blocking.run({ try kernel.hostMTU(of: name) }) != nil else {
                    return "\(NetworkServiceError.missingParentInterface(parent, kind: kind.rawValue))"
                }
            }
            try await network.tryAllocating(subnets: [subnet.id])
            return nil
        } catch {
            return "\(error)"
        }
    }
}

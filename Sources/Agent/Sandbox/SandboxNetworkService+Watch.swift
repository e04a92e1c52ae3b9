// SPDX-License-Identifier: Apache-2.0
import Logging
import Netlink
import ServiceLifecycle
import TaskNetworking
import VPC

extension SandboxNetworkService {
    /// Releases the ENIs of sandboxes that end without a deletion: not every runtime sends one for each that it made. A veth
    /// tells, because its end on the host goes with the namespace; other kinds wait for a collection or the next daemon.
    func run() async throws {
        await cancelWhenGracefulShutdown { await self.watch() }
        try? await gracefulShutdown()
    }

    private func watch() async {
        do {
            let events = try kernel.hostLinkEvents()
            // What ended before is not among them.
            try await releaseAllGone()
            for try await event in events {
                switch event {
                case .removed(let link): if let id = link.networkInterfaceID { try await releaseIfGone(id) }
                case .overflow: try await releaseAllGone()
                case .changed: continue
                }
            }
        } catch {
            log.error("sandboxes that end without a deletion are no longer noticed", metadata: ["error": "\(error)"])
        }
    }

    private func releaseAllGone() async throws {
        for interface in try await store.read({ try $0.sandboxInterfaces() }) { try await releaseIfGone(interface.id) }
    }

    private func releaseIfGone(_ id: String) async throws {
        guard let key = try await attached(id)?.key else { return }
        try await turns.take(key) {
            // A deletion may have had its turn before.
            guard let sandbox = try await attached(id) else { return }
            let isThere = try await Blocking.run {
                try Sandbox.find(sandbox.namespace, at: sandbox.path, orAmongProcesses: true) != nil
            }
            guard !isThere, let interface = try await store.read({ try $0.networkInterface(id: id) }) else { return }
            log.info("a sandbox ended without a deletion", metadata: ["sandbox": "\(key)"])
            do {
                try await release(interface, sandbox)
            } catch {
                log.error(
                    "a sandbox that ended is not wholly released", metadata: ["sandbox": "\(key)", "error": "\(error)"])
            }
        }
    }

    /// Whose ENI it is, if it is in a sandbox and nobody is taking it out.
    private func attached(_ id: String) async throws -> SandboxRecord? {
        guard let interface = try await store.read({ try $0.networkInterface(id: id) }), interface.status == .attached
        else { return nil }
        return interface.sandbox
    }
}

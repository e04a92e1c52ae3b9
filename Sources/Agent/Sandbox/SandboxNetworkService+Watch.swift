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
        await releasedLinks.begin()
        await cancelWhenGracefulShutdown { await self.watch() }
        try? await gracefulShutdown()
        await releasedLinks.removeNow()
    }

    private func watch() async {
        do {
            let events = try kernel.removedHostLinks()
            // What ended before is not among them.
            await releaseAllGone()
            for try await event in events {
                switch event {
                case .removed(let link): if let id = link.networkInterfaceID { await releaseIfGone(id) }
                case .overflow: await releaseAllGone()
                case .changed: continue
                }
            }
        } catch {
            log.error("sandboxes that end without a deletion are no longer noticed", metadata: ["error": "\(error)"])
        }
    }

    private func releaseAllGone() async {
        do {
            for interface in try await store.read({ try $0.sandboxInterfaces() }) { await releaseIfGone(interface.id) }
        } catch {
            log.error("sandboxes not looked through", metadata: ["error": "\(error)"])
        }
    }

    /// One that cannot be released is left to the next daemon.
    private func releaseIfGone(_ id: String) async {
        do {
            guard let key = try await attached(id)?.key else { return }
            try await journal.inTurn(of: .sandbox(key)) {
                // A deletion may have had its turn before.
                guard let sandbox = try await attached(id) else { return }
                let isThere = try await Blocking.run {
                    try Sandbox.find(sandbox.namespace, at: sandbox.path, orAmongProcesses: true) != nil
                }
                guard !isThere, let interface = try await store.read({ try $0.networkInterface(id: id) }) else {
                    return
                }
                log.info("a sandbox ended without a deletion", metadata: ["sandbox": "\(key)"])
                try await release(interface, sandbox)
            }
        } catch is CancellationError {
            // The daemon ends.
        } catch {
            log.error("a sandbox that may have ended is not released", metadata: ["eni": "\(id)", "error": "\(error)"])
        }
    }

    /// Whose ENI it is, if it is in a sandbox and nobody is taking it out.
    private func attached(_ id: String) async throws -> SandboxRecord? {
        guard let interface = try await store.read({ try $0.networkInterface(id: id) }), interface.status == .attached
        else { return nil }
        return interface.sandbox
    }
}

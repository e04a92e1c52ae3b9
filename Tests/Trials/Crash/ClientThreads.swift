// SPDX-License-Identifier: Apache-2.0
import Foundation
import Synchronization

/// Clients that work at the same time, a thread each: they block.
final class ClientThreads: Sendable {
    private let finished: Mutex<[Int: Ledger]> = Mutex([:])
    private let count: Int
    private let ended = DispatchSemaphore(value: 0)

    init(_ daemon: DaemonUnderTest, _ ledgers: [Ledger], progress: RoundProgress, scripts: [[Operation]]) throws {
        count = ledgers.count
        let plugin = PluginCaller(directory: daemon.host.pluginDirectory)
        for (ledger, script) in zip(ledgers, scripts) {
            Thread.detachNewThread { [self] in
                var client = TrialClient(daemon: daemon, plugin: plugin, progress: progress, ledger: ledger)
                client.perform(script)
                let ledger = client.ledger
                finished.withLock { $0[ledger.client] = ledger }
                ended.signal()
            }
        }
    }

    var areDone: Bool { finished.withLock { $0.count == count } }

    /// Waits for all.
    /// - Returns: what they know now, in their order.
    func wait() -> [Ledger] {
        for _ in 0..<count { ended.wait() }
        return finished.withLock { $0.values.sorted { $0.client < $1.client } }
    }
}

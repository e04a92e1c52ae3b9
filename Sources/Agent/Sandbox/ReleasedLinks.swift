// SPDX-License-Identifier: Apache-2.0
import Logging
import TaskNetworking

/// Deletes the veth pairs of ENIs that left sandboxes which live on, some time after their deletions were answered, and all
/// at once: the kernel takes as long for one as for a thousand, and most runtimes end the namespace meanwhile, which takes
/// its pair away for nothing.
actor ReleasedLinks {
    /// A tenth of what the kernel takes for them is then spent on it at most, however many come.
    static let delay = Duration.milliseconds(250)

    private let journal: NetworkJournal
    /// Whether those of an earlier daemon, which knew when they were to go, have been looked for.
    private var hasLookedForOthers = false
    private let log: Logger
    /// Waits to remove those that there are.
    private var wait: Task<Void, Never>?
    /// How many are being removed just now.
    private var removalCount = 0

    init(_ journal: NetworkJournal, log: Logger) {
        self.journal = journal
        self.log = log
    }

    /// Takes over from an earlier daemon.
    func begin() async {
        do {
            let view = journal.view
            let links = try await Blocking.run { try view.survey(namespaceDirectory: nil).links }
            if links.contains(where: { $0.mark == nil }) { removeSoon() }
        } catch {
            log.error("links of deleted ENIs are not looked for", metadata: ["error": "\(error)"])
        }
    }

    /// There are some.
    func removeSoon() {
        guard wait == nil else { return }
        wait = Trace.leave {
            Task {
                guard (try? await Task.sleep(for: Self.delay)) != nil, !Task.isCancelled else { return }
                // Those that come from now on are for the next one.
                wait = nil
                await remove()
            }
        }
    }

    /// Returns when none of those that there are is left.
    /// - Returns: whether there were any.
    @discardableResult
    func removeNow() async -> Bool {
        guard wait != nil || removalCount > 0 else { return false }
        wait?.cancel()
        wait = nil
        await remove()
        return true
    }

    /// Those that are still there of what an earlier daemon has released.
    private func others() async throws -> [OwnedLink] {
        if hasLookedForOthers { return [] }
        hasLookedForOthers = true
        let view = journal.view
        return try await Blocking.run { try view.survey(namespaceDirectory: nil).links.filter { $0.mark == nil } }
    }

    private func remove() async {
        removalCount += 1
        defer { removalCount -= 1 }
        do {
            let others = try await others()
            try await journal.make(
                .releasedLinks, intent: { _ in },
                kernel: { kernel, _ in try await Blocking.run { try kernel.removeReleased(and: others) } },
                outcome: { _, _ in })
        } catch {
            log.error("links of deleted ENIs stay until the reconciler comes", metadata: ["error": "\(error)"])
        }
    }
}

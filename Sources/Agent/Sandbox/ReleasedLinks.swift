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
    /// Those of an earlier daemon, which are in no group of this one's.
    private var others: [OwnedLink] = []
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
            others = try await Blocking.run { try view.survey(namespaceDirectory: nil).links.filter { $0.mark == nil } }
            if !others.isEmpty { removeSoon() }
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

    private func remove() async {
        removalCount += 1
        defer { removalCount -= 1 }
        do {
            try await journal.make(
                .releasedLinks, intent: { _ in },
                kernel: { [others] kernel, _ in try await Blocking.run { try kernel.removeReleased(and: others) } },
                outcome: { _, _ in })
            others = []
        } catch {
            log.error("links of deleted ENIs stay until the reconciler comes", metadata: ["error": "\(error)"])
        }
    }
}

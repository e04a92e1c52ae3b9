// SPDX-License-Identifier: Apache-2.0
import ECSAPI
import VPC

extension Reconciler {
    /// What the API tells.
    func describe() async -> ReconciliationDescription {
        var repairs = repairCounts
        let packetFilterRepairs = await groups.repairCount
        if packetFilterRepairs > 0 { repairs["packet filter"] = packetFilterRepairs }
        var failures = histories.compactMap { owner, history in
            history.failure.map { failure in
                ReconciliationDescription.Failure(
                    owner: .init(owner), found: failure.found, error: failure.error, since: failure.since,
                    attempts: history.backOff.attempts,
                    nextAttemptAt: Timestamp.now().advanced(by: history.delay(at: .now)))
            }
        }
        failures += kept.map { network, history in
            ReconciliationDescription.Failure(
                owner: .init(network.owner), found: ["what was to go is still there"], error: network.reason,
                since: history.since, attempts: history.attempts, nextAttemptAt: nil)
        }
        failures.sort { $0.owner.name < $1.owner.name }
        return ReconciliationDescription(
            interval: configuration.reconcileInterval / .seconds(1), lastRun: lastRun, repairs: repairs,
            removals: removalCounts,
            failures: failures)
    }

    /// Tasks whose networks are not as they ought to be and cannot be put right, with the time since when.
    var disconnectedTasks: [String: Timestamp] {
        var tasks: [String: Timestamp] = [:]
        for (owner, history) in histories {
            if case .task(let id) = owner, let failure = history.failure { tasks[id] = failure.since }
        }
        return tasks
    }
}

extension ReconciliationDescription.Owner {
    init(_ owner: NetworkOwner) {
        switch owner {
        case .host, .packetFilter: self.init(name: owner.description)
        case .task(let id): self.init(name: owner.description, taskId: id)
        case .sandbox(let key):
            self.init(
                name: owner.description,
                sandbox: SandboxAttachmentReference(
                    network: key.network, containerId: key.containerID, interfaceName: key.interfaceName))
        }
    }
}

extension NetworkOwner: CustomStringConvertible {
    var description: String {
        switch self {
        case .host: "the host's side"
        case .packetFilter: "the packet filter"
        case .task(let id): "task \(id)"
        case .sandbox(let key): "\(key)"
        }
    }
}

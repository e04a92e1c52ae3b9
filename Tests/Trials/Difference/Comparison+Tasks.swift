// SPDX-License-Identifier: Apache-2.0
import ECSAPI
import VPC

extension Comparison {
    /// Each acknowledged run is there or has stopped with a reason, each acknowledged stop led to STOPPED, each refused run
    /// left nothing.
    mutating func compareTasks() {
        let byLabel = Dictionary(grouping: survey.api.tasks, by: \.label)
        for (place, ledger) in ledgers.enumerated() {
            for (slot, entry) in ledger.tasks {
                let found = byLabel[entry.label] ?? []
                if found.count > 1 { differ("task \(entry.label): \(found.count) of it") }
                guard let task = found.first else {
                    if entry.arn != nil { differ("task \(entry.label): acknowledged, and not there") }
                    ledgers[place].tasks[slot] = nil
                    continue
                }
                if let arn = entry.arn, arn != task.taskArn {
                    differ("task \(entry.label): acknowledged as \(arn), found as \(task.taskArn)")
                }
                ledgers[place].tasks[slot] = compare(task, with: entry)
                if ledgers[place].tasks[slot] == nil { ledgers[place].endedTasks.insert(entry.label) }
            }
            for label in ledger.endedTasks where byLabel[label]?.first?.stoppedReason?.isEmpty ?? true {
                differ("task \(label): was STOPPED, and is not described with a reason any more")
            }
            for label in ledger.refusedTasks where byLabel[label] != nil {
                differ("task \(label): refused, and there all the same")
            }
        }
    }

    /// - Returns: what is to be known of it from now on; nil when it has stopped.
    private mutating func compare(_ task: ECSTask, with entry: TaskEntry) -> TaskEntry? {
        var entry = entry
        entry.arn = task.taskArn
        guard task.lastStatus == .stopped else {
            if entry.stop == .yes { differ("task \(entry.label): stopped, and \(task.lastStatus?.rawValue ?? "?")") }
            if entry.shape.endsByItself {
                differ(
                    "task \(entry.label) (\(entry.shape)): ought to have ended, and is \(task.lastStatus?.rawValue ?? "?")"
                )
            }
            if entry.stop == .unknown { entry.stop = task.desiredStatus == .stopped ? .yes : .no }
            compareGroups(of: task, &entry)
            return entry
        }
        let reason = task.stoppedReason ?? ""
        if reason.isEmpty { differ("task \(entry.label): STOPPED without a reason") }
        if entry.stop == .no, !entry.shape.endsByItself, !hurt.contains(task.id) {
            differ("task \(entry.label) (\(entry.shape), \(task.id)): STOPPED though nobody asked: \(reason)")
        }
        for container in task.containers ?? [] where container.lastStatus != .stopped {
            differ(
                "task \(entry.label): STOPPED, and container \(container.name) is \(container.lastStatus?.rawValue ?? "?")"
            )
        }
        return nil
    }

    private mutating func compareGroups(of task: ECSTask, _ entry: inout TaskEntry) {
        guard let first = survey.api.interfaces.first(where: { $0.taskArn == task.taskArn && $0.index == 0 }) else {
            return differ("task \(entry.label): no ENI is listed")
        }
        let groups = (first.securityGroups ?? []).filter { $0.groupName != TrialHost.baseGroup }.map(\.groupId)
        if !entry.groupChoices.contains(Set(groups)) {
            differ("task \(entry.label): in groups \(groups), and ought to be in \(entry.groupChoices)")
        }
        entry.groupChoices = [Set(groups)]
    }
}

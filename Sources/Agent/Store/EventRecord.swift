// SPDX-License-Identifier: Apache-2.0
package import ECSAPI
package import VPC

/// Something that has happened. It is written in the transaction of the change that it tells of, and never changed.
package struct EventRecord: Sendable, Equatable {
    /// Grows by one with each event, and no number is given twice. Zero until it is appended.
    package var sequence: Int64 = 0
    package var time: Timestamp
    package var kind: EventKind
    /// What it happened to: a task's id, an ENI's, a container's name, a link's.
    package var subject: String
    /// The task that it belongs to.
    package var taskID: String?
    package var from: String?
    package var to: String?
    /// Why, for people. Cut to `longestCause` when it is appended.
    package var cause: String?

    package init(
        _ kind: EventKind, subject: String, taskID: String? = nil, from: String? = nil, to: String? = nil,
        cause: String? = nil, time: Timestamp = .now()
    ) {
        self.kind = kind
        self.subject = subject
        self.taskID = taskID
        self.from = from
        self.to = to
        self.cause = cause
        self.time = time
    }

    /// In characters. Causes quote what users and programs said, and the list's size is promised.
    package static let longestCause = 500
}

extension EventRecord {
    /// - Parameter before: nil for a new task.
    init(_ task: TaskRecord, from before: TaskStatus?) {
        let reasons =
            before == nil ? [task.restart?.origin] : [task.stopCode?.rawValue, task.stoppedReason]
        let reason = reasons.compactMap(\.self).joined(separator: ": ")
        self.init(
            .task, subject: task.id, taskID: task.id, from: before?.rawValue, to: task.lastStatus.rawValue,
            cause: reason.isEmpty ? nil : reason)
    }

    init(_ container: ContainerRecord, from before: ContainerStatus) {
        let causes = [container.exitCode.map { "exit code \($0)" }, container.reason].compactMap(\.self)
        self.init(
            .container, subject: container.name, taskID: container.taskID, from: before.rawValue,
            to: container.lastStatus.rawValue, cause: causes.isEmpty ? nil : causes.joined(separator: ", "))
    }

    /// - Parameter before: nil for an ENI that has come.
    init(_ interface: NetworkInterfaceRecord, from before: AttachmentStatus?) {
        self.init(
            .attachment, subject: interface.id, taskID: interface.taskID, from: before?.rawValue,
            to: interface.status.rawValue,
            cause: interface.statusReason ?? interface.sandbox.map { "\($0.key)" })
    }
}

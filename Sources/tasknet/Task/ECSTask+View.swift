// SPDX-License-Identifier: Apache-2.0

import ECSAPI
import VPC

extension ECSTask {
    var id: String { TaskIndex.id(of: taskArn) }

    /// Enough of the id to type.
    var shortID: String { String(id.prefix(12)) }

    var clusterName: String { clusterArn.map { TaskIndex.id(of: $0) } ?? "-" }

    /// "web:3"
    var definitionName: String { taskDefinitionArn.map { TaskIndex.id(of: $0) } ?? "-" }

    var isStopped: Bool { lastStatus == .stopped }

    /// The addresses of the task's interfaces, as its attachments tell them.
    var addresses: [String] {
        (attachments ?? []).filter { $0.type == TaskAttachment.networkInterfaceType }.flatMap { attachment in
            [TaskAttachment.Detail.privateIPv4Address, TaskAttachment.Detail.ipv6Address]
                .compactMap { attachment.detail($0) }
        }
    }

    /// "app, sidecar (exit code 1)"
    var containersText: String {
        (containers ?? []).map { container in
            let state = container.stateText
            return state.isEmpty ? container.name : "\(container.name) (\(state))"
        }.joined(separator: ", ")
    }

    /// How long ago something was, "3 minutes ago".
    static func age(_ time: Timestamp?, now: Timestamp) -> String {
        time.map { ElapsedTime.text(seconds: now.secondsSince1970 - $0.secondsSince1970) + " ago" } ?? ""
    }

    /// "12 seconds", of a task that runs or ran.
    func runningTime(now: Timestamp) -> String {
        guard let startedAt else { return "" }
        let end = executionStoppedAt ?? stoppedAt ?? now
        return ElapsedTime.text(seconds: end.secondsSince1970 - startedAt.secondsSince1970)
    }

    /// Why the task stopped, with what its containers say about it.
    var stoppedText: String {
        var text = stoppedReason ?? stopCode?.rawValue ?? "no reason is known"
        let ends = (containers ?? []).compactMap { container -> String? in
            guard container.exitCode.map({ $0 != 0 }) ?? (container.reason != nil) else { return nil }
            return "\(container.name): \(container.endText)"
        }
        if !ends.isEmpty { text += " (\(ends.joined(separator: "; ")))" }
        return text
    }
}

extension Container {
    /// What is worth saying beside the name; nothing of a container that runs and is well.
    var stateText: String {
        switch lastStatus {
        case .running: healthStatus == .unhealthy ? "unhealthy" : ""
        case .stopped: exitCode.map { "exit code \($0)" } ?? "not started"
        default: "pending"
        }
    }

    var endText: String {
        [exitCode.map { "exit code \($0)" }, reason].compactMap(\.self).joined(separator: ", ")
    }
}

extension TaskStatus {
    var style: Style {
        switch self {
        case .running: .good
        case .stopped: .dim
        default: .caution
        }
    }
}

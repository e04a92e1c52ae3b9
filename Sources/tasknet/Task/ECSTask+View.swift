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

    /// Whether it runs with another network than it ought to have, which the daemon cannot put right.
    var isDisconnected: Bool { !isStopped && connectivity == "DISCONNECTED" }

    /// The attachments of ENIs.
    var interfaces: [TaskAttachment] {
        (attachments ?? []).filter { $0.type == TaskAttachment.networkInterfaceType }
    }

    /// The addresses that the task has: those of ENIs that are attached, or on their way to it.
    var addresses: [String] {
        let gone: [AttachmentStatus] = [.detaching, .detached, .deleted, .failed]
        return interfaces.filter { $0.status.map { !gone.contains($0) } ?? true }.flatMap(\.addresses)
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
        guard let time else { return "" }
        let seconds = now.secondsSince1970 - time.secondsSince1970
        return seconds < 1 ? "just now" : ElapsedTime.text(seconds: seconds) + " ago"
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

extension TaskAttachment {
    var addresses: [String] {
        [detail(Detail.privateIPv4Address), detail(Detail.ipv6Address)].compactMap(\.self)
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

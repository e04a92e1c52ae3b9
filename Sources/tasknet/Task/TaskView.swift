// SPDX-License-Identifier: Apache-2.0

import ControlClient
import ECSAPI
import FoundationEssentials
import JSON
import TaskDefinitions
import VPC

/// A task in full, for people.
struct TaskView {
    let task: ECSTask
    let now: Timestamp

    func lines(styled: Bool) -> [String] {
        var lines = overview(styled: styled)
        if !task.interfaces.isEmpty {
            lines += ["", heading("Network interfaces", styled)]
            lines += task.interfaces.flatMap { interface($0) }.map { "  " + $0 }
        }
        lines += ["", heading("Containers", styled)]
        lines += containers().lines(styled: styled, indentation: 2)
        return lines
    }

    private func overview(styled: Bool) -> [String] {
        var status = task.lastStatus?.rawValue ?? "-"
        if styled { status = (task.lastStatus?.style ?? .plain).painted(status) }
        if let desired = task.desiredStatus, desired.rawValue != task.lastStatus?.rawValue {
            status += " (is to be \(desired.rawValue))"
        }
        var pairs: [(String, String?)] = [("Task", task.id), ("Status", status)]
        if task.isStopped || task.stoppedReason != nil {
            pairs.append(
                ("Reason", [task.stopCode?.rawValue, task.stoppedReason].compactMap(\.self).joined(separator: ": ")))
        }
        if let health = task.healthStatus, health != .unknown { pairs.append(("Health", health.rawValue)) }
        if task.isDisconnected {
            let age = ECSTask.age(task.connectivityAt, now: now)
            pairs.append(("Network", "broken, noticed \(age): tasknet doctor says what differs"))
        }
        pairs += [
            ("Definition", task.definitionName), ("Cluster", task.clusterName), ("Group", task.group),
            ("Started by", task.startedBy), ("Created", time(task.createdAt)), ("Started", time(task.startedAt)),
            ("Stopped", time(task.stoppedAt)), ("ARN", task.taskArn),
        ]
        if let tags = task.tags, !tags.isEmpty {
            pairs.append(("Tags", tags.map { "\($0.key ?? "")=\($0.value ?? "")" }.joined(separator: ", ")))
        }
        return ValuePairs(pairs).lines(alreadyPainted: "Status")
    }

    private func interface(_ attachment: TaskAttachment) -> [String] {
        let names = TaskAttachment.Detail.self
        return ValuePairs([
            ("ENI", attachment.detail(names.networkInterfaceID) ?? "(not made yet)"),
            ("  Status", attachment.status?.rawValue),
            ("  Reason", attachment.detail(names.statusReason)),
            ("  IPv4", attachment.detail(names.privateIPv4Address)),
            ("  IPv6", attachment.detail(names.ipv6Address)),
            ("  MAC", attachment.detail(names.macAddress)),
            ("  Subnet", attachment.detail(names.subnetID)),
            ("  Name", attachment.detail(names.privateDNSName)),
            ("  Attachment", attachment.id),
        ]).lines()
    }

    private func containers() -> Table {
        let all = task.containers ?? []
        let showsHealth = all.contains { ($0.healthStatus ?? .unknown) != .unknown }
        let showsEnd = all.contains { $0.exitCode != nil || $0.reason != nil }
        var table = Table(
            ["NAME", "STATUS"] + (showsHealth ? ["HEALTH"] : []) + (showsEnd ? ["ENDED WITH"] : []) + ["IMAGE"])
        for container in all {
            var cells: [Table.Cell] = [Table.Cell(container.name), Table.Cell(container.lastStatus?.rawValue ?? "")]
            if showsHealth {
                let health = container.healthStatus ?? .unknown
                cells.append(Table.Cell(health.rawValue, health == .unhealthy ? .bad : .plain))
            }
            if showsEnd { cells.append(Table.Cell(container.endText)) }
            cells.append(Table.Cell(container.image ?? ""))
            table.rows.append(cells)
        }
        return table
    }

    private func heading(_ text: String, _ styled: Bool) -> String {
        styled ? Style.bold.painted(text) : text
    }

    private func time(_ time: Timestamp?) -> String? {
        time.map { "\($0.date.formatted(.iso8601)) (\(ECSTask.age($0, now: now)))" }
    }
}

// SPDX-License-Identifier: Apache-2.0
import ECSAPI
import Netlink
import VPC

extension Comparison {
    /// Devices are in their task, or on the host under their names and as they were.
    mutating func compareDevices() {
        for (place, ledger) in ledgers.enumerated() {
            for (slot, entry) in ledger.devices { ledgers[place].devices[slot] = compare(entry) }
        }
    }

    private mutating func compare(_ entry: DeviceEntry) -> DeviceEntry {
        var entry = entry
        let what = "device \(entry.name) (\(entry.networkInterfaceID))"
        let task = survey.api.running.values.first { $0.label == entry.taskLabel }
        let listed = survey.api.interfaces.first { $0.networkInterfaceId == entry.networkInterfaceID }
        let isAttached = listed?.status == .attached
        switch entry.attachment {
        case .yes where task == nil: entry.attachment = .no
        case .yes where !isAttached:
            let attachment = task?.attachments?.first {
                $0.detail(TaskAttachment.Detail.networkInterfaceID) == entry.networkInterfaceID
            }
            differ(
                "\(what): attached to \(entry.taskLabel ?? "?"), and \(attachment?.status?.rawValue ?? "not there"): "
                    + (attachment?.detail(TaskAttachment.Detail.statusReason) ?? ""))
        case .no where isAttached: differ("\(what): detached, and attached")
        default: entry.attachment = isAttached ? .yes : .no
        }

        let onHost = survey.host.links.first { $0.macAddress.map { "\($0)" } == entry.mac }
        if isAttached {
            if let onHost { differ("\(what): attached, and on the host as \(onHost.name)") }
        } else if let onHost {
            if onHost.name != entry.name { differ("\(what): on the host as \(onHost.name)") }
            if let alias = onHost.alias, !alias.isEmpty { differ("\(what): still marked: \(alias)") }
        } else {
            differ("\(what): gone from the host, and not attached")
        }
        return entry
    }
}

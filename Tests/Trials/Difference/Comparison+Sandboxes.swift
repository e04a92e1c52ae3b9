// SPDX-License-Identifier: Apache-2.0
import ECSAPI
import VPC

extension Comparison {
    /// Each acknowledged ADD is there unless its namespace went, each acknowledged DEL is gone.
    mutating func compareSandboxes() {
        var listed: [String: NetworkInterfaceDescription] = [:]
        for interface in survey.api.interfaces {
            guard let sandbox = interface.sandbox else { continue }
            if listed.updateValue(interface, forKey: sandbox.containerId) != nil {
                differ("sandbox \(sandbox.containerId): more than one ENI")
            }
        }
        for (place, ledger) in ledgers.enumerated() {
            for (slot, entry) in ledger.sandboxes {
                let found = listed.removeValue(forKey: entry.name)
                ledgers[place].sandboxes[slot] = compare(found, with: entry)
            }
        }
        for name in listed.keys.sorted() { differ("sandbox \(name): never asked for, and there") }
    }

    private mutating func compare(
        _ found: NetworkInterfaceDescription?, with entry: SandboxEntry
    ) -> SandboxEntry {
        var entry = entry
        // What it was in is gone, and it with it.
        let wanted = entry.isOrphaned ? .no : entry.attachment
        switch (wanted, found) {
        case (.yes, nil): differ("sandbox \(entry.name): its ADD was acknowledged, and it is not there")
        case (.no, let found?):
            differ(
                "sandbox \(entry.name): deleted\(entry.isOrphaned ? " with its namespace" : ""), and there: \(found.networkInterfaceId)"
            )
        case (_, let found?):
            entry.attachment = .yes
            check(found, of: entry)
        case (_, nil): entry.attachment = .no
        }
        if entry.isOrphaned { (entry.isOrphaned, entry.attachment) = (false, .no) }
        return entry
    }

    private mutating func check(_ interface: NetworkInterfaceDescription, of entry: SandboxEntry) {
        guard let namespace = survey.namespaces[entry.name] else {
            return differ("sandbox \(entry.name): no namespace for \(interface.networkInterfaceId)")
        }
        let faults = namespace.faults(of: "eth0", mac: interface.macAddress, addresses: interface.addresses)
        for fault in faults { differ("sandbox \(entry.name): \(fault)") }
    }
}

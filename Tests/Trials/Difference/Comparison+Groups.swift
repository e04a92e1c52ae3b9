// SPDX-License-Identifier: Apache-2.0
import ECSAPI
import VPC

extension Comparison {
    /// Acknowledged changes hold, and what was revoked or deleted is gone.
    mutating func compareGroups() {
        var listed = Dictionary(survey.api.groups.map { ($0.groupName, $0) }, uniquingKeysWith: { first, _ in first })
        for (place, ledger) in ledgers.enumerated() {
            for (slot, entry) in ledger.groups {
                let found = listed.removeValue(forKey: entry.name)
                switch (entry.existence, found) {
                case (.yes, nil): differ("group \(entry.name): acknowledged, and not there")
                case (.no, .some): differ("group \(entry.name): deleted, and there")
                default: break
                }
                var entry = entry
                entry.existence = found == nil ? .no : .yes
                entry.id = found?.groupId ?? entry.id
                if let found { compareRules(of: found, &entry) }
                ledgers[place].groups[slot] = entry
            }
        }
        let base = listed.removeValue(forKey: TrialHost.baseGroup)
        if base?.ipPermissions.count != 2 { differ("group \(TrialHost.baseGroup): \(String(describing: base))") }
        let file = listed.removeValue(forKey: TrialHost.fileGroup)
        let ports = Set((file?.ipPermissions ?? []).compactMap(\.fromPort).map(String.init))
        expect(
            ports, toBe: Set((0..<variant.ruleCount).map { String(TrialHost.firstFilePort + $0) }),
            "ports of the file's group")
        listed["default"] = nil
        for name in listed.keys.sorted() { differ("group \(name): never asked for, and there") }
    }

    private mutating func compareRules(of found: SecurityGroupDescription, _ entry: inout GroupEntry) {
        for number in 0..<Operation.ruleCount {
            let rule = TrialRule(number)
            let isThere = (rule.isEgress ? found.ipPermissionsEgress : found.ipPermissions)
                .contains { $0.fromPort == rule.port }
            switch entry.rules[number] ?? .no {
            case .yes where !isThere: differ("group \(entry.name): rule \(rule.port) acknowledged, and not there")
            case .no where isThere: differ("group \(entry.name): rule \(rule.port) revoked, and there")
            default: entry.rules[number] = isThere ? .yes : .no
            }
        }
    }
}

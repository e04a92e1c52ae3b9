// SPDX-License-Identifier: Apache-2.0
import ECSAPI

extension TrialClient {
    mutating func createGroup(_ slot: Int) -> Outcome {
        guard ledger.groups[slot].map({ $0.existence == .no }) ?? true else { return .skipped }
        let name = ledger.newName("g\(slot)")
        let (outcome, output) = call(
            TaskNetworkAPI.CreateSecurityGroup.self, .init(groupName: name, description: "of the trial"))
        switch outcome {
        case .acknowledged: ledger.groups[slot] = GroupEntry(name: name, id: output?.groupId, existence: .yes)
        case .unknown: ledger.groups[slot] = GroupEntry(name: name, existence: .unknown)
        case .refused, .absent, .skipped: break
        }
        return outcome
    }

    mutating func deleteGroup(_ slot: Int) -> Outcome {
        guard let entry = ledger.groups[slot], entry.existence == .yes, let id = entry.id else { return .skipped }
        let (outcome, _) = call(TaskNetworkAPI.DeleteSecurityGroup.self, .init(groupId: id))
        switch outcome {
        case .acknowledged: ledger.groups[slot]?.existence = .no
        case .unknown: ledger.groups[slot]?.existence = .unknown
        case .refused, .absent, .skipped: break
        }
        return outcome
    }

    mutating func authorize(_ slot: Int, _ rule: Int) -> Outcome {
        guard let id = changeable(slot, rule, when: .no) else { return .skipped }
        let permissions = [TrialRule(rule).permission(of: id)]
        let outcome =
            TrialRule(rule).isEgress
            ? call(TaskNetworkAPI.AuthorizeSecurityGroupEgress.self, .init(groupId: id, ipPermissions: permissions))
                .outcome
            : call(TaskNetworkAPI.AuthorizeSecurityGroupIngress.self, .init(groupId: id, ipPermissions: permissions))
                .outcome
        note(outcome, slot, rule, .yes)
        return outcome
    }

    mutating func revoke(_ slot: Int, _ rule: Int) -> Outcome {
        guard let id = changeable(slot, rule, when: .yes) else { return .skipped }
        let permissions = [TrialRule(rule).permission(of: id)]
        let outcome =
            TrialRule(rule).isEgress
            ? call(TaskNetworkAPI.RevokeSecurityGroupEgress.self, .init(groupId: id, ipPermissions: permissions))
                .outcome
            : call(TaskNetworkAPI.RevokeSecurityGroupIngress.self, .init(groupId: id, ipPermissions: permissions))
                .outcome
        note(outcome, slot, rule, .no)
        return outcome
    }

    private func changeable(_ slot: Int, _ rule: Int, when certainty: Certainty) -> String? {
        guard let entry = ledger.groups[slot], entry.existence == .yes, entry.rules[rule] ?? .no == certainty else {
            return nil
        }
        return entry.id
    }

    private mutating func note(_ outcome: Outcome, _ slot: Int, _ rule: Int, _ certainty: Certainty) {
        switch outcome {
        case .acknowledged: ledger.groups[slot]?.rules[rule] = certainty
        case .unknown: ledger.groups[slot]?.rules[rule] = .unknown
        case .refused, .absent, .skipped: break
        }
    }
}

/// One of the few rules that a group can have: told by its port.
struct TrialRule: Sendable {
    static let firstPort = 8000
    let number: Int

    init(_ number: Int) { self.number = number }

    var port: Int { Self.firstPort + number }
    var isEgress: Bool { number % 2 == 1 }

    func permission(of group: String) -> IpPermission {
        var permission = IpPermission(ipProtocol: "tcp", fromPort: port, toPort: port)
        switch number {
        case 0: permission.ipRanges = [.init(cidrIp: "10.0.0.0/8")]
        case 1: permission.ipv6Ranges = [.init(cidrIpv6: "fd00::/8")]
        default: permission.userIdGroupPairs = [.init(groupId: group)]
        }
        return permission
    }
}

// SPDX-License-Identifier: Apache-2.0
import ECSAPI
import ECSClient
import Glibc
import Linux
import Netlink
import SystemPackage
import VPC

/// Asks the daemon to end and delete all that the clients made, and takes away what is the trial's own.
struct Dismissal {
    let era: Era

    init(_ era: Era) { self.era = era }

    /// - Returns: what was refused.
    func run() throws -> [String] {
        let client = era.daemon.client
        var refusals: [String] = []
        func attempt(_ what: String, _ body: () throws -> Void) {
            do { try body() } catch { refusals.append("\(what): \(error)") }
        }
        for place in era.ledgers.indices {
            for (slot, entry) in era.ledgers[place].tasks {
                guard let arn = entry.arn else { continue }
                attempt("stop \(entry.label)") {
                    _ = try client.call(StopTask.self, .init(task: arn, reason: "the end"))
                }
                era.ledgers[place].tasks[slot]?.stop = .yes
            }
            attempt("collect") {
                let network = era.ledgers[place].network
                _ = try client.call(
                    TaskNetworkAPI.CollectSandboxNetworkInterfaces.self, .init(network: network, validAttachments: []))
            }
            for (_, entry) in era.ledgers[place].sandboxes where entry.isThere {
                attempt("namespace \(entry.name)") {
                    try NetworkNamespace.remove(at: era.trial.host.namespaceDirectory.appending(entry.name))
                }
            }
            era.ledgers[place].sandboxes = [:]
        }
        return refusals + (try waitForTasks()) + deleteGroups() + deleteDevices() + lookForDefinitions()
    }

    /// Groups go when nobody is in them, and devices when they are back.
    private func waitForTasks() throws -> [String] {
        let deadline = ContinuousClock.now.advanced(by: .seconds(era.trial.options.patience))
        while true {
            let survey = try APISurvey(era.daemon.client)
            let left = survey.tasks.filter { $0.lastStatus != .stopped }
            if left.isEmpty { return [] }
            guard .now < deadline else {
                return left.map { "task \($0.label) (\($0.id)) does not stop: \($0.lastStatus?.rawValue ?? "?")" }
            }
            usleep(10_000)
        }
    }

    private func deleteGroups() -> [String] {
        var refusals: [String] = []
        for place in era.ledgers.indices {
            for (slot, entry) in era.ledgers[place].groups where entry.existence != .no {
                do {
                    _ = try era.daemon.client.call(
                        TaskNetworkAPI.DeleteSecurityGroup.self, .init(groupId: entry.id))
                    era.ledgers[place].groups[slot]?.existence = .no
                } catch {
                    refusals.append("delete group \(entry.name): \(error)")
                }
            }
        }
        return refusals
    }

    private func deleteDevices() -> [String] {
        var refusals: [String] = []
        for place in era.ledgers.indices {
            for (_, entry) in era.ledgers[place].devices {
                do {
                    try RouteConnection().apply(.deleteLink(.name(entry.name)))
                } catch {
                    refusals.append("device \(entry.name) is not back: \(error)")
                }
            }
            era.ledgers[place].devices = [:]
        }
        return refusals
    }

    /// Each that was acknowledged is there.
    private func lookForDefinitions() -> [String] {
        era.ledgers.flatMap(\.definitions).compactMap { arn in
            do {
                _ = try era.daemon.client.call(DescribeTaskDefinition.self, .init(taskDefinition: arn))
                return nil
            } catch {
                return "definition \(arn): acknowledged, and: \(error)"
            }
        }
    }
}

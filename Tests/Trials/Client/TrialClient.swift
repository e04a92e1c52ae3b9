// SPDX-License-Identifier: Apache-2.0
import ControlClient
import ECSAPI
import ECSClient
import Glibc
import Linux

/// One client of the daemon: does its operations one after the other, and writes down what it was told.
struct TrialClient: Sendable {
    let daemon: DaemonUnderTest
    let plugin: PluginCaller
    let progress: RoundProgress
    var ledger: Ledger

    /// Does a script, until it ends or the daemon does. One DEL may still come after that: then the next daemon does it.
    mutating func perform(_ script: [Operation]) {
        for (index, operation) in script.enumerated() {
            let outcome = perform(operation)
            progress.note(operation, outcome, client: ledger.client)
            guard outcome == .absent || outcome == .unknown else { continue }
            for late in script[(index + 1)...] {
                guard case .deleteSandbox = late else { continue }
                progress.note(late, perform(late), client: ledger.client)
                break
            }
            return
        }
    }

    private mutating func perform(_ operation: Operation) -> Outcome {
        switch operation {
        case .registerDefinition: registerDefinition()
        case .runTask(let slot, let shape): run(slot, shape)
        case .stopTask(let slot): stop(slot)
        case .describeTasks: describe()
        case .attach(let task, let device, let isLate): attach(device, to: task, isLate: isLate)
        case .detach(let device): detach(device)
        case .awaitRunning(let task): awaitRunning(task)
        case .awaitAttached(let device): awaitAttached(device)
        case .addSandbox(let slot, let subnet): add(slot, subnet: subnet)
        case .checkSandbox(let slot): check(slot)
        case .deleteSandbox(let slot): delete(slot)
        case .collectSandboxes(let slots): collect(keeping: slots)
        case .removeNamespace(let slot): removeNamespace(slot)
        case .createGroup(let slot): createGroup(slot)
        case .deleteGroup(let slot): deleteGroup(slot)
        case .authorize(let slot, let rule): authorize(slot, rule)
        case .revoke(let slot, let rule): revoke(slot, rule)
        case .setGroups(let task, let slots): setGroups(of: task, to: slots)
        case .reload(let variant): reload(variant)
        }
    }

    /// Performs an operation of the API.
    func call<Operation: APIOperation>(
        _ operation: Operation.Type, _ input: Operation.Input
    ) -> (outcome: Outcome, output: Operation.Output?) {
        do {
            return (.acknowledged, try daemon.client.call(operation, input))
        } catch {
            return (Outcome(error), nil)
        }
    }

    private func reload(_ variant: TrialHost.Variant) -> Outcome {
        do {
            try daemon.host.writeConfiguration(variant)
            progress.note(variant)
            daemon.signal(SIGHUP)
            return .acknowledged
        } catch {
            return .refused("\(error)")
        }
    }
}

extension Outcome {
    init(_ error: ControlError) {
        self =
            switch error {
            case .unavailable: .absent
            case .interrupted, .timedOut, .notHTTP: .unknown
            case .refused(let operation, let refusal): .refused("\(operation): \(refusal.type): \(refusal.message)")
            case .unexpectedStatus, .unreadable: .refused("\(error)")
            }
    }
}

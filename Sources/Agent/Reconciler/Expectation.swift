// SPDX-License-Identifier: Apache-2.0
import Linux
import SystemPackage
import TaskNetworking

/// A network that ought to be in the kernel now, as the store has it.
struct Expectation: Sendable {
    enum Content: Sendable {
        case host(HostNetworkPlan)
        /// One of a running task's: its first, or that of an ENI that came later.
        case task(TaskNetworkPlan, pause: TaskRecord.PauseProcess?)
        case sandbox(TaskNetworkPlan, SandboxRecord)
    }

    let owner: NetworkOwner
    let content: Content

    init(_ owner: NetworkOwner, _ content: Content) {
        self.owner = owner
        self.content = content
    }
}

/// What the kernel has of an expectation.
enum Comparison: Sendable {
    case found([Drift])
    /// A sandbox's namespace has ended: whoever watches sandboxes releases what is left.
    case over
    /// It could not be looked at.
    case failed(String)

    var drift: [Drift] { if case .found(let drift) = self { drift } else { [] } }
}

extension KernelView {
    /// Compares expectations with the kernel, all in one look where that can be.
    func compare(_ expectations: [Expectation]) -> [Comparison] {
        var results = [Comparison](repeating: .over, count: expectations.count)
        var tasks: [(index: Int, plan: TaskNetworkPlan)] = []
        for (index, expectation) in expectations.enumerated() {
            switch expectation.content {
            case .host(let plan): results[index] = Self.comparison { try check(plan) }
            case .task(let plan, _): tasks.append((index, plan))
            case .sandbox(let plan, let sandbox): results[index] = compare(plan, in: sandbox)
            }
        }
        for (task, result) in zip(tasks, compare(tasks.map(\.plan))) { results[task.index] = result }
        return results
    }

    private func compare(_ plans: [TaskNetworkPlan]) -> [Comparison] {
        if let found = try? check(plans), found.count == plans.count { return found.map { .found($0) } }
        // One that cannot be looked at must not hide the others.
        return plans.map { plan in Self.comparison { try check(plan) } }
    }

    private func compare(_ plan: TaskNetworkPlan, in sandbox: SandboxRecord) -> Comparison {
        do {
            let there = try Sandbox.find(sandbox.namespace, at: sandbox.path, orAmongProcesses: true)
            guard let there else { return .over }
            return .found(try check(plan, in: there.namespace))
        } catch {
            return .failed("\(error)")
        }
    }

    private static func comparison(_ body: () throws -> [Drift]) -> Comparison {
        do {
            return .found(try body())
        } catch {
            return .failed("\(error)")
        }
    }
}

extension TaskNetwork {
    /// Makes an expectation true again.
    ///
    /// - Throws: what the kernel refused; `StillDifferent` where it refused nothing and is still not as it ought to be.
    func repair(_ expectation: Expectation) throws {
        switch expectation.content {
        case .host(let plan): _ = try apply(plan)
        case .task(let plan, _):
            // Never a new one: the containers are in theirs.
            guard (try? NetworkNamespace(path: FilePath(plan.namespacePath.text))) != nil else {
                throw ReconciliationError.noNamespace(path: plan.namespacePath.text)
            }
            _ = try apply(plan)
        case .sandbox(let plan, let sandbox):
            let there = try Sandbox.find(sandbox.namespace, at: sandbox.path, orAmongProcesses: true)
            guard let there else { return }
            _ = try apply(plan, in: there.namespace)
        }
        switch compare([expectation]).first {
        case .found(let drift) where !drift.isEmpty: throw ReconciliationError.stillDifferent(drift.texts)
        case .failed(let reason): throw ReconciliationError.notComparable(reason)
        default: break
        }
    }
}

/// Why a network is not put right.
enum ReconciliationError: Error, Hashable, Sendable, CustomStringConvertible {
    case noNamespace(path: String)
    case stillDifferent([String])
    case notComparable(String)

    var description: String {
        switch self {
        case .noNamespace(let path):
            "the task's namespace is not bound at \(path) any more, and no process holds it: stop the task"
        case .stillDifferent(let texts):
            "the kernel took all of it and still differs (\(texts.joined(separator: "; "))): something changes it back"
        case .notComparable(let reason): "it cannot be compared with the kernel: \(reason)"
        }
    }
}

extension [Drift] {
    /// The first few, in words.
    var texts: [String] {
        let most = 10
        let texts = prefix(most).map(\.description)
        return count > most ? texts + ["\(count - most) more"] : texts
    }

    /// What kinds of things differ: the words that repairs are counted by.
    var kinds: Set<String> { Set(map(\.requirement.repairKind)) }
}

extension Requirement {
    fileprivate var repairKind: String {
        switch self {
        case .namespace: "namespace"
        case .veth, .madeLink, .link, .bridgePort, .bridge, .tap, .ready: "link"
        case .device: "device"
        case .address: "address"
        case .route, .noConnectedRoutes: "route"
        case .rule: "rule"
        case .neighbour: "neighbour"
        case .sysctl: "sysctl"
        case .file: "file"
        case .ipv6Forwarding, .uplinkForwarding: "forwarding"
        }
    }
}

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
        /// Only its host's side has to stay as it was made (`TaskNetworkPlan.hostSide`).
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
    /// Compares expectations with the kernel, all in one look.
    func compare(_ expectations: [Expectation]) -> [Comparison] {
        var results = [Comparison](repeating: .over, count: expectations.count)
        var plans: [(index: Int, plan: CheckedPlan)] = []
        for (index, expectation) in expectations.enumerated() {
            switch expectation.content {
            case .host(let plan): results[index] = Comparison(Result { try check(plan) })
            case .task(let plan, _): plans.append((index, CheckedPlan(plan)))
            case .sandbox(let plan, let sandbox):
                do {
                    guard let there = try sandbox.find() else { continue }
                    plans.append((index, CheckedPlan(plan.hostSide, in: there.namespace)))
                } catch {
                    results[index] = .failed("\(error)")
                }
            }
        }
        do {
            for (place, result) in zip(plans, try check(plans.map(\.plan))) {
                results[place.index] = Comparison(result)
            }
        } catch {
            for place in plans { results[place.index] = .failed("\(error)") }
        }
        return results
    }
}

extension Comparison {
    fileprivate init(_ result: Result<[Drift], some Error>) {
        switch result {
        case .success(let drift): self = .found(drift)
        case .failure(let error): self = .failed("\(error)")
        }
    }
}

extension SandboxRecord {
    /// Nil where its namespace has ended, whatever is at its path by now.
    fileprivate func find() throws -> Sandbox? {
        try Sandbox.find(namespace, at: path, orAmongProcesses: true)
    }
}

extension TaskNetwork {
    /// Makes an expectation true again.
    ///
    /// - Throws: what the kernel refused; `ReconciliationError` where it refused nothing and something still differs.
    func repair(_ expectation: Expectation) throws {
        switch expectation.content {
        case .host(let plan): _ = try apply(plan)
        case .task(let plan, let pause):
            try rebindIfUnbound(plan, pause)
            _ = try repair(plan)
        case .sandbox(let plan, let sandbox):
            guard let there = try sandbox.find() else { return }
            _ = try repair(plan.hostSide, in: there.namespace)
        }
        switch compare([expectation]).first {
        case .found(let drift) where !drift.isEmpty: throw ReconciliationError.stillDifferent(drift.texts)
        case .failed(let reason): throw ReconciliationError.notComparable(reason)
        default: break
        }
    }

    /// The namespace lives on for as long as the pause process does, and gets its name again. A new one is never made: the
    /// containers are in theirs.
    ///
    /// - Throws: where another namespace has the name by now: nothing of the task's is to be made in there.
    private func rebindIfUnbound(_ plan: TaskNetworkPlan, _ pause: TaskRecord.PauseProcess?) throws {
        guard let pause, let process = try? ProcessHandle(pid: pause.processID, startTime: pause.startTime) else {
            // Said by the repair.
            return
        }
        let namespace = try NetworkNamespace(pid: process.pid)
        // Then it was this one's, and not that of another process with the same number.
        guard process.isAlive else { return }
        if (try? NetworkNamespace(path: FilePath(plan.namespacePath.text))) == namespace { return }
        try rebind(plan, to: namespace)
    }
}

/// Why a network is not put right.
enum ReconciliationError: Error, Hashable, Sendable, CustomStringConvertible {
    case stillDifferent([String])
    case notComparable(String)

    var description: String {
        switch self {
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

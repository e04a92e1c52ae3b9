// SPDX-License-Identifier: Apache-2.0
import ECSAPI
import TaskNetworking
import VPC

/// What steps are about, in words, as far as it is still known: traces hold numbers alone.
struct TraceDetails: Sendable {
    /// The task's containers, in their definition's order.
    var containers: [String] = []
    /// What the network is made by; nil once it is gone.
    var plan: TaskNetworkPlan?

    func text(of step: Trace.Step) -> String? {
        guard let subject = step.subject.map(Int.init) else { return nil }
        switch step.step {
        case .path(.container):
            return containers.indices.contains(subject) ? containers[subject] : nil
        case .path:
            return nil
        case .requirement, .hostRequirement:
            guard let requirements = plan?.requirements, requirements.indices.contains(subject),
                TraceStep(requirements[subject]) == step.step
            else { return nil }
            return requirements[subject].description
        }
    }
}

extension TraceRecorder {
    /// An owner's ways as the API has them, with what is not known of them.
    func describe(_ ways: Ways?, _ empty: TaskTrace, _ details: TraceDetails) -> TaskTrace {
        var paths: [TaskTrace.Path] = []
        var steps: [TaskTrace.Step] = []
        var notes: [String] = []
        if ways?.start == nil {
            notes.append(
                "the steps of the start are not known: tasknetd keeps those of the last \(Self.most) tasks and ENIs, "
                    + "since its own start at \(since)")
        }
        for trace in [ways?.start, ways?.stop].compactMap(\.self) {
            let contents = trace.contents
            paths.append(
                .init(
                    name: trace.way.rawValue, startedAt: trace.startedAt,
                    totalMicroseconds: contents.total.map(Int.init)))
            // What is known of a way there is of no use for the way back, where requirements are taken in another order.
            steps += contents.tree(
                trace.way, trace.way == .start ? details : TraceDetails(containers: details.containers),
                from: steps.count)
            if contents.lost > 0 {
                notes.append("\(contents.lost) more steps of the \(trace.way.rawValue) were not kept")
            }
        }
        return TaskTrace(
            taskArn: empty.taskArn, networkInterfaceId: empty.networkInterfaceId, paths: paths, steps: steps,
            notes: notes)
    }
}

extension Trace.Contents {
    /// Each step before its parts, whatever else began in between.
    ///
    /// - Parameter first: the place of the first one in the list that these go into.
    fileprivate func tree(_ way: Trace.Way, _ details: TraceDetails, from first: Int) -> [TaskTrace.Step] {
        let parts = Dictionary(grouping: steps.indices) { steps[$0].parent }
        var result: [TaskTrace.Step] = []
        func add(_ index: Int, depth: Int, parent: Int?) {
            let step = steps[index]
            let place = first + result.count
            result.append(
                .init(
                    path: way.rawValue, name: step.step.name, detail: details.text(of: step),
                    offsetMicroseconds: Int(step.offset), durationMicroseconds: step.duration.map(Int.init),
                    depth: depth, parent: parent))
            for part in inOrder(parts[Trace.Index(index)] ?? []) { add(part, depth: depth + 1, parent: place) }
        }
        for index in inOrder(parts[nil] ?? []) { add(index, depth: 0, parent: nil) }
        return result
    }

    private func inOrder(_ indices: [Int]) -> [Int] {
        indices.sorted { (steps[$0].offset, $0) < (steps[$1].offset, $1) }
    }
}

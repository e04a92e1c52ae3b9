// SPDX-License-Identifier: Apache-2.0
import ECSAPI
import VPC

extension TaskNetworkAPI.AnalyzeNetworkPath.Output {
    /// Adds what the kernel has to the model's steps, and the steps that are the kernel's alone.
    mutating func add(_ facts: KernelFacts, _ judgement: Judgement) {
        var steps: [NetworkPath.Step] = []
        var findings: [NetworkPath.Drift] = drift ?? []
        func append(_ step: NetworkPath.Step, _ parts: KernelFacts.Part...) {
            var step = step
            step.sequenceNumber = steps.count + 1
            let kernels = parts.compactMap(facts.kernel)
            if let first = kernels.first {
                step.kernel = NetworkPath.Kernel(
                    agrees: kernels.allSatisfy(\.agrees), text: kernels.map(\.text).joined(separator: "; "),
                    packets: kernels.compactMap(\.packets).first ?? first.packets)
            }
            steps.append(step)
            for part in parts { findings += facts.drift(part, sequenceNumber: step.sequenceNumber) }
        }
        // The host's own part comes when it is known where a packet is from, and before it is asked where it may go.
        let last = judgement.steps.lastIndex { $0.isBeforeRouting } ?? 0
        for (index, (step, of)) in zip(forwardPathComponents ?? [], judgement.steps).enumerated() {
            append(step, KernelFacts.Part(of))
            guard index == last else { continue }
            if facts.kernel(.forward) != nil { append(.hostForwards, .forward) }
            for chain in facts.strangers { append(.stranger(chain)) }
        }
        forwardPathComponents = steps
        drift = findings
        for chain in facts.strangers { remarks = (remarks ?? []) + [Self.remark(chain)] }
    }

    private static func remark(_ chain: String) -> String {
        """
        chain \(chain) is not tasknet's, and drops what none of its rules accepts: let it accept what comes from and goes \
        to "tn-*" (nft insert rule \(chain) iifname "tn-*" accept, and the same with oifname)
        """
    }
}

extension NetworkPath.Step {
    fileprivate static let hostForwards = NetworkPath.Step(
        sequenceNumber: 0, component: .init(.host, id: "host"), verdict: .passes, text: "the host routes it")

    fileprivate static func stranger(_ chain: String) -> NetworkPath.Step {
        NetworkPath.Step(
            sequenceNumber: 0, component: .init(.packetFilter, id: chain), verdict: .mayStop,
            text: "chain \(chain) is somebody else's, and drops what none of its rules accepts")
    }
}

extension JudgementStep {
    fileprivate var isBeforeRouting: Bool {
        switch self {
        case .source, .instanceMetadata: true
        default: false
        }
    }
}

extension KernelFacts.Part {
    fileprivate init(_ step: JudgementStep) {
        switch step {
        case .source: self = .source
        case .instanceMetadata: self = .instanceMetadata
        case .egress: self = .egress
        case .route: self = .route
        case .ingress: self = .ingress
        case .destination: self = .destination
        }
    }
}

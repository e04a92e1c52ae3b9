// SPDX-License-Identifier: Apache-2.0
import ECSAPI
import VPC

extension TaskNetworkAPI.AnalyzeNetworkPath.Output {
    /// Adds what a real connection met, and whether it is what the model says.
    mutating func add(_ probe: NetworkPath.Probe, _ judgement: Judgement) {
        self.probe = probe
        let isDenied = judgement.verdict == .denied
        switch probe.result {
        case .reached, .refused:
            guard isDenied else { return }
            drift =
                (drift ?? []) + [
                    .init(
                        text: "a real connection got through where the model stops it: \(probe.text)",
                        mend: Mend.restart)
                ]
        case .timedOut, .unreachable:
            // UDP is silent where all is well, too.
            if isDenied || probe.result == .timedOut && judgement.flow.ipProtocol == .udp { return }
            if case .destination(_, .outside)? = judgement.steps.last {
                let remark = "what stops it is outside of this host, or the destination does not answer"
                remarks = (remarks ?? []) + [remark]
                return
            }
            drift =
                (drift ?? []) + [
                    .init(
                        text: "a real connection did not get through where the model lets it: \(probe.text)",
                        mend: "look for packet filters inside both ends, and at what the destination runs")
                ]
        case .failed: return
        }
    }
}

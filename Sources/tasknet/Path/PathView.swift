// SPDX-License-Identifier: Apache-2.0

import ECSAPI
import JSON

/// An analysis of a path, hop by hop, for people.
struct PathView {
    let output: TaskNetworkAPI.AnalyzeNetworkPath.Output

    func lines(styled: Bool) -> [String] {
        var lines = [headline(styled: styled), ""]
        lines += hops.lines(styled: styled)
        lines += section("Why not", (output.explanations ?? []).flatMap(Self.lines), styled)
        lines += section("Model and kernel disagree", drift, styled)
        if let probe = output.probe {
            lines += section("Probe", [EscapedText.of("\(probe.result.rawValue): \(probe.text)")], styled)
        }
        lines += section("Note", (output.remarks ?? []).map { EscapedText.of($0) }, styled)
        return lines
    }

    private func headline(styled: Bool) -> String {
        let traffic =
            (output.protocol ?? "traffic") + (output.destinationPort.map { " port \($0)" } ?? "")
        let verdict = output.networkPathFound ? "reachable" : "not reachable"
        let shown = styled ? (output.networkPathFound ? Style.good : .bad).painted(verdict) : verdict
        return EscapedText.of("\(Self.text(output.source)) -> \(Self.text(output.destination)), \(traffic): ") + shown
    }

    private static func text(_ end: NetworkPath.End?) -> String {
        guard let end else { return "?" }
        let name = end.text ?? end.component.id
        return name == end.address ? name : "\(name) (\(end.address))"
    }

    private var hops: Table {
        let steps = output.forwardPathComponents ?? []
        let showsKernel = steps.contains { $0.kernel != nil }
        var table = Table([">HOP", "THROUGH", "VERDICT"] + (showsKernel ? ["KERNEL"] : []) + ["BECAUSE"])
        for step in steps {
            var cells: [Table.Cell] = [
                Table.Cell(String(step.sequenceNumber)), Table.Cell(Self.text(step.component)),
                Table.Cell(step.verdict.rawValue, step.verdict.style),
            ]
            if showsKernel {
                cells.append(Table.Cell(Self.text(step.kernel), step.kernel?.agrees == false ? .bad : .plain))
            }
            cells.append(Table.Cell(step.text))
            table.rows.append(cells)
        }
        return table
    }

    private static func text(_ component: NetworkPath.Component) -> String {
        let kind = component.kind == .networkInterface ? "eni" : component.kind.rawValue
        let name = component.name ?? component.id
        return component.kind == .host ? "host" : "\(kind) \(name)"
    }

    private static func text(_ kernel: NetworkPath.Kernel?) -> String {
        guard let kernel else { return "" }
        let packets = kernel.packets.map { $0 == 1 ? ", 1 packet" : ", \($0) packets" } ?? ""
        return (kernel.agrees ? "agrees" : "disagrees") + packets
    }

    private static func lines(_ explanation: NetworkPath.Explanation) -> [String] {
        var lines = [EscapedText.of("\(explanation.explanationCode): \(explanation.text)")]
        for rule in explanation.nearest ?? [] { lines.append(EscapedText.of("  near: \(rule)")) }
        if let mend = explanation.mend { lines.append(EscapedText.of("  -> \(mend)")) }
        return lines
    }

    /// What the kernel has where it disagrees, and what was found beside.
    private var drift: [String] {
        let steps = (output.forwardPathComponents ?? []).filter { $0.kernel?.agrees == false }
        let told = Set((output.drift ?? []).compactMap(\.sequenceNumber))
        var lines: [String] = []
        for step in steps where !told.contains(step.sequenceNumber) {
            lines.append(EscapedText.of("hop \(step.sequenceNumber): \(step.kernel?.text ?? "")"))
        }
        for drift in output.drift ?? [] {
            let place = drift.sequenceNumber.map { "hop \($0): " } ?? ""
            lines.append(EscapedText.of(place + drift.text))
            if let mend = drift.mend { lines.append(EscapedText.of("  -> \(mend)")) }
        }
        return lines
    }

    private func section(_ title: String, _ lines: [String], _ styled: Bool) -> [String] {
        lines.isEmpty ? [] : ["", styled ? Style.bold.painted(title) : title] + lines.map { "  " + $0 }
    }
}

extension NetworkPath.Verdict {
    fileprivate var style: Style {
        switch self {
        case .passes: .good
        case .stops: .bad
        case .notEnforced, .mayStop: .caution
        }
    }
}

extension TaskNetworkAPI.AnalyzeNetworkPath.Output {
    /// Whether the kernel, or what a probe met, is not what the model says.
    var hasDrift: Bool {
        !(drift ?? []).isEmpty || (forwardPathComponents ?? []).contains { $0.kernel?.agrees == false }
    }

    /// How `tasknet why` ends.
    var status: CommandStatus { hasDrift ? .drift : networkPathFound ? .success : .unreachable }
}

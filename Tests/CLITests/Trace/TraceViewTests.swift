// SPDX-License-Identifier: Apache-2.0

import ECSAPI
import Testing
import VPC

@testable import tasknet

/// Bars and sums of a trace, without a daemon.
@Suite("Traces for people")
struct TraceViewTests {
    private func step(
        _ name: String, _ offset: Int, _ duration: Int?, depth: Int = 0, path: String = "start", detail: String? = nil
    ) -> TaskTrace.Step {
        .init(
            path: path, name: name, detail: detail, offsetMicroseconds: offset, durationMicroseconds: duration,
            depth: depth, parent: nil)
    }

    private func trace(_ steps: [TaskTrace.Step], total: Int?) -> TaskTrace {
        TaskTrace(
            taskArn: nil, networkInterfaceId: nil,
            paths: [.init(name: "start", startedAt: Timestamp(millisecondsSince1970: 0), totalMicroseconds: total)],
            steps: steps)
    }

    @Test(
        "A bar begins and ends where its step does, and can be seen however short",
        arguments: [
            (0, 100, "##########", "██████████"), (50, 50, "     #####", "     █████"), (0, 50, "#####", "█████"),
            (0, 0, "#", "▏"), (100, 0, "         #", "         █"), (25, 50, "  ######", "  █████▌"),
            (0, 1000, "##########", "██████████"), (500, 10, "         #", "         █"), (-5, 5, "#", "▏"),
        ])
    func bars(offset: Int, duration: Int, plain: String, blocks: String) {
        var bar = TraceBar(width: 10, whole: 100, hasBlocks: false)
        #expect(bar.text(offset: offset, duration: duration) == plain)
        bar.hasBlocks = true
        #expect(bar.text(offset: offset, duration: duration) == blocks)
    }

    @Test("A whole of nothing has bars too")
    func nothing() {
        #expect(TraceBar(width: 10, whole: 0, hasBlocks: false).text(offset: 0, duration: 0) == "#")
    }

    @Test("Parts stand further in, with offset, duration and bar")
    func lines() {
        let steps = [
            step("request", 0, 2000), step("network", 2000, 7000),
            step("kernel", 4000, 4000, depth: 1),
            step("host.route", 5000, 1000, depth: 2, detail: "route 10.64.1.4/32 dev tn-1"),
            step("container", 9500, 500, detail: "app"),
        ]
        let lines = TraceView(trace: trace(steps, total: 10_000), width: 66, hasBlocks: false).lines(styled: false)
        #expect(
            lines == [
                "start at 1970-01-01T00:00:00.000Z: 10.000 ms",
                "STEP                                  AT MS  TOOK MS",
                "request                               0.000    2.000  ##",
                "network                               2.000    7.000    #########",
                "  kernel                              4.000    4.000      ######",
                "    host route 10.64.1.4/32 dev tn-1  5.000    1.000        #",
                "container app                         9.500    0.500             #",
                "most: kernel 3.000 ms (30 %), network 3.000 ms (30 %), request 2.000 ms (20 %), "
                    + "host.route 1.000 ms (10 %), between steps 0.500 ms (5 %)",
            ], "\(lines.joined(separator: "\n"))")
    }

    @Test("A step that goes on, and a path that does")
    func unfinished() {
        let steps = [step("request", 0, 1000), step("pause", 1000, nil)]
        let lines = TraceView(trace: trace(steps, total: nil), width: 60, hasBlocks: false).lines(styled: false)
        #expect(lines.first?.hasSuffix(": goes on") == true)
        #expect(lines.contains { $0.hasPrefix("pause") && $0.contains("goes on") })
    }

    @Test("What could steer a terminal does not")
    func hostile() {
        let steps = [step("container", 0, 10, detail: "a\u{1b}[31mb")]
        let lines = TraceView(trace: trace(steps, total: 10), width: 60, hasBlocks: false).lines(styled: false)
        #expect(!lines.joined().contains("\u{1b}"))
    }

    @Test("Steps side by side count once, and those of one name together")
    func sums() {
        let steps = [
            step("container", 0, 600), step("container", 100, 600), step("record", 700, 100),
            step("network", 800, 200), step("turn", 800, 150, depth: 1), step("intent", 900, 100, depth: 1),
        ]
        let summary = TraceSummary(steps: steps, whole: 1100)
        #expect(summary.between == 100)
        #expect(
            summary.shares.map { "\($0.name) \($0.microseconds)" } == [
                "container 1200", "turn 150", "intent 100", "record 100",
            ])
        #expect(TraceSummary(steps: [], whole: 0).lines(most: 3).isEmpty)
    }
}

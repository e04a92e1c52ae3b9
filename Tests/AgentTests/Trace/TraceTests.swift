// SPDX-License-Identifier: Apache-2.0
import ECSAPI
import Testing
import VPC

@testable import Agent

/// Traces as they are recorded: which step is a part of which, and that they stay small.
@Suite("Traces")
struct TraceTests {
    private func names(_ trace: Trace) -> [String] { trace.contents.steps.map(\.step.name) }

    @Test("A step that begins inside of another is a part of it, also in a task that it starts")
    func nesting() async {
        let trace = Trace(.start)
        await Trace.follow(trace) {
            await traced(.network) {
                await traced(.turn) {}
                await Task { await traced(.intent) {} }.value
            }
            await traced(.pause) {}
        }
        let steps = trace.contents.steps
        #expect(names(trace) == ["network", "turn", "intent", "pause"])
        #expect(steps.map(\.parent) == [nil, 0, 0, nil])
        #expect(steps.allSatisfy { $0.duration != nil })
        #expect(trace.contents.total == nil)
    }

    @Test("Steps side by side are no parts of each other")
    func concurrency() async {
        let trace = Trace(.start)
        await Trace.follow(trace) {
            await withTaskGroup { group in
                for place in 0..<20 {
                    group.addTask { await traced(.container, subject: place) { await traced(.turn) {} } }
                }
            }
        }
        let steps = trace.contents.steps
        #expect(steps.count == 40)
        for step in steps {
            switch step.step {
            case .path(.container): #expect(step.parent == nil)
            default: #expect(step.parent.map { steps[Int($0)].step } == .path(.container))
            }
        }
        #expect(Set(steps.compactMap(\.subject)) == Set(0..<20))
    }

    @Test("Where nobody's way is traced a step is only done")
    func untraced() async {
        #expect(await traced(.network) { 1 } == 1)
        #expect(await Trace.follow(nil) { TracePlace.current == nil ? 2 : 0 } == 2)
    }

    @Test("A step that throws ends")
    func failure() async {
        let trace = Trace(.start)
        await #expect(throws: APIError.taskNotFound) {
            try await Trace.follow(trace) { try await traced(.network) { throw APIError.taskNotFound } }
        }
        #expect(trace.contents.steps.first?.duration != nil)
    }

    @Test("What begins after the way is over is none of its steps; what goes on then still ends")
    func over() async {
        let trace = Trace(.start)
        await Trace.follow(trace) {
            await traced(.request) {
                trace.end()
                await traced(.record) {}
            }
        }
        #expect(names(trace) == ["request"])
        #expect(trace.contents.steps[0].duration != nil)
        #expect(trace.contents.total != nil && trace.isOver)
    }

    @Test("A trace has room for so many steps, and counts the others")
    func bound() async {
        let trace = Trace(.start)
        await Trace.follow(trace) { for _ in 0..<300 { await traced(.record) {} } }
        #expect(trace.contents.steps.count == Trace.most)
        #expect(trace.contents.lost == 300 - Trace.most)
    }

    @Test("A time before the beginning is the beginning, a very long one the longest")
    func extremes() {
        let now = ContinuousClock.now
        let trace = Trace(.start, since: now)
        trace.add(.path(.request), in: nil, from: now - .seconds(1), to: now + .milliseconds(2))
        trace.add(.path(.record), in: nil, from: now, to: now + .seconds(1_000_000))
        #expect(trace.contents.steps.map(\.offset) == [0, 0])
        #expect(trace.contents.steps.map(\.duration) == [2000, UInt32.max - 1])
    }

    @Test("The last owners are kept, each with its way there and its way back")
    func ring() {
        let recorder = TraceRecorder(capacity: 3)
        let first = Trace(.start)
        _ = first.begin(.path(.network))
        recorder.keep(first, of: "a")
        for owner in ["b", "c"] { recorder.keep(Trace(.start), of: owner) }
        recorder.keep(Trace(.stop), of: "a")
        recorder.keep(Trace(.start), of: "d")
        #expect(recorder["a"] == nil)
        // Whoever follows it still holds no steps.
        #expect(first.isOver && first.contents.steps.isEmpty)
        #expect(["b", "c", "d"].allSatisfy { recorder[$0]?.start != nil && recorder[$0]?.stop == nil })
        // It comes again, without what is forgotten.
        let stop = recorder.begin(.stop, of: "a")
        #expect(recorder["a"]?.start == nil && recorder["a"]?.stop === stop)
        #expect(recorder["b"] == nil)
        #expect(recorder.begin(.stop, of: "a") === stop)
        recorder.end("a")
        #expect(stop.isOver)
        #expect(recorder.begin(.stop, of: "a") !== stop)
    }

    @Test("A way that is a part of another's is the other's, and both are told of it")
    func inside() async {
        let recorder = TraceRecorder()
        await recorder.record(.start, of: "eni-1") {
            await recorder.record(.stop, of: "eni-2") { await traced(.networkRelease) {} }
        }
        let trace = recorder["eni-1"]?.start
        #expect(trace?.isOver == true)
        #expect(recorder["eni-2"]?.start === trace)
        #expect(trace.map(names) == ["network.release"])
    }

    @Test("All steps have names of their own")
    func stepNames() {
        #expect(MemoryLayout<TraceStep>.size <= 2)
        #expect(Set(PathStep.allCases.map(\.rawValue)).count == PathStep.allCases.count)
        // Programs look for them.
        #expect(PathStep.network.rawValue == "network")
        #expect(PathStep.networkRelease.rawValue == "network.release")
    }
}

// SPDX-License-Identifier: Apache-2.0
import Glibc
import Linux
import Testing

@Suite("Descriptors that are waited for without a thread") struct ReadinessTests {
    @Test("All who wait for a descriptor are told", arguments: [false, true])
    func told(patiently: Bool) async throws {
        let ends = try PipeEnds()
        try await withThrowingDiscardingTaskGroup { group in
            let raw = ends.reading.withRaw { $0 }
            for _ in 0..<3 {
                group.addTask { await patiently ? Readiness.waitForMore(of: raw) : Readiness.wait(for: raw) }
            }
            try ends.writing.writeAll([1], to: "pipe")
        }
        // Whoever comes when there is something need not wait for more.
        await ends.reading.untilReadable()
    }

    @Test("An end that has gone is told")
    func hangUp() async throws {
        var ends: [CInt] = [-1, -1]
        try #require(pipe(&ends) == 0)
        let (reading, writing) = (ends[0], ends[1])
        async let told: Void = Readiness.wait(for: reading)
        close(writing)
        await told
        close(reading)
    }

    @Test("Who gives up is let go, and the others wait on, also for another descriptor of the same number")
    func givenUp() async throws {
        for round in 0..<50 {
            let ends = try PipeEnds()
            let raw = ends.reading.withRaw { $0 }
            let patient = Task { await Readiness.wait(for: raw) }
            let hasty = Task { await Readiness.wait(for: raw) }
            if round.isMultiple(of: 2) { await Task.yield() }
            hasty.cancel()
            await hasty.value
            try ends.writing.writeAll([1], to: "pipe")
            await patient.value
        }
    }

    @Test("What was cancelled before it began does not wait")
    func cancelled() async throws {
        let ends = try PipeEnds()
        let raw = ends.reading.withRaw { $0 }
        let wait = Task {
            while !Task.isCancelled { await Task.yield() }
            await Readiness.wait(for: raw)
        }
        wait.cancel()
        await wait.value
    }
}

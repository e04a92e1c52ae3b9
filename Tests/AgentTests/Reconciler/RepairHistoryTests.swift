// SPDX-License-Identifier: Apache-2.0
import Addressing
import Testing
import VPC

@testable import Agent

@Suite("Repair history")
struct RepairHistoryTests {
    private let start = ContinuousClock.now

    private func failure(at time: Int64 = 0, error: String = "refused") -> RepairHistory.Failure {
        .init(
            found: ["link: expected present, found missing"], error: error,
            since: Timestamp(millisecondsSince1970: time))
    }

    @Test("a repair that fails is tried again after 1 s, then twice as long each time, up to 5 minutes")
    func backOff() {
        var backOff = RepairBackOff()
        #expect(backOff.delay(at: start) == .zero)
        var pauses: [Duration] = []
        var now = start
        for _ in 0..<12 {
            backOff.noteFailure(at: now)
            pauses.append(backOff.delay(at: now))
            now = now.advanced(by: backOff.delay(at: now))
            #expect(backOff.delay(at: now) == .zero)
        }
        #expect(pauses == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300].map { .seconds($0) })
        #expect(backOff.attempts == 12)
    }

    @Test("a failure keeps the time of the first, and ends with a repair or with peace")
    func failureEnds() {
        var history = RepairHistory()
        history.noteFailure(failure(at: 1000), at: start)
        history.noteFailure(failure(at: 9000, error: "again"), at: start.advanced(by: .seconds(1)))
        #expect(history.failure?.since == Timestamp(millisecondsSince1970: 1000))
        #expect(history.failure?.error == "again")
        #expect(history.backOff.attempts == 2)
        #expect(!history.isForgettable(at: start.advanced(by: .seconds(100_000))))
        history.notePeace()
        #expect(history.failure == nil)
        #expect(history.delay(at: start) == .zero)
        #expect(history.isForgettable(at: start))
        history.noteFailure(failure(), at: start)
        history.noteRepair(at: start)
        #expect(history.failure == nil)
        #expect(!history.isForgettable(at: start.advanced(by: .seconds(100))))
        #expect(history.isForgettable(at: start.advanced(by: .seconds(200))))
    }

    @Test("somebody who undoes each repair is not followed without pause, until there was peace for a minute")
    func pace() {
        var history = RepairHistory()
        var now = start
        var pauses: [Duration] = []
        for _ in 0..<12 {
            pauses.append(history.delay(at: now))
            now = now.advanced(by: history.delay(at: now))
            history.noteRepair(at: now)
        }
        #expect(pauses.prefix(5).allSatisfy { $0 == .zero })
        #expect(Array(pauses.dropFirst(5)) == [1, 2, 4, 8, 16, 30, 30].map { .seconds($0) })
        #expect(history.delay(at: now.advanced(by: .seconds(60))) == .zero)
    }
}

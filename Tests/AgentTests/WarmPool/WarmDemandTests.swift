// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import Agent

@Suite struct WarmDemandTests {
    /// All that ought to be there is.
    private func filled(_ minimum: Int, _ maximum: Int) -> WarmDemand {
        var demand = WarmDemand(minimum: minimum, maximum: maximum)
        demand.note(ready: demand.target)
        return demand
    }

    @Test func oneRushDoublesItOnce() {
        var demand = filled(4, 64)
        for ready in [3, 2, 1, 0] { demand.note(ready: ready) }
        #expect(!demand.isRaised)
        for _ in 0..<100 { demand.noteEmpty() }
        #expect(demand.target == 8 && demand.isRaised)
        // Half filled again, and empty again: it could not show yet what it is good for.
        demand.note(ready: 4)
        demand.noteEmpty()
        #expect(demand.target == 8)
        demand.note(ready: 8)
        demand.noteEmpty()
        #expect(demand.target == 16)
    }

    @Test func maximumHolds() {
        var demand = filled(3, 10)
        for _ in 0..<5 {
            demand.note(ready: demand.target)
            demand.noteEmpty()
        }
        #expect(demand.target == 10)
        #expect(WarmDemand(minimum: 8, maximum: 2).maximum == 8)
    }

    @Test func halvesWhatWasNotNeeded() {
        var demand = filled(2, 64)
        demand.noteEmpty()
        demand.note(ready: 4)
        demand.noteEmpty()
        demand.note(ready: 8)
        #expect(demand.target == 8)
        // It was empty in this time.
        demand.noteTimePassed()
        #expect(demand.target == 8)
        // Five of eight were taken.
        demand.note(ready: 3)
        demand.note(ready: 8)
        demand.noteTimePassed()
        #expect(demand.target == 8)
        // Half of them.
        demand.note(ready: 4)
        demand.noteTimePassed()
        #expect(demand.target == 4)
        // None.
        demand.noteTimePassed()
        #expect(demand.target == 2 && !demand.isRaised)
        demand.noteTimePassed()
        #expect(demand.target == 2)
    }

    @Test func otherBounds() {
        var demand = filled(4, 64)
        demand.noteEmpty()
        demand.setBounds(minimum: 2, maximum: 64)
        #expect(demand.target == 8)
        demand.setBounds(minimum: 2, maximum: 6)
        #expect(demand.target == 6)
        demand.setBounds(minimum: 0, maximum: 6)
        #expect(demand.target == 0 && demand.isOff && !demand.isRaised)
        demand.setBounds(minimum: 3, maximum: 6)
        #expect(demand.target == 3 && !demand.isOff)
        demand.setBounds(minimum: 1, maximum: 6)
        #expect(demand.target == 1)
    }
}

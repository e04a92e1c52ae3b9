// SPDX-License-Identifier: Apache-2.0
import Testing
import VPC

@testable import Agent

@Suite("Health tracker")
struct HealthTrackerTests {
    @Test("retries failures in a row make a container unhealthy, one success heals it")
    func retries() {
        var tracker = HealthTracker(retries: 3, startPeriod: .zero)
        #expect(tracker.record(success: true, age: .seconds(1)) == .healthy)
        #expect(tracker.record(success: false, age: .seconds(2)) == nil)
        #expect(tracker.record(success: false, age: .seconds(3)) == nil)
        #expect(tracker.record(success: true, age: .seconds(4)) == nil)
        #expect(tracker.record(success: false, age: .seconds(5)) == nil)
        #expect(tracker.record(success: false, age: .seconds(6)) == nil)
        #expect(tracker.record(success: false, age: .seconds(7)) == .unhealthy)
        #expect(tracker.record(success: true, age: .seconds(8)) == .healthy)
    }

    @Test("failures within the start period do not count, until a check has succeeded")
    func startPeriod() {
        var tracker = HealthTracker(retries: 1, startPeriod: .seconds(60))
        #expect(tracker.record(success: false, age: .seconds(30)) == nil)
        #expect(tracker.status == .unknown)
        #expect(tracker.record(success: true, age: .seconds(31)) == .healthy)
        #expect(tracker.record(success: false, age: .seconds(32)) == .unhealthy)
    }

    @Test("failures after the start period count")
    func afterStartPeriod() {
        var tracker = HealthTracker(retries: 1, startPeriod: .seconds(10))
        #expect(tracker.record(success: false, age: .seconds(10)) == .unhealthy)
    }
}

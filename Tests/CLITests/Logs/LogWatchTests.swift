// SPDX-License-Identifier: Apache-2.0

import SystemPackage
import Testing

@testable import tasknet

@Suite("Log watch")
struct LogWatchTests {
    @Test("Wakes at once when something is written, rotated or made")
    func waking() throws {
        try LogFixture.with { log in
            var watch = try LogWatch()
            try watch.add(log.directory.string)
            for change in 0..<3 {
                switch change {
                case 0: try log.write(1)
                case 1: log.rotate()
                default: try log.write(1)
                }
                let begin = ContinuousClock.now
                try watch.wait(until: begin + .seconds(60))
                #expect(begin.duration(to: .now) < .seconds(30))
            }
        }
    }

    @Test("A directory may come later; the deadline ends the waiting")
    func missing() throws {
        try LogFixture.with { log in
            var watch = try LogWatch()
            try watch.add(log.directory.appending("none").string)
            try watch.wait(until: .now + .milliseconds(1))
        }
    }
}

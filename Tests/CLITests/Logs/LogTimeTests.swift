// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Testing

@testable import tasknet

@Suite("Log times")
struct LogTimeTests {
    @Test(
        "Are read to the nanosecond",
        arguments: [
            ("1970-01-01T00:00:00Z", 0, 0), ("2025-11-02T10:11:12.123456789Z", 1_762_078_272, 123_456_789),
            ("2025-11-02T10:11:12.1Z", 1_762_078_272, 100_000_000), ("2024-02-29T00:00:00Z", 1_709_164_800, 0),
            ("2025-11-02T11:11:12+01:00", 1_762_078_272, 0), ("2025-11-02 05:41:12-04:30", 1_762_078_272, 0),
            ("1969-12-31T23:59:59.5Z", -1, 500_000_000), ("2000-03-01t00:00:00.0000000009z", 951_868_800, 0),
        ])
    func reading(text: String, seconds: Int, nanoseconds: Int) {
        #expect(LogTime(text) == LogTime(seconds: seconds, nanoseconds: nanoseconds))
    }

    @Test(
        "Anything else is none",
        arguments: [
            "", "now", "2025-11-02", "2025-11-02T10:11Z", "2025-13-02T10:11:12Z", "2025-11-02T24:00:00Z",
            "2025-11-02T10:11:12", "2025-11-02T10:11:12.Z", "2025-11-02T10:11:12Zx", "25-11-02T10:11:12Z",
            "2025-11-02T10:11:12+1:00", "٢٠٢٥-11-02T10:11:12Z",
        ])
    func refusal(text: String) {
        #expect(LogTime(text) == nil)
    }

    @Test("Agree with FoundationEssentials on every day of many years")
    func oracle() throws {
        let strategy = Date.ISO8601FormatStyle()
        for day in stride(from: 0, to: 40_000, by: 13) {
            let date = Date(timeIntervalSince1970: Double(day) * 86_400)
            #expect(LogTime(date.formatted(strategy))?.seconds == day * 86_400)
        }
    }

    @Test("Are in order of time, not of their text")
    func order() throws {
        let early = try #require(LogTime("2025-11-02T10:11:12.1Z"))
        let late = try #require(LogTime("2025-11-02T10:11:12.12Z"))
        #expect(early < late)
        #expect("2025-11-02T10:11:12.1Z" > "2025-11-02T10:11:12.12Z")
    }

    @Test("--since takes an age, a time, or seconds since 1970")
    func since() throws {
        #expect(try LogsCommand.time("2025-11-02T10:11:12Z").seconds == 1_762_078_272)
        #expect(try LogsCommand.time("1762078272").seconds == 1_762_078_272)
        let now = Int(Date().timeIntervalSince1970)
        #expect(abs(try LogsCommand.time("10m").seconds - (now - 600)) <= 2)
        #expect(abs(try LogsCommand.time("90").seconds - (now - 90)) <= 2)
        #expect(throws: (any Error).self) { try LogsCommand.time("yesterday") }
    }
}

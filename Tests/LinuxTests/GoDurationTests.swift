// SPDX-License-Identifier: Apache-2.0
import Linux
import Testing

@Suite("Go durations")
struct GoDurationTests {
    @Test(arguments: [
        ("30s", Duration.seconds(30)), ("1h30m", .seconds(5400)), ("1.5h", .seconds(5400)),
        ("250ms", .milliseconds(250)),
        ("0", .zero), ("1m0.5s", .milliseconds(60500)), ("10us", .microseconds(10)), (".5s", .milliseconds(500)),
    ])
    func valid(text: String, duration: Duration) {
        #expect(GoDuration.parse(text) == duration)
    }

    @Test(arguments: ["", "30", "s", "-1s", "1d", "1h 2m", "1..5s", "nan", "1e3s", "٣s", "99999999999999h", "."])
    func invalid(text: String) {
        #expect(GoDuration.parse(text) == nil)
    }

    @Test(arguments: [("30s", "30s"), ("1h30m", "1h30m0s"), ("250ms", "250ms"), ("1m0.5s", "1m0.500s"), ("0", "0s")])
    func printed(text: String, printed: String) {
        let duration = GoDuration.parse(text)
        #expect(duration.map { GoDuration.text($0) } == printed)
    }
}

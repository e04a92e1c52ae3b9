// SPDX-License-Identifier: Apache-2.0

/// Durations as the ECS agent's settings write them, Go's form: `30s`, `1h30m`, `1.5h`, `250ms`.
package enum GoDuration {
    private static let nanosecondsPerUnit: [String: Double] = [
        "ns": 1, "us": 1e3, "µs": 1e3, "μs": 1e3, "ms": 1e6, "s": 1e9, "m": 60e9, "h": 3600e9,
    ]

    /// - Returns: nil where the text is not a duration, or is a negative one.
    package static func parse(_ text: some StringProtocol) -> Duration? {
        var rest = Substring(text)
        if rest == "0" { return .zero }
        if rest.isEmpty { return nil }
        var nanoseconds = 0.0
        while !rest.isEmpty {
            let number = rest.prefix { $0.isASCII && ($0.isWholeNumber || $0 == ".") }
            rest = rest.dropFirst(number.count)
            let unit = rest.prefix { !$0.isWholeNumber && $0 != "." }
            rest = rest.dropFirst(unit.count)
            guard number.contains(where: \.isWholeNumber), let value = Double(number),
                let scale = nanosecondsPerUnit[String(unit)]
            else { return nil }
            nanoseconds += value * scale
        }
        // Go's own limit: 290 years.
        guard nanoseconds < Double(Int64.max) else { return nil }
        return .nanoseconds(Int64(nanoseconds.rounded()))
    }

    /// `1h30m0s`, as Go prints it.
    package static func text(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        let milliseconds = attoseconds / 1_000_000_000_000_000
        if seconds == 0, attoseconds != 0 { return "\(milliseconds)ms" }
        let hours = seconds / 3600
        let minutes = seconds / 60 % 60
        var text = hours > 0 ? "\(hours)h" : ""
        if hours > 0 || minutes > 0 { text += "\(minutes)m" }
        let fraction = String(1000 + milliseconds).dropFirst()
        return text + "\(seconds % 60)" + (milliseconds == 0 ? "" : ".\(fraction)") + "s"
    }
}

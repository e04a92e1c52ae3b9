// SPDX-License-Identifier: Apache-2.0

/// Lengths of time as people say them.
enum ElapsedTime {
    /// "12 seconds", "1 minute", "3 hours", "2 days": the largest unit that gives at least one, rounded down.
    static func text(seconds: Double) -> String {
        let seconds = seconds.isFinite ? Int(max(0, min(seconds, 1e12))) : 0
        for (unit, length) in [("day", 86_400), ("hour", 3600), ("minute", 60)] where seconds >= length {
            let count = seconds / length
            return "\(count) \(unit)\(count == 1 ? "" : "s")"
        }
        return "\(seconds) second\(seconds == 1 ? "" : "s")"
    }

    /// The seconds that "90", "90s", "10m", "1h30m", "2d" or "250ms" say; nil for anything else.
    static func seconds(_ text: String) -> Double? {
        if let seconds = UInt32(text) { return Double(seconds) }
        var rest = text[...]
        var total = 0.0
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
            guard let number = Double(digits), digits.first != "." else { return nil }
            rest = rest.dropFirst(digits.count)
            let unit = rest.prefix { $0.isLetter }
            rest = rest.dropFirst(unit.count)
            guard let factor = ["ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800][String(unit)] else {
                return nil
            }
            total += number * factor
        }
        return text.isEmpty ? nil : total
    }
}

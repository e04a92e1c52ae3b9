// SPDX-License-Identifier: Apache-2.0

/// A moment, as AWS's JSON protocol writes one: seconds since 1970 as a number with at most three decimals.
package struct Timestamp: Hashable, Comparable, Sendable {
    package let millisecondsSince1970: Int64

    package init(millisecondsSince1970: Int64) { self.millisecondsSince1970 = millisecondsSince1970 }

    /// nil for a number that is no time: not finite, or beyond the year 9999.
    package init?(secondsSince1970 seconds: Double) {
        guard seconds.isFinite, seconds.magnitude < 253_402_300_800 else { return nil }
        millisecondsSince1970 = Int64((seconds * 1000).rounded())
    }

    package var secondsSince1970: Double { Double(millisecondsSince1970) / 1000 }

    package static func < (left: Self, right: Self) -> Bool { left.millisecondsSince1970 < right.millisecondsSince1970 }
}

extension Timestamp: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let timestamp = Timestamp(secondsSince1970: try container.decode(Double.self)) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "a timestamp is the number of seconds since 1970")
        }
        self = timestamp
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        if millisecondsSince1970.isMultiple(of: 1000) {
            try container.encode(millisecondsSince1970 / 1000)
        } else {
            // The nearest double of a number with three decimals prints as that number.
            try container.encode(secondsSince1970)
        }
    }
}

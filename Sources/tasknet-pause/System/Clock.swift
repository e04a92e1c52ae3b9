// SPDX-License-Identifier: Apache-2.0
import CLinux

/// Wall clock, nanoseconds since 1970.
func wallClock() -> UInt64 {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    return UInt64(max(now.tv_sec, 0)) * 1_000_000_000 + UInt64(max(now.tv_nsec, 0))
}

extension Array where Element == UInt8 {
    /// `2026-11-21T02:00:00.123456789Z` for nanoseconds since 1970.
    mutating func append(timestamp nanoseconds: UInt64) {
        let seconds = nanoseconds / 1_000_000_000
        let (year, month, day) = civilDate(daysSince1970: seconds / 86400)
        append(decimal: year, width: 4)
        append("-")
        append(decimal: month, width: 2)
        append("-")
        append(decimal: day, width: 2)
        append("T")
        append(decimal: seconds / 3600 % 24, width: 2)
        append(":")
        append(decimal: seconds / 60 % 60, width: 2)
        append(":")
        append(decimal: seconds % 60, width: 2)
        append(".")
        append(decimal: nanoseconds % 1_000_000_000, width: 9)
        append("Z")
    }
}

/// The Gregorian date, counted in years that begin in March, so that the leap day is a year's last one.
private func civilDate(daysSince1970 days: UInt64) -> (year: UInt64, month: UInt64, day: UInt64) {
    let sinceEra = days + 719_468  // 0000-03-01
    let era = sinceEra / 146_097
    let dayOfEra = sinceEra % 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let marchMonth = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * marchMonth + 2) / 5 + 1
    let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
}

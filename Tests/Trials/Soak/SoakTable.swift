// SPDX-License-Identifier: Apache-2.0
import Foundation

/// The samples, printed as they come, and what is to be said of them in the end.
struct SoakTable {
    private var samples: [SoakSample] = []

    /// Of all samples, those in the beginning in which the daemon may still grow: caches fill, threads start.
    private static let warmUp = 0.2
    /// By how much memory and the database may grow after that.
    private static let allowance = 0.1

    private static let heads = [
        "networks", "per s", "own KiB", "RSS KiB", "descriptors", "threads", "db KiB", "wal KiB", "kernel",
    ]

    init() { print(Self.heads.map { Self.cell($0) }.joined()) }

    mutating func add(_ sample: SoakSample) {
        samples.append(sample)
        let values = [
            sample.ownMemory, sample.residentMemory, sample.descriptors, sample.threads, sample.database, sample.log,
            sample.kernelObjects,
        ]
        print(
            ([String(sample.networks), String(format: "%.1f", sample.perSecond)] + values.map(String.init))
                .map { Self.cell($0) }.joined())
        fflush(nil)
    }

    private static func cell(_ text: String) -> String {
        String(repeating: " ", count: max(1, 12 - text.count)) + text
    }

    /// What has grown that ought not to. Of the samples after the warm-up, the lowest of the first half is held against
    /// the lowest of the second: a leak lifts even those.
    func growth() -> [String] {
        let settled = samples.dropFirst(max(1, Int((Double(samples.count) * Self.warmUp).rounded(.up))))
        guard settled.count >= 4 else { return [] }
        let early = Array(settled.prefix(settled.count / 2))
        let late = Array(settled.suffix(settled.count / 2))
        func compare(_ name: String, _ value: (SoakSample) -> Int, allowance: Double, slack: Int) -> String? {
            let (before, after) = (early.map(value).min() ?? 0, late.map(value).min() ?? 0)
            let limit = before + max(slack, Int(Double(before) * allowance))
            return after > limit ? "\(name) has grown from \(before) to \(after); at most \(limit) was expected" : nil
        }
        return [
            compare("own memory (KiB)", \.ownMemory, allowance: Self.allowance, slack: 0),
            compare("descriptors", \.descriptors, allowance: 0, slack: 1),
            compare("threads", \.threads, allowance: 0, slack: 2),
            compare("database (KiB)", \.database, allowance: Self.allowance, slack: 64),
            compare("write-ahead log (KiB)", \.log, allowance: Self.allowance, slack: 64),
            compare("kernel objects", \.kernelObjects, allowance: 0, slack: 0),
        ].compactMap(\.self)
    }
}

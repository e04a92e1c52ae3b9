// SPDX-License-Identifier: Apache-2.0

/// All that was measured, in the order in which it came first.
struct Report {
    /// What one row is about.
    struct Key: Hashable, Sendable {
        /// "latency"
        var measured: String
        /// "ptp + host-local"
        var subject: String
        /// "ADD"
        var parameter: String
    }

    struct Row: Sendable {
        let key: Key
        let unit: String
        /// What its ratio is to.
        let base: Key?
        var values: [Double]
    }

    private(set) var rows: [Row] = []
    private var places: [Key: Int] = [:]
    /// What could not be measured, and why.
    private(set) var remarks: [String] = []

    subscript(_ key: Key) -> Row? { places[key].map { rows[$0] } }

    mutating func add(_ value: Double, _ key: Key, unit: String, over base: Key? = nil) {
        if let place = places[key] {
            rows[place].values.append(value)
        } else {
            places[key] = rows.count
            rows.append(Row(key: key, unit: unit, base: base, values: [value]))
        }
    }

    /// The same is said once.
    mutating func remark(_ text: String) {
        if !remarks.contains(text) { remarks.append(text) }
    }

    func ratio(_ row: Row) -> Double? {
        guard let base = row.base.flatMap({ self[$0] }), base.values.median > 0 else { return nil }
        return row.values.median / base.values.median
    }
}

extension [Double] {
    /// Zero where there are none.
    var median: Double { quantile(0.5) }

    /// The value that this share of all is not above.
    func quantile(_ share: Double) -> Double {
        guard !isEmpty else { return 0 }
        return sorted()[Swift.min(count - 1, Int(Double(count) * share))]
    }
}

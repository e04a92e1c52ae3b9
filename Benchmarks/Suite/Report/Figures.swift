// SPDX-License-Identifier: Apache-2.0
import JSON

/// A report as it is read again: each row's median and p95.
struct Figures: Sendable {
    struct Figure: Sendable {
        let key: Report.Key
        let unit: String
        let median: Double
        let p95: Double
    }

    /// In the report's order.
    let all: [Figure]
    private let places: [Report.Key: Int]

    init(_ report: Report) {
        self.init(
            report.rows.map {
                Figure(key: $0.key, unit: $0.unit, median: $0.values.median, p95: $0.values.quantile(0.95))
            })
    }

    /// - Throws: for a document that is not a report of this suite.
    init(parsing text: [UInt8]) throws {
        let document = try JSONParser.parse(text)
        guard document["schema"]?.integer == 1, let samples = document["samples"]?.elements else {
            throw BenchFailure("this is no report of scripts/bench")
        }
        self.init(try samples.map(Self.figure))
    }

    private init(_ all: [Figure]) {
        self.all = all
        places = Dictionary(zip(all.map(\.key), all.indices), uniquingKeysWith: { first, _ in first })
    }

    private static func figure(_ node: JSONNode) throws -> Figure {
        func number(_ name: String) -> Double? {
            guard case .number(let literal)? = node[name]?.kind else { return nil }
            return Double(literal)
        }
        guard let measured = node["case"]?.string, let subject = node["subject"]?.string,
            let parameter = node["parameter"]?.string, let unit = node["unit"]?.string,
            let median = number("median"), let p95 = number("p95")
        else { throw BenchFailure("a sample in the report lacks something: \(node.compactText)") }
        return Figure(
            key: Report.Key(measured: measured, subject: subject, parameter: parameter), unit: unit, median: median,
            p95: p95)
    }

    subscript(_ measured: String, _ subject: String, _ parameter: String) -> Figure? {
        places[Report.Key(measured: measured, subject: subject, parameter: parameter)].map { all[$0] }
    }

    func median(_ measured: String, _ subject: String, _ parameter: String) -> Double? {
        self[measured, subject, parameter]?.median
    }
}

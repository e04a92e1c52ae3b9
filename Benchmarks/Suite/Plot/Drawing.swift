// SPDX-License-Identifier: Apache-2.0
import Glibc

/// An SVG that grows downwards.
struct Drawing {
    let width: Double
    var height = 20.0
    private var elements: [String] = []

    init(width: Double) { self.width = width }

    enum Anchor: String { case start, middle, end }

    mutating func text(
        _ text: String, x: Double, y: Double, anchor: Anchor = .start, colour: Colour = .ink, size: Double = 12
    ) {
        let escaped = text.replacing("&", with: "&amp;").replacing("<", with: "&lt;")
        elements.append(
            #"<text x="\#(number(x))" y="\#(number(y))" text-anchor="\#(anchor.rawValue)" "#
                + #"font-size="\#(number(size))" fill="\#(colour.rawValue)">\#(escaped)</text>"#)
    }

    mutating func bar(x: Double, y: Double, width: Double, height: Double, colour: Colour, opacity: Double = 1) {
        elements.append(
            #"<rect x="\#(number(x))" y="\#(number(y))" width="\#(number(max(1, width)))" "#
                + #"height="\#(number(height))" fill="\#(colour.rawValue)" fill-opacity="\#(number(opacity))"/>"#)
    }

    mutating func line(_ points: [(x: Double, y: Double)], colour: Colour, width: Double = 1, dash: String? = nil) {
        let path = points.map { "\(number($0.x)),\(number($0.y))" }.joined(separator: " ")
        elements.append(
            #"<polyline points="\#(path)" fill="none" stroke="\#(colour.rawValue)" stroke-width="\#(number(width))""#
                + (dash.map { #" stroke-dasharray="\#($0)""# } ?? "") + "/>")
    }

    mutating func dot(x: Double, y: Double, colour: Colour) {
        elements.append(#"<circle cx="\#(number(x))" cy="\#(number(y))" r="3" fill="\#(colour.rawValue)"/>"#)
    }

    var svg: String {
        #"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \#(number(width)) \#(number(height))" "#
            + #"font-family="system-ui, sans-serif">"# + "\n" + elements.joined(separator: "\n") + "\n</svg>\n"
    }

    private func number(_ value: Double) -> String { fixed(value, digits: 1) }
}

/// Where a value is between two ends, by its logarithm.
struct LogScale {
    let values: ClosedRange<Double>
    let places: (from: Double, to: Double)

    /// - Parameter data: what has to fit in; the ends are powers of ten.
    init(_ data: [Double], from: Double, to: Double) {
        let positive = data.filter { $0 > 0 }
        let low = pow(10, log10(positive.min() ?? 1).rounded(.down))
        let high = pow(10, log10(positive.max() ?? 10).rounded(.up))
        values = low...max(high, low * 10)
        places = (from, to)
    }

    func place(_ value: Double) -> Double {
        let share =
            (log10(max(value, values.lowerBound)) - log10(values.lowerBound))
            / (log10(values.upperBound) - log10(values.lowerBound))
        return places.from + share * (places.to - places.from)
    }

    /// The powers of ten.
    var ticks: [Double] {
        var ticks: [Double] = []
        var value = values.lowerBound
        while value <= values.upperBound * 1.001 {
            ticks.append(value)
            value *= 10
        }
        return ticks
    }
}

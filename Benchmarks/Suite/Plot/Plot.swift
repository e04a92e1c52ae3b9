// SPDX-License-Identifier: Apache-2.0

/// A run as a picture: what one network costs, of all subjects, and how that grows with those that are there.
struct Plot {
    let figures: Figures

    init(_ figures: Figures) { self.figures = figures }

    var svg: String {
        var drawing = Drawing(width: 960)
        BarPanel(figures).draw(on: &drawing)
        LinePanel(figures).draw(on: &drawing)
        return drawing.svg
    }
}

/// What something is, by its colour: each stands out on white and on black.
enum Colour: String {
    case ours = "#2f81f7"
    case floor = "#bf8700"
    case other = "#8b949e"
    case ink = "#7d8590"
    case rule = "#7d859040"

    init(subject: String) {
        if subject.hasPrefix("floor") {
            self = .floor
        } else if subject.hasPrefix(Catalogue.Name.tasknet) {
            self = .ours
        } else {
            self = .other
        }
    }
}

/// "1.2 ms", "340 µs"
func label(microseconds: Double) -> String {
    let (value, unit) =
        microseconds < 1000
        ? (microseconds, "µs") : microseconds < 1e6 ? (microseconds / 1000, "ms") : (microseconds / 1e6, "s")
    return "\(fixed(value, digits: value < 10 && value != value.rounded() ? 1 : 0)) \(unit)"
}

// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import FoundationEssentials

struct PlotCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "plot", abstract: "Draws a stored run.")

    @Argument(help: "What --json has written.")
    var file: String

    @Argument(help: "The SVG to write.")
    var output: String

    func run() throws {
        let figures = try Figures(parsing: Array(Data(contentsOf: URL(filePath: file))))
        try Data(Plot(figures).svg.utf8).write(to: URL(filePath: output))
    }
}

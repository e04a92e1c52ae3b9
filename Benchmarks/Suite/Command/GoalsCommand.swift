// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import FoundationEssentials

struct GoalsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "goals", abstract: "Tells which goals a stored run has reached.")

    @Argument(help: "What --json has written.")
    var file: String

    func run() throws { Self.show(try Figures(parsing: Array(Data(contentsOf: URL(filePath: file))))) }

    static func show(_ figures: Figures) {
        print("\n--- goals")
        for goal in Goals.all { print("    \(goal.line(figures))") }
    }
}

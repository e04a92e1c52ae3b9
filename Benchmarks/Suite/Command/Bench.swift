// SPDX-License-Identifier: Apache-2.0
import ArgumentParser

/// The benchmark suite. It needs a host of its own: `scripts/bench` gives it one.
@main
struct Bench: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tasknet-bench",
        abstract: "Measures tasknet beside the kernel's own price and beside others, in one run.",
        subcommands: [RunCommand.self, GoalsCommand.self, PlotCommand.self], defaultSubcommand: RunCommand.self)
}

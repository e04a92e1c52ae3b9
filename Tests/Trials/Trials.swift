// SPDX-License-Identifier: Apache-2.0
import ArgumentParser

/// Programs that drive a real daemon for as long as is wanted, and compare what is there afterwards. They need a host of
/// their own: `scripts/crash-test` and `scripts/soak` give them one.
@main
struct Trials: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tasknet-trials",
        abstract: "Drives a daemon of tasknet's hard, in a host of its own.",
        subcommands: [CrashCommand.self, SoakCommand.self])
}

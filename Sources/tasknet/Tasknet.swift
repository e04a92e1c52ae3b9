// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

@main
struct Tasknet: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tasknet", abstract: "Runs ECS tasks with a network identity of their own on this host.")
}

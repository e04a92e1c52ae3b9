// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ControlClient

/// What every command understands.
struct GlobalOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "The daemon's control socket. (default: $TASKNET_SOCKET, or \(ControlClient.defaultSocketPath))",
            valueName: "path"))
    var socket: String?

    @Flag(name: .long, help: "Print JSON for programs instead of text for people.")
    var json = false

    var socketPath: String {
        if let socket { return socket }
        let fromEnvironment = Terminal.environment("TASKNET_SOCKET")
        return fromEnvironment.isEmpty ? ControlClient.defaultSocketPath : fromEnvironment
    }

    var client: ControlClient { ControlClient(socketPath: socketPath) }
}

/// Commands about tasks of one cluster.
struct ClusterOptions: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp("The tasks' cluster. (default: this host's)", valueName: "name"))
    var cluster: String?
}

/// Commands that can wait.
struct WaitOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "Give up waiting after this long (90, 90s, 10m, 1h30m); exit code 75.", valueName: "duration"),
        transform: WaitOptions.seconds)
    var timeout: Double?

    static func seconds(_ text: String) throws -> Double {
        guard let seconds = ElapsedTime.seconds(text) else {
            throw ValidationError("a duration is a number with a unit, such as 90s, 10m or 1h30m")
        }
        return seconds
    }
}

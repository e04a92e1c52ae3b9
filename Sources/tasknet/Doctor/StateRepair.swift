// SPDX-License-Identifier: Apache-2.0

import Glibc
import Linux
import SystemPackage

/// The repair of a host whose daemon does not start: by the daemon's own program, which reads the configuration as the
/// daemon does, and knows whether its database is damaged.
struct StateRepair {
    var configuration: String?
    var stateDirectory: String?
    var stopsTasks: Bool

    /// - Returns: how it ended.
    func run() throws -> ExitStatus {
        let places = ProgramPlaces.of("tasknetd")
        guard let program = places.first(where: { access($0.string, X_OK) == 0 }) else {
            let looked = places.map(\.string).joined(separator: ", ")
            throw CommandFailure("tasknetd is not there (looked at: \(looked)): scripts/install puts it in place")
        }
        var arguments = ["tasknetd", "--repair-state"]
        if stopsTasks { arguments.append("--stop-tasks") }
        if let configuration { arguments += ["--config", configuration] }
        if let stateDirectory { arguments += ["--state-directory", stateDirectory] }
        try Output.flush()
        let process = try Program(
            path: program, arguments: arguments, environment: ProcessEnvironment.own, descriptors: [0: 0, 1: 1, 2: 2]
        ).spawn()
        return try process.reap()
    }
}

/// Where installations put the programs that are not for people.
enum ProgramPlaces {
    static func of(_ name: String) -> [FilePath] {
        var places = ["/usr/local/libexec/tasknet", "/usr/libexec/tasknet"].map { FilePath($0).appending(name) }
        if let directory = try? SymbolicLink.ownProgram().removingLastComponent() {
            let installed = directory.removingLastComponent().appending("libexec/tasknet").appending(name)
            places = [installed, directory.appending(name)] + places.filter { $0 != installed }
        }
        return places
    }
}

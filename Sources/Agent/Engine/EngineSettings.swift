// SPDX-License-Identifier: Apache-2.0
import Glibc
import Linux
import SystemPackage
import TaskDefinitions

/// What the engine takes from the configuration.
struct EngineSettings: Sendable {
    private let configuration: AgentConfiguration
    let pauseExecutable: FilePath
    let images: ImageCatalog

    init(_ configuration: AgentConfiguration) throws {
        self.configuration = configuration
        pauseExecutable = try configuration.pauseExecutable ?? Self.besideOurselves("tasknet-pause")
        images = ImageCatalog(configuration.images)
    }

    var containerStopTimeout: Duration { configuration.containerStopTimeout }

    /// What outlives a reboot of one task: its containers' logs and changed files.
    func stateDirectory(_ taskID: String) -> FilePath { configuration.taskStateDirectory(taskID) }

    func containerDirectory(_ name: String, taskID: String) -> FilePath {
        stateDirectory(taskID).appending("containers").appending(name)
    }

    func logPath(_ name: String, taskID: String) -> FilePath {
        containerDirectory(name, taskID: taskID).appending(ContainerDefinition.logFileName(of: name))
    }

    /// What one task has only while it runs: its pause process's socket, the files bound into its containers.
    func runtimeDirectory(_ taskID: String) -> FilePath { configuration.taskRuntimeDirectory(taskID) }

    /// A program in the directory that the daemon's own is in.
    private static func besideOurselves(_ name: String) throws -> FilePath {
        try SymbolicLink.ownProgram().removingLastComponent().appending(name)
    }

    func pauseSocket(_ taskID: String) -> FilePath { runtimeDirectory(taskID).appending("pause.sock") }

    func namespacePath(_ taskID: String) -> FilePath { configuration.namespacePath(taskID) }
}

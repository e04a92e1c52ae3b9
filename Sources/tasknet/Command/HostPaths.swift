// SPDX-License-Identifier: Apache-2.0

import ControlClient
import ECSAPI
import ECSClient
import JSON
import SystemPackage
import TaskDefinitions

/// Where the daemon keeps things on this host.
struct HostPaths: Equatable {
    var stateDirectory: FilePath = "/var/lib/tasknet"
    var runtimeDirectory: FilePath = "/run/tasknet"
    var namespaceDirectory: FilePath = "/run/netns"
    var pauseExecutable: FilePath?
    var version: String?
    /// Why the last reload of its configuration changed nothing.
    var reloadRefusal: String?
    /// The links that it has forward for tasks.
    var forwardingLinks: [String] = []

    /// As the daemon says.
    init(askedBy client: ControlClient) throws(ControlError) {
        self.init(socketPath: client.socketPath)
        let host: TaskNetworkAPI.DescribeHost.Output
        do {
            host = try client.call(TaskNetworkAPI.DescribeHost.self, .init())
        } catch {
            // An older daemon does not know the operation.
            if case .refused(_, let error) = error, error.type == "UnknownOperationException" { return }
            throw error
        }
        stateDirectory = FilePath(host.stateDirectory)
        runtimeDirectory = FilePath(host.runtimeDirectory)
        namespaceDirectory = FilePath(host.namespaceDirectory)
        pauseExecutable = host.pauseExecutable.map { FilePath($0) }
        version = host.version
        reloadRefusal = host.reloadRefusal
        forwardingLinks = host.forwardingLinks ?? []
    }

    /// As the environment says that the daemon has too, and where that is silent, as it is by default.
    init(socketPath: String) {
        let path = { (name: String) in
            let text = Terminal.environment(name)
            return text.isEmpty ? nil : FilePath(text)
        }
        if let state = path("TASKNET_STATE_DIRECTORY") { stateDirectory = state }
        // The socket is in it.
        runtimeDirectory = path("TASKNET_RUNTIME_DIRECTORY") ?? FilePath(socketPath).removingLastComponent()
        if let namespaces = path("TASKNET_NAMESPACE_DIRECTORY") { namespaceDirectory = namespaces }
        pauseExecutable = path("TASKNET_PAUSE_EXECUTABLE")
    }

    /// The socket of a task's pause process.
    func pauseSocket(of taskID: String) throws -> FilePath {
        runtimeDirectory.appending("tasks").appending(try Self.component(taskID)).appending("pause.sock")
    }

    /// The log of a container.
    func log(of taskID: String, container: String) throws -> FilePath {
        let name = try Self.component(container)
        let directory = stateDirectory.appending("tasks").appending(try Self.component(taskID))
            .appending("containers").appending(name)
        return directory.appending(try Self.component(ContainerDefinition.logFileName(of: container)))
    }

    /// A name as one part of a path, whatever the daemon said it is.
    private static func component(_ name: String) throws -> FilePath.Component {
        guard let component = FilePath.Component(name), component.kind == .regular, component.string == name else {
            throw CommandFailure("\(EscapedText.quoted(name.utf8)) is no name of a file")
        }
        return component
    }
}

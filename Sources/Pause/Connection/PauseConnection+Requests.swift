// SPDX-License-Identifier: Apache-2.0
import CLinux
import SystemPackage

extension PauseConnection {
    /// Starts a container and waits until its command runs.
    ///
    /// - Throws: `PauseError` that says what could not be done; nothing of the container is left then.
    ///   `CancellationError` when the caller's task was cancelled: then it may start all the same.
    @discardableResult
    package func start(_ launch: ContainerLaunch) async throws -> PauseChild {
        var specification = MessageWriter()
        try launch.write(to: &specification)
        return try await start(TASKNET_PAUSE_START, launch.command, in: nil, specification)
    }

    /// Runs a command in the namespaces of a running container and waits until it runs, not until it ends.
    @discardableResult
    package func execute(_ command: CommandLaunch, in container: String) async throws -> PauseChild {
        var specification = MessageWriter()
        try command.write(to: &specification)
        return try await start(TASKNET_PAUSE_EXEC, command, in: container, specification)
    }

    private func start(
        _ verb: String, _ command: CommandLaunch, in container: String?, _ specification: MessageWriter
    ) async throws -> PauseChild {
        let (reply, _) = try await request(verb, specification: specification) { (message) throws(PauseError) in
            try message.add(TASKNET_PAUSE_KEY_NAME, command.name)
            if let container { try message.add(TASKNET_PAUSE_KEY_CONTAINER, container) }
            try command.log.write(to: &message)
        }
        guard let child = PauseChild(reply) else {
            throw PauseError("\(verb): the pause process answered in an unknown form", .badMessage)
        }
        return child
    }

    /// Sends a signal to a container's main process, or to the process group of an executed command. SIGKILL ends
    /// everything in the container.
    ///
    /// - Throws: `ESRCH` when it has ended, `ENOENT` when there is none of that name.
    package func signal(_ signal: CInt, to name: String) async throws {
        _ = try await request(TASKNET_PAUSE_SIGNAL) { (message) throws(PauseError) in
            try message.add(TASKNET_PAUSE_KEY_NAME, name)
            try message.add(TASKNET_PAUSE_KEY_SIGNAL, String(signal))
        }
    }

    /// Who it is. A pause process may be older than this program: it lives as long as its task.
    package func hello() async throws -> PauseGreeting {
        let (reply, _) = try await request(TASKNET_PAUSE_HELLO)
        guard let greeting = PauseGreeting(reply) else {
            throw PauseError("hello: the pause process answered in an unknown form", .badMessage)
        }
        return greeting
    }

    /// Everything that the pause process knows: what runs, and what has ended and was not forgotten.
    package func status() async throws -> [PauseChild] {
        try await request(TASKNET_PAUSE_STATUS).rows
    }

    /// Gives up what is known of the end of a container or of an executed command, once it is stored elsewhere. Its name
    /// can be used again.
    ///
    /// - Throws: `EBUSY` when it still runs, `ENOENT` when there is none of that name.
    package func forget(_ name: String) async throws {
        _ = try await request(TASKNET_PAUSE_FORGET) { (message) throws(PauseError) in
            try message.add(TASKNET_PAUSE_KEY_NAME, name)
        }
    }

    /// Kills what still runs, and ends the pause process. When this returns nothing of them is left. That it was gone
    /// already is no error.
    package func stop() async throws {
        do {
            _ = try await request(TASKNET_PAUSE_STOP)
        } catch let error as PauseError where error == .disconnected {
            return
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
import Glibc
import Linux
import Pause
import SystemPackage
import VPC

/// What tasks leave outside of the kernel's networks: pause processes and directories.
struct RuntimeLeftovers: Sendable {
    let configuration: AgentConfiguration
    /// The tasks that have directories for sockets, and those that have some for logs.
    let runtime: Set<String>
    let state: Set<String>

    /// Looks around. Blocks.
    init(_ configuration: AgentConfiguration) throws {
        self.configuration = configuration
        runtime = try Self.taskIDs(in: configuration.runtimeDirectory.appending("tasks"))
        state = try Self.taskIDs(in: configuration.stateDirectory.appending("tasks"))
    }

    private static func taskIDs(in directory: FilePath) throws(LinuxError) -> Set<String> {
        do throws(LinuxError) {
            return Set(try DirectoryNames.read(directory.string).filter { ResourceID.isTaskID($0) })
        } catch {
            guard error.errno == .noSuchFileOrDirectory else { throw error }
            return []
        }
    }

    /// The pause process that serves a task's socket; nil where there is none, or another program does.
    func pauseProcess(of taskID: String) -> ProcessHandle? {
        let socket = configuration.taskRuntimeDirectory(taskID).appending("pause.sock")
        guard let connection = try? PauseConnection(to: socket),
            let process = try? ProcessHandle(pid: connection.pid),
            // The number may have been given to another one before there was a hold on it.
            let again = try? PauseConnection(to: socket), again.pid == process.pid, process.isAlive,
            Self.isPause(process.pid)
        else { return nil }
        return process
    }

    /// By the name that it gives itself: the link to its program says only "/", as it runs from a mount of that file alone.
    private static func isPause(_ pid: CInt) -> Bool {
        (try? TextFile.read(FilePath("/proc/\(pid)/comm")))?.hasPrefix("tasknet-pause") == true
    }

    func removeRuntimeDirectory(of taskID: String) throws {
        try DirectoryTree.remove(configuration.taskRuntimeDirectory(taskID))
    }
}

// SPDX-License-Identifier: Apache-2.0
import Glibc
import Linux
import Logging
import Pause

extension TaskEngineParts {
    /// A task's pause process: the one that was recorded, or whoever serves its socket.
    func pauseProcess(of task: TaskRecord) async -> ProcessHandle? {
        if let known = task.pause { return try? ProcessHandle(pid: known.processID, startTime: known.startTime) }
        guard let connection = try? PauseConnection(to: settings.pauseSocket(task.id)),
            let process = try? ProcessHandle(pid: connection.pid)
        else { return nil }
        // Had it ended before the number was opened, somebody else could have that.
        return (try? await connection.hello()) == nil ? nil : process
    }

    /// Sees to it that a task's pause process is gone, and with it whatever still runs in the task. To its SIGTERM it does
    /// what it does to the verb `stop`, and a signal needs no connection.
    func endPauseProcess(of task: TaskRecord) async {
        guard let process = await pauseProcess(of: task) else { return }
        await process.endPause { log.warning("pause process killed: it did not end", metadata: ["task": "\(task.id)"]) }
    }
}

extension ProcessHandle {
    /// Ends a pause process, and with it whatever still runs in the task: to its SIGTERM it ends its containers in order.
    /// - Parameter killed: told where it has not ended within 10 s, and is killed.
    func endPause(killed: @Sendable @escaping () -> Void = {}) async {
        _ = try? signal(SIGTERM)
        let killing = Task {
            try await Task.sleep(for: .seconds(10))
            killed()
            _ = try signal(SIGKILL)
        }
        await exited()
        killing.cancel()
    }

    /// Waits for the end of the process, but not longer than this.
    /// - Returns: whether it has ended.
    func exited(within limit: Duration) async -> Bool {
        await withTaskGroup { group in
            group.addTask { await self.exited() }
            group.addTask { try? await Task.sleep(for: limit) }
            await group.next()
            group.cancelAll()
        }
        return !isAlive
    }
}

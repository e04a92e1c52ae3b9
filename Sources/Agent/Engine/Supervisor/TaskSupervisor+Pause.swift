// SPDX-License-Identifier: Apache-2.0
import ECSAPI
import Glibc
import Linux
import Logging
import Pause
import SystemPackage
import VPC

extension TaskSupervisor {
    /// Connects to the task's pause process, starting it when there has never been one.
    func startPause() async {
        do {
            guard let connection = try await connectToPause() else { return send(.pauseLost) }
            let process = try ProcessHandle(pid: connection.pid)
            task.pause = .init(processID: process.pid, startTime: process.startTime)
            let children = try await connection.status()
            listen(to: connection)
            for child in children where child.container == nil { take(child) }
            send(.pauseReady(children: children.filter { $0.container == nil }.map(TaskProgress.ChildReport.init)))
        } catch {
            log.error("pause process not started", metadata: ["error": "\(error)"])
            send(.pauseFailed(reason: "ResourceInitializationError: \(error)"))
        }
    }

    /// - Returns: nil when the task had a pause process, and it is gone.
    private func connectToPause() async throws -> PauseConnection? {
        let socket = parts.settings.pauseSocket(taskID)
        if let known = task.pause {
            guard (try? ProcessHandle(pid: known.processID, startTime: known.startTime)) != nil else { return nil }
            return try PauseConnection(to: socket)
        }
        // One that an earlier daemon started and did not live to record.
        if let connection = try? PauseConnection(to: socket) { return connection }
        return try await measure("pause process") {
            try await PauseProcess.start(
                executable: parts.settings.pauseExecutable, socket: socket,
                networkNamespace: parts.settings.namespacePath(taskID), hostname: task.hostname ?? taskID)
        }
    }

    func stopPause() async {
        // Its end is expected now, and no loss.
        stopListening()
        do {
            try await pause?.stop()
        } catch {
            log.warning("pause process did not answer to stop", metadata: ["error": "\(error)"])
        }
        pause = nil
        await endPauseProcess()
        send(.pauseStopped)
    }

    /// Sees to it that the pause process is gone, and with it whatever still runs in the task.
    func endPauseProcess() async {
        guard let known = task.pause,
            let process = try? ProcessHandle(pid: known.processID, startTime: known.startTime)
        else { return }
        _ = try? process.signal(SIGTERM)
        let killing = Task {
            try await Task.sleep(for: .seconds(10))
            log.warning("pause process killed: it did not end")
            _ = try process.signal(SIGKILL)
        }
        await process.exited()
        killing.cancel()
    }

    /// Takes an event of the pause process to the progress, with what the records want of it.
    func hear(_ event: PauseEvent) {
        switch event {
        case .exited(let child) where child.container != nil:
            commands.ended(child.name, child.exitStatus)
            forget(child.name)
        case .exited(let child):
            take(child)
            send(.containerExited(child.name, exitCode: child.exitStatus.map(\.containerExitCode)))
        case .started, .failed:
            // Only for starts that somebody else asked for; ours are answered.
            break
        }
    }

    /// Notes when a container's process came and went.
    func take(_ child: PauseChild) {
        guard let index = containers.firstIndex(where: { $0.name == child.name }) else { return }
        containers[index].process = .init(processID: child.pid, startTime: child.startTime)
        containers[index].startedAt = child.started.map(Timestamp.init(nanosecondsSince1970:))
        containers[index].finishedAt = child.finished.map(Timestamp.init(nanosecondsSince1970:))
    }

    /// Lets the pause process drop a command whose end is known here.
    private func forget(_ name: String) {
        guard let pause else { return }
        Task { try? await pause.forget(name) }
    }
}

extension TaskProgress.ChildReport {
    fileprivate init(_ child: PauseChild) {
        self.init(container: child.name, exitCode: child.exitStatus.map(\.containerExitCode))
    }
}

extension ExitStatus {
    /// As Docker and ECS count: 128 and the signal's number for a process that a signal ended.
    var containerExitCode: Int {
        switch self {
        case .exited(let code): Int(code)
        case .signaled(let signal): 128 + Int(signal)
        }
    }
}

extension Timestamp {
    fileprivate init(nanosecondsSince1970: UInt64) {
        self.init(millisecondsSince1970: Int64(nanosecondsSince1970 / 1_000_000))
    }
}

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
            let children = try await connection.status()
            // Only now: had it ended before, its number could have been another process's already.
            task.pause = .init(processID: process.pid, startTime: process.startTime)
            endLeftCommands(children.filter { $0.container != nil }, by: connection)
            listen(to: connection, of: process)
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
        return try await PauseProcess.start(
            executable: parts.settings.pauseExecutable, socket: socket,
            networkNamespace: parts.settings.namespacePath(taskID), hostname: task.hostname ?? taskID)
    }

    /// Ends what an earlier daemon's health checks have left: nobody waits for them any more.
    private func endLeftCommands(_ commands: [PauseChild], by connection: PauseConnection) {
        for command in commands {
            Task {
                if command.exitStatus == nil {
                    try? await connection.signal(SIGKILL, to: command.name)
                } else {
                    try? await connection.forget(command.name)
                }
            }
        }
    }

    func stopPause() async {
        // Its end is expected now, and no loss.
        stopListening()
        pause = nil
        await parts.endPauseProcess(of: task)
        send(.pauseStopped)
    }

    /// Takes an event of the pause process to the progress, with what the records want of it.
    func hear(_ event: PauseEvent) {
        switch event {
        case .exited(let child) where child.container != nil:
            commands.ended(child.name, child.exitStatus)
            forgetCommand(child.name)
        case .exited(let child):
            take(child)
            send(.containerExited(child.name, exitCode: child.exitStatus.map(\.containerExitCode)))
        case .failed(let name, let error):
            // A start that an earlier daemon asked for; ours are answered.
            send(.containerFailedToStart(name, reason: "CannotStartContainerError: \(error)"))
        case .started(let child):
            take(child)
        }
    }

    /// Notes when a container's process came and went.
    func take(_ child: PauseChild) {
        guard let index = containers.firstIndex(where: { $0.name == child.name }) else { return }
        containers[index].startedAt = child.started.map(Timestamp.init(nanosecondsSince1970:))
        if let finished = child.finished {
            containers[index].finishedAt = Timestamp(nanosecondsSince1970: finished)
        } else if containers[index].lastStatus != .stopped {
            containers[index].process = .init(processID: child.pid, startTime: child.startTime)
        }
    }

    /// Lets the pause process drop a command whose end is known here.
    private func forgetCommand(_ name: String) {
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

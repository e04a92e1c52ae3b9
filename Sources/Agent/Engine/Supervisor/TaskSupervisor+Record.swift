// SPDX-License-Identifier: Apache-2.0
import ECSAPI
import Logging
import VPC

extension TaskSupervisor {
    /// Writes down what the last event made of the task, if it made anything. What cannot be written (the disk is full,
    /// read-only, locked) is kept in mind, and written when that is over.
    func record() async {
        let now = Timestamp.now()
        for index in containers.indices {
            guard let progress = progress[containers[index].name] else { continue }
            containers[index].take(progress, at: now)
        }
        let status = task.lastStatus
        task.take(progress, containers: containers, at: now)
        await write()
        if !isRecorded { writeAgain() }
        if status != task.lastStatus {
            if [.running, .stopped].contains(task.lastStatus) { TracePlace.current?.trace.end() }
            log.info("task is \(task.lastStatus.rawValue)", metadata: task.stoppedReason.map { ["reason": "\($0)"] })
        }
    }

    private var isRecorded: Bool { recorded.task == task && recorded.containers == containers }

    private func write() async {
        guard !isRecorded else { return }
        // Of what is being written again, it has grown.
        if task.version == recorded.task.version { task.version += 1 }
        let (task, containers) = (task, containers)
        let changed = containers.filter { !recorded.containers.contains($0) }
        do {
            try await traced(.record) {
                try await parts.store.write { store in
                    try store.updateTask(task.id) { stored in
                        let stop = stored
                        stored = task
                        // StopTask's, of whatever stage.
                        stored.restart = stop.restart
                        if task.stopCode == nil { stored.keepStop(of: stop) }
                    }
                    for container in changed {
                        try store.updateContainer(container.name, ofTask: task.id) { $0 = container }
                    }
                }
            }
            recorded = (task, containers)
        } catch {
            if rewriting == nil {
                log.error("task not recorded; it is tried again and again", metadata: ["error": "\(error)"])
            }
        }
    }

    /// Tries until all is written, ever more rarely.
    private func writeAgain() {
        guard rewriting == nil else { return }
        rewriting = Task {
            var pause = Duration.milliseconds(250)
            while !isRecorded {
                guard (try? await Task.sleep(for: pause)) != nil else { return }
                pause = min(pause * 2, .seconds(10))
                await write()
            }
            rewriting = nil
            log.notice("task recorded again")
        }
    }

    /// Waits until all is written: for what would leave something that nobody knows of, where the daemon ends right
    /// after it.
    /// - Throws: `CancellationError`, where the daemon ends.
    func untilRecorded() async throws {
        while !isRecorded {
            if isAbandoned || Task.isCancelled { throw CancellationError() }
            if let rewriting {
                await withTaskCancellationHandler {
                    await rewriting.value
                } onCancel: {
                    rewriting.cancel()
                }
            } else {
                await write()
                if !isRecorded { writeAgain() }
            }
        }
    }
}

extension ContainerRecord {
    /// Takes over what is known of the container's progress. A record goes forward only: a daemon that has just been
    /// restarted knows less than it at first.
    fileprivate mutating func take(_ progress: ContainerProgress, at now: Timestamp) {
        switch progress.phase {
        case .waiting, .starting:
            break
        case .running, .stopping:
            if lastStatus.mayBecome(.running) {
                lastStatus = .running
                startedAt = startedAt ?? now
            }
        case .stopped(let end):
            guard lastStatus != .stopped else { break }
            lastStatus = .stopped
            exitCode = end.exitCode
            reason = end.reason
            process = nil
            if startedAt != nil { finishedAt = finishedAt ?? now }
        }
        healthStatus = progress.rules.hasHealthCheck ? progress.health : .unknown
    }
}

extension TaskRecord {
    /// Keeps a stop that its caller was answered, and that the supervisor has not heard of yet.
    fileprivate mutating func keepStop(of stored: TaskRecord) {
        guard let code = stored.stopCode else { return }
        stopCode = code
        stoppedReason = stored.stoppedReason
        stoppingAt = stored.stoppingAt
        desiredStatus = .stopped
    }

    fileprivate mutating func take(_ progress: TaskProgress, containers: [ContainerRecord], at now: Timestamp) {
        let status = TaskStatus(progress)
        if lastStatus.mayBecome(status) {
            lastStatus = status
            if status == .stopped { stoppedAt = now }
        }
        // Also of a task that ended before it could be seen running.
        if progress.hasBeenRunning { startedAt = startedAt ?? now }
        if let stop = progress.stop, stopCode == nil {
            desiredStatus = .stopped
            stopCode = stop.code
            stoppedReason = stop.reason
            stoppingAt = now
        }
        if executionStoppedAt == nil, stopCode != nil, progress.containers.allSatisfy(\.isStopped) {
            executionStoppedAt = now
        }
        healthStatus = HealthStatus(
            ofTaskWith: progress.containers.filter(\.rules.isEssential).map {
                $0.rules.hasHealthCheck ? $0.health : .unknown
            })
    }
}

extension TaskStatus {
    /// What the ECS API calls the place that a task has come to.
    fileprivate init(_ progress: TaskProgress) {
        self =
            switch progress.phase {
            case .provisioning: .provisioning
            case .startingPause: .pending
            case .active:
                if progress.stop != nil { .stopping } else if progress.hasBeenRunning { .running } else { .pending }
            case .stoppingPause: .stopping
            case .deprovisioning: .deprovisioning
            case .stopped: .stopped
            }
    }
}

// SPDX-License-Identifier: Apache-2.0
import ECSAPI
import VPC

extension TaskOperations {
    /// Runs a task in the place of one that has ended: of the same definition, with the same overrides, network and tags.
    ///
    /// - Returns: its id; nil where that was given up meanwhile, or belongs to nobody any more.
    /// - Throws: why it cannot be run. Nothing is left of it then.
    func runAgain(_ pending: PendingRestart) async throws -> String? {
        let ended = try await store.read { try $0.task(id: pending.taskID) }
        guard let ended, var restart = ended.restart else {
            try await store.write { _ = try $0.deletePendingRestart(taskID: pending.taskID) }
            return nil
        }
        restart.precedingTaskID = ended.id
        restart.cause = ended.stoppedReason
        restart.attempt = pending.attempt
        do {
            let output = try await runTasks(ended.request(with: restart), restart: restart)
            if let failure = output.failures?.first {
                throw APIError.server("\(failure.reason ?? "")\(failure.detail.map { ": \($0)" } ?? "")")
            }
            return output.tasks?.first.map { TaskARN($0.taskArn)?.id ?? $0.taskArn }
        } catch RestartRefusal.givenUp {
            return nil
        }
    }
}

/// Why a task does not come back.
enum RestartRefusal: Error {
    /// It was told to stop while the next one was being made.
    case givenUp
}

extension TaskRecord {
    /// The RunTask call that asks for another task like this one.
    fileprivate func request(with restart: TaskRestart) -> RunTask.Input {
        var input = RunTask.Input(taskDefinition: "\(family):\(revision)")
        input.count = 1
        input.networkConfiguration = restart.networkConfiguration
        input.launchType = launchType
        input.overrides = overrides
        input.group = group
        input.startedBy = startedBy
        input.tags = tags
        input.enableExecuteCommand = enableExecuteCommand
        return input
    }
}

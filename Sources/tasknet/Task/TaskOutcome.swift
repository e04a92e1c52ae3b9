// SPDX-License-Identifier: Apache-2.0

import ECSAPI
import TaskDefinitions

/// With which exit code a program that waited for tasks ends.
enum TaskOutcome {
    /// The exit code of the first essential container of the definition, of the first task that did not end with 0; 1 for a
    /// container that never ran. Tasks that have not stopped count as 0.
    static func exitCode(_ tasks: [ECSTask], definition: TaskDefinition) -> Int32 {
        let codes = tasks.filter(\.isStopped).map { exitCode($0, definition) }
        return codes.first { $0 != 0 } ?? 0
    }

    private static func exitCode(_ task: ECSTask, _ definition: TaskDefinition) -> Int32 {
        let name = definition.containerDefinitions.first { $0.essential != false }?.name
        guard let container = (task.containers ?? []).first(where: { $0.name == name }), let code = container.exitCode
        else { return CommandStatus.failure.rawValue }
        return Int32(truncatingIfNeeded: code & 0xff)
    }
}

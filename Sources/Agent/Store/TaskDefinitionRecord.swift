// SPDX-License-Identifier: Apache-2.0
package import TaskDefinitions

/// One revision of a family of task definitions, as it is described: with its number, ARN, status and times.
///
/// It never goes away: tasks point at it, and no number is given twice.
package struct TaskDefinitionRecord: Codable, Sendable, Equatable {
    package var definition: TaskDefinition
    package var tags: [ResourceTag]

    package init(definition: TaskDefinition, tags: [ResourceTag] = []) {
        self.definition = definition
        self.tags = tags
    }

    package var family: String { definition.family }
    package var revision: Int { definition.revision ?? 0 }
}

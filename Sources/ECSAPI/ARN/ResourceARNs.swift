// SPDX-License-Identifier: Apache-2.0

/// `arn:aws:ecs:us-east-1:123456789012:cluster/default`
package struct ClusterARN: ResourceARN {
    package var scope: ARNScope
    package var name: String

    package init(scope: ARNScope, name: String) {
        self.scope = scope
        self.name = name
    }

    package init?(_ text: String) {
        guard let (scope, resource) = ARNScope.split(text), resource.count == 2, resource[0] == "cluster"
        else { return nil }
        self.init(scope: scope, name: resource[1])
    }

    package var description: String { "\(scope)cluster/\(name)" }
}

/// `arn:aws:ecs:us-east-1:123456789012:task/default/0123456789abcdef0123456789abcdef`, the long form.
package struct TaskARN: ResourceARN {
    package var scope: ARNScope
    package var clusterName: String
    package var id: String

    package init(scope: ARNScope, clusterName: String, id: String) {
        self.scope = scope
        self.clusterName = clusterName
        self.id = id
    }

    package init?(_ text: String) {
        guard let (scope, resource) = ARNScope.split(text), resource.count == 3, resource[0] == "task"
        else { return nil }
        self.init(scope: scope, clusterName: resource[1], id: resource[2])
    }

    package var description: String { "\(scope)task/\(clusterName)/\(id)" }
    package var cluster: ClusterARN { ClusterARN(scope: scope, name: clusterName) }
}

/// `arn:aws:ecs:us-east-1:123456789012:task-definition/web:3`
package struct TaskDefinitionARN: ResourceARN {
    package var scope: ARNScope
    package var family: String
    package var revision: Int

    package init(scope: ARNScope, family: String, revision: Int) {
        self.scope = scope
        self.family = family
        self.revision = revision
    }

    package init?(_ text: String) {
        guard let (scope, resource) = ARNScope.split(text), resource.count == 2, resource[0] == "task-definition"
        else { return nil }
        let parts = resource[1].split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let revision = Int(parts[1]), revision > 0 else { return nil }
        self.init(scope: scope, family: String(parts[0]), revision: revision)
    }

    package var description: String { "\(scope)task-definition/\(family):\(revision)" }
}

/// `arn:aws:ecs:us-east-1:123456789012:container/default/<task id>/<UUID>`
package struct ContainerARN: ResourceARN {
    package var scope: ARNScope
    package var clusterName: String
    package var taskID: String
    /// A UUID.
    package var id: String

    package init(task: TaskARN, id: String) {
        scope = task.scope
        clusterName = task.clusterName
        taskID = task.id
        self.id = id
    }

    package init?(_ text: String) {
        guard let (scope, resource) = ARNScope.split(text), resource.count == 4, resource[0] == "container"
        else { return nil }
        self.init(task: TaskARN(scope: scope, clusterName: resource[1], id: resource[2]), id: resource[3])
    }

    package var description: String { "\(scope)container/\(clusterName)/\(taskID)/\(id)" }
}

/// `arn:aws:ecs:us-east-1:123456789012:attachment/<UUID>`
package struct AttachmentARN: ResourceARN {
    package var scope: ARNScope
    /// A UUID.
    package var id: String

    package init(scope: ARNScope, id: String) {
        self.scope = scope
        self.id = id
    }

    package init?(_ text: String) {
        guard let (scope, resource) = ARNScope.split(text), resource.count == 2, resource[0] == "attachment"
        else { return nil }
        self.init(scope: scope, id: resource[1])
    }

    package var description: String { "\(scope)attachment/\(id)" }
}

/// `arn:aws:ecs:us-east-1:123456789012:container-instance/default/<32 hexadecimal digits>`
package struct ContainerInstanceARN: ResourceARN {
    package var scope: ARNScope
    package var clusterName: String
    package var id: String

    package init(scope: ARNScope, clusterName: String, id: String) {
        self.scope = scope
        self.clusterName = clusterName
        self.id = id
    }

    package init?(_ text: String) {
        guard let (scope, resource) = ARNScope.split(text), resource.count == 3, resource[0] == "container-instance"
        else { return nil }
        self.init(scope: scope, clusterName: resource[1], id: resource[2])
    }

    package var description: String { "\(scope)container-instance/\(clusterName)/\(id)" }
}

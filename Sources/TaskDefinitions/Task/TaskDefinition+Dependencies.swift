// SPDX-License-Identifier: Apache-2.0
import VPC

extension TaskDefinition {
    /// What containers wait for must exist, be able to happen, and not be in a circle.
    func validateDependencies() throws(ValidationFailure) {
        for container in containerDefinitions {
            for dependency in container.dependsOn ?? [] { try validate(dependency, of: container) }
            for source in container.volumesFrom ?? [] {
                guard let name = source.sourceContainer, self.container(named: name) != nil, name != container.name
                else {
                    throw client(
                        """
                        Invalid 'volumesFrom' setting. Unknown container: \
                        '\((source.sourceContainer ?? "").shortened)'.
                        """,
                        "container '\(container.name)'")
                }
            }
        }
        if let circle = dependencyCircle() {
            throw client(
                "Container dependencies should not have a cycle.", circle.joined(separator: " waits for "))
        }
    }

    private func validate(
        _ dependency: ContainerDependency, of container: ContainerDefinition
    ) throws(ValidationFailure) {
        let name = dependency.containerName
        guard let other = self.container(named: name) else {
            // The odd plus is AWS's.
            throw client(
                "Cannot depend on container + '\(name.shortened)' because it does not exist",
                "in dependsOn of container '\(container.name)'")
        }
        switch dependency.condition {
        case .start: return
        case .complete, .success:
            if other.isEssential {
                throw client(
                    "A dependency container with SUCCESS or COMPLETE condition cannot be an essential container",
                    "'\(container.name)' waits for '\(name)': set its essential to false")
            }
        case .healthy:
            if other.healthCheck == nil {
                throw client(
                    "A dependency container with HEALTHY condition must have health check configured",
                    "'\(container.name)' waits for '\(name)': give it a healthCheck")
            }
        }
    }

    /// Containers that wait for each other in a circle, the first one again at the end.
    private func dependencyCircle() -> [String]? {
        var waiting: [String: [String]] = [:]
        for container in containerDefinitions {
            waiting[container.name] = container.dependsOn?.map(\.containerName) ?? []
        }
        // Take away whoever waits for nobody until nobody is taken away; who is left is in a circle or waits for one.
        while let free = waiting.first(where: { $0.value.allSatisfy { waiting[$0] == nil } })?.key {
            waiting[free] = nil
        }
        guard var name = waiting.keys.min() else { return nil }
        var path: [String] = []
        while !path.contains(name), let next = waiting[name]?.first(where: { waiting[$0] != nil }) {
            path.append(name)
            name = next
        }
        return Array(path.drop { $0 != name }) + [name]
    }
}

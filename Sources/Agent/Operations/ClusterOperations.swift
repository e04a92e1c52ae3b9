// SPDX-License-Identifier: Apache-2.0
import ECSAPI
import TaskDefinitions
import VPC

/// The operations on clusters: this host is one, and there is no other.
package struct ClusterOperations: AgentPart {
    private let context: AgentContext

    package init(context: AgentContext) { self.context = context }

    package func register(in dispatcher: inout APIDispatcher) {
        dispatcher.register(DescribeClusters.self) { input, _ in try await describe(input) }
        dispatcher.register(ListClusters.self) { input, _ in
            try input.validate()
            guard input.nextToken == nil else { throw StoreError.invalidToken }
            return ListClusters.Output(clusterArns: [context.configuration.value.clusterARN.description])
        }
    }

    private func describe(_ input: DescribeClusters.Input) async throws -> DescribeClusters.Output {
        let configuration = context.configuration.value
        let named = input.clusters ?? []
        let missing = named.filter { !configuration.isCluster($0) }
        var clusters: [Cluster] = []
        if named.isEmpty || missing.count < named.count {
            let counts = try await context.store.read { try $0.taskCounts() }
            clusters.append(cluster(configuration, counts, fields: input.include ?? []))
        }
        let failures = missing.map { name in
            Failure.missing(name.contains(":") ? name : configuration.arn(ofCluster: name).description)
        }
        return DescribeClusters.Output(clusters: clusters, failures: failures)
    }

    private func cluster(
        _ configuration: AgentConfiguration, _ counts: [LaunchType: [TaskStatus: Int]], fields: [DescribeClusters.Field]
    ) -> Cluster {
        // AWS counts a task as pending until it runs, its network included.
        let pending = counts.mapValues { counts in
            [TaskStatus.provisioning, .pending, .activating].reduce(0) { $0 + (counts[$1] ?? 0) }
        }
        let running = counts.mapValues { $0[.running] ?? 0 }
        var cluster = Cluster(
            arn: configuration.clusterARN, runningTasksCount: running.values.reduce(0, +),
            pendingTasksCount: pending.values.reduce(0, +))
        if fields.contains(.statistics) {
            cluster.statistics = Self.statisticNames.flatMap { type, name in
                [
                    KeyValuePair(name: "running\(name)TasksCount", value: "\(running[type] ?? 0)"),
                    KeyValuePair(name: "pending\(name)TasksCount", value: "\(pending[type] ?? 0)"),
                ]
            }
        }
        return cluster
    }

    private static let statisticNames: [(LaunchType, String)] = [
        (.ec2, "EC2"), (.fargate, "Fargate"), (.external, "External"), (.managedInstances, "ManagedInstances"),
    ]
}

// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ControlClient
import ECSAPI
import ECSClient
import VPC

/// What a shell offers behind the Tab key. A daemon that does not answer offers nothing, quickly.
enum Completions {
    /// Ids of tasks that run, for those that can be entered or stopped.
    static let runningTasks = CompletionKind.custom { _, _, _ in ids([.running]) }
    /// Ids of all tasks.
    static let tasks = CompletionKind.custom { _, _, _ in ids([.running, .stopped]) }
    static let subnets = CompletionKind.custom { _, _, _ in
        ((try? client.call(TaskNetworkAPI.ListSubnets.self, .init()).subnets) ?? []).map(\.name)
    }
    static let securityGroups = CompletionKind.custom { _, _, _ in
        ((try? client.call(TaskNetworkAPI.DescribeSecurityGroups.self, .init()).securityGroups) ?? []).map(\.groupName)
    }
    static let prefixLists = CompletionKind.custom { _, _, _ in
        ((try? client.call(TaskNetworkAPI.DescribeManagedPrefixLists.self, .init()).prefixLists) ?? [])
            .map(\.prefixListName)
    }
    static let networkInterfaces = CompletionKind.custom { _, _, _ in
        ((try? client.networkInterfaces(.init())) ?? []).map(\.networkInterfaceId)
    }
    /// Tasks that run, and what else a path can begin or end at.
    static let pathEnds = CompletionKind.custom { _, _, _ in ids([.running]) + ["host", "internet"] }
    static let json = CompletionKind.file(extensions: ["json"])

    private static var client: ControlClient {
        let fromEnvironment = Terminal.environment("TASKNET_SOCKET")
        return ControlClient(
            socketPath: fromEnvironment.isEmpty ? ControlClient.defaultSocketPath : fromEnvironment,
            timeout: .seconds(1))
    }

    private static func ids(_ statuses: [DesiredStatus]) -> [String] {
        let catalog = TaskCatalog(client: client, cluster: nil)
        return ((try? catalog.arns(statuses)) ?? []).map { TaskIndex.id(of: $0) }
    }
}

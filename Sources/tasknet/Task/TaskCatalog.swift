// SPDX-License-Identifier: Apache-2.0

import ControlClient
import ECSAPI
import ECSClient
import JSON
import VPC

/// The tasks that the daemon knows, found by what people call them.
struct TaskCatalog {
    /// What one request may ask about.
    private static let batch = 100

    let client: ControlClient
    let cluster: String?

    /// The ARNs of the tasks that are meant to be in one of these states.
    func arns(_ statuses: [DesiredStatus]) throws(ControlError) -> [String] {
        var arns: [String] = []
        for status in statuses {
            var input = ListTasks.Input(cluster: cluster, desiredStatus: status)
            repeat {
                let page = try client.call(ListTasks.self, input)
                arns += page.taskArns ?? []
                input.nextToken = page.nextToken
            } while input.nextToken != nil
        }
        return arns
    }

    /// Everything about these tasks; one that is gone meanwhile is left out.
    func tasks(_ arns: [String]) throws(ControlError) -> [ECSTask] {
        var tasks: [ECSTask] = []
        var rest = arns[...]
        while !rest.isEmpty {
            let input = DescribeTasks.Input(tasks: Array(rest.prefix(Self.batch)), cluster: cluster)
            tasks += try client.call(DescribeTasks.self, input).tasks ?? []
            rest = rest.dropFirst(Self.batch)
        }
        return tasks
    }

    /// Everything about one task; nil when there is none (any more).
    func task(_ arn: String) throws(ControlError) -> ECSTask? {
        try tasks([arn]).first
    }

    /// The ARN of each task that is named.
    func resolve(_ names: [String]) throws -> [String] {
        let index = TaskIndex(arns: try arns([.running, .stopped]))
        return try names.map { name in
            switch index.matches(name) {
            case let found where found.count == 1: return found[0]
            case []: throw CommandFailure("there is no task \(Self.shown(name))\(hint(index))", .notFound)
            case let found: throw try ambiguous(name, found)
            }
        }
    }

    /// The ARN of a task, or its whole id: one that the daemon has forgotten may still have events, and a trace.
    func known(_ name: String) throws -> String {
        do {
            return try resolve([name])[0]
        } catch let failure as CommandFailure where failure.status == .notFound {
            guard TaskIndex.id(of: name).utf8.count == 32 else { throw failure }
            return name
        }
    }

    private func hint(_ index: TaskIndex) -> String {
        index.arns.isEmpty ? ": no tasks are known (tasknet run FILE.json starts one)" : " (tasknet ps -a lists them)"
    }

    private func ambiguous(_ name: String, _ arns: [String]) throws -> CommandFailure {
        let shown = 10
        var lines = ["\(Self.shown(name)) fits \(arns.count) tasks; give more of the id:"]
        for task in try tasks(Array(arns.prefix(shown))) {
            lines.append("  \(task.id)  \(task.lastStatus?.rawValue ?? "-")  \(EscapedText.of(task.definitionName))")
        }
        if arns.count > shown { lines.append("  and \(arns.count - shown) more") }
        return CommandFailure(lines.joined(separator: "\n"), .notFound)
    }

    private static func shown(_ name: String) -> String {
        EscapedText.quoted(name.utf8, limit: 120)
    }
}

/// Tasks by the beginnings of their names.
struct TaskIndex {
    var arns: [String]

    /// The ARNs of the tasks whose id or ARN begins with `name`; just one, when it is the whole of one.
    func matches(_ name: String) -> [String] {
        guard !name.isEmpty else { return [] }
        let lowered = name.lowercased()
        let exact = arns.filter { $0 == name || Self.id(of: $0) == lowered }
        if !exact.isEmpty { return Array(exact.prefix(1)) }
        return arns.filter {
            Self.id(of: $0).hasPrefix(lowered) || $0.hasPrefix(name) && Self.isPastScope(name, in: $0)
        }
    }

    /// What follows the last slash.
    static func id(of arn: String) -> String {
        arn.split(separator: "/").last.map(String.init) ?? arn
    }

    /// Whether `name` has something of the id in it: all ARNs begin alike.
    private static func isPastScope(_ name: String, in arn: String) -> Bool {
        name.utf8.count > arn.utf8.count - id(of: arn).utf8.count
    }
}

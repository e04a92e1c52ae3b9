// SPDX-License-Identifier: Apache-2.0
import Linux
import Logging
import Netlink
import TestSupport
import Testing

@testable import Agent

@Suite(.requiresRoot) struct TaskNamespacesTests {
    private let namespaces = TaskNamespaces(log: Logger(label: "test"))

    /// The tasks in whose namespaces links went away, as far as is told until one of them has.
    private func tasks(until last: String) async throws -> [String] {
        var tasks: [String] = []
        while !tasks.contains(last), let events = try await namespaces.next() {
            for case .link(let number?, _, isRemoved: true) in events {
                if let task = namespaces.task(in: number) { tasks.append(task) }
            }
        }
        return tasks
    }

    @Test(.timeLimit(.minutes(1))) func whatHappensInATasksNamespaceIsToldOnceItIsKnown() async throws {
        let (first, second, unknown) = (
            try NetworkNamespace.create(), try NetworkNamespace.create(), try NetworkNamespace.create()
        )
        for namespace in [first, second, unknown] {
            for name in ["one", "two"] {
                try RouteConnection(in: namespace).apply(.createLink(LinkSpec(name: name, kind: .bridge)))
            }
        }
        func remove(_ name: String, in namespace: NetworkNamespace) throws {
            try RouteConnection(in: namespace).apply(.deleteLink(.name(name)))
        }
        try remove("one", in: first)
        try namespaces.add(first, of: "first")
        try namespaces.add(second, of: "second")
        // Every ENI that comes to a task says so again.
        try namespaces.add(first, of: "first")
        try remove("two", in: unknown)
        try remove("one", in: second)
        try remove("two", in: first)
        #expect(try await tasks(until: "first") == ["second", "first"])
    }

    @Test(.timeLimit(.minutes(1))) func aNumberIsNotGivenTwice() async throws {
        try namespaces.add(try NetworkNamespace.create(), of: "short")
        var ended: Int32?
        while ended == nil, let events = try await namespaces.next() {
            for case .namespaceEnded(let number) in events { ended = number }
        }
        let number = try #require(ended)
        #expect(namespaces.task(in: number) == nil)
        let next = try NetworkNamespace.create()
        try namespaces.add(next, of: "next")
        #expect(namespaces.task(in: number) == nil)
        withExtendedLifetime(next) {}
    }
}

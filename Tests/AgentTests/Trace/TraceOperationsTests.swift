// SPDX-License-Identifier: Apache-2.0
import ECSAPI
import Foundation
import Testing
import VPC

@testable import Agent

/// `TaskNetwork.DescribeTaskTrace`
@Suite("Traces over the API")
struct TraceOperationsTests {
    private static let id = "0123456789abcdef0123456789abcdef"

    private func api() throws -> TestAPI {
        var api = try TestAPI()
        api.register(TraceOperations(context: api.context))
        return api
    }

    private func ask(_ api: TestAPI, _ body: String) async throws -> TaskTrace {
        let (status, document) = try await api.call("DescribeTaskTrace", body, prefix: APITarget.taskNetwork)
        try #require(status == 200, "\(document)")
        return try JSONDecoder().decode(TaskTrace.self, from: JSONSerialization.data(withJSONObject: document))
    }

    @Test("Refusals are told as other operations tell theirs")
    func refusals() async throws {
        let api = try api()
        func error(_ body: String) async throws -> String {
            try await api.error("DescribeTaskTrace", body, prefix: APITarget.taskNetwork)
        }
        let one = "400 InvalidParameterException: One of task and networkInterfaceId must be given."
        #expect(try await error("{}") == one)
        #expect(try await error(#"{"task": "a", "networkInterfaceId": "eni-1"}"#) == one)
        #expect(
            try await error(#"{"task": "\#(Self.id)"}"#)
                == "400 InvalidParameterException: The referenced task was not found.")
        #expect(try await error(#"{"task": "x"}"#).hasPrefix("400 InvalidParameterException: taskId length"))
        #expect(try await error(#"{"networkInterfaceId": "eni-1"}"#).contains("InvalidNetworkInterfaceID.NotFound"))
        #expect(try await error(#"{"cluster": "other", "task": "\#(Self.id)"}"#).contains("ClusterNotFoundException"))
    }

    @Test("Each step comes before its parts, whatever began in between")
    func order() async throws {
        let api = try api()
        let trace = Trace(.start)
        let request = try #require(trace.begin(.path(.request)))
        let network = try #require(trace.begin(.path(.network)))
        let record = try #require(trace.begin(.path(.record), in: request))
        for step in [record, request, network] { trace.end(step) }
        trace.end()
        api.context.traces.keep(trace, of: Self.id)
        let answer = try await ask(api, #"{"task": "\#(Self.id)"}"#)
        #expect(answer.taskArn?.hasSuffix(Self.id) == true)
        #expect(answer.steps.map(\.name) == ["request", "record", "network"])
        #expect(answer.steps.map(\.depth) == [0, 1, 0])
        #expect(answer.steps.map(\.parent) == [nil, 0, nil])
        #expect(answer.paths.map(\.name) == ["start"])
        #expect(answer.totalMicroseconds == answer.paths[0].totalMicroseconds)
        #expect(answer.notes.isEmpty)
    }

    @Test("What is not known is said, and what goes on has no total")
    func unknown() async throws {
        let api = try api()
        let trace = Trace(.stop)
        _ = trace.begin(.path(.networkRelease))
        api.context.traces.keep(trace, of: Self.id)
        let answer = try await ask(api, #"{"task": "\#(Self.id)"}"#)
        #expect(answer.paths.map(\.name) == ["stop"])
        #expect(answer.paths[0].totalMicroseconds == nil && answer.totalMicroseconds == nil)
        #expect(answer.steps.map(\.durationMicroseconds) == [nil])
        #expect(answer.notes.count == 1 && answer.notes[0].hasPrefix("the steps of the start are not known"))
    }

    @Test("A task that an earlier daemon began has no steps")
    func earlier() async throws {
        let api = try api()
        try await api.context.store.write { store in
            let task = StoreRecordTests.task(Self.id)
            _ = try store.insertTaskDefinition(family: task.family) {
                StoreRecordTests.definition(task.family, revision: $0)
            }
            try store.insert(task)
        }
        let answer = try await ask(api, #"{"task": "\#(Self.id)"}"#)
        #expect(answer.steps.isEmpty && answer.paths.isEmpty && answer.notes.count == 1)
    }
}

// SPDX-License-Identifier: Apache-2.0
import ECSAPI
import Foundation
import Glibc
import Logging
import Synchronization
import SystemPackage
import Testing

@testable import Agent

/// The dispatcher with the operations that need only the store, over a state of its own.
struct TestAPI {
    let directory: TemporaryDirectory
    let context: AgentContext
    private(set) var dispatcher: APIDispatcher

    static let peer = ControlPeer(processID: getpid(), userID: geteuid(), groupID: getegid())

    init(_ configuration: AgentConfiguration = AgentConfiguration()) throws {
        directory = try TemporaryDirectory()
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        context = AgentContext(
            configuration: CurrentConfiguration(configuration), store: try Store(directory: directory.path),
            boot: .first,
            logger: logger)
        dispatcher = APIDispatcher(logger: logger)
        for part in try Self.storeParts(context) { part.register(in: &dispatcher) }
    }

    static func storeParts(_ context: AgentContext) throws -> [any AgentPart] {
        [TaskDefinitionOperations(context: context), ClusterOperations(context: context)]
    }

    mutating func register(_ part: any AgentPart) { part.register(in: &dispatcher) }

    mutating func register<Operation: APIOperation>(
        _ operation: Operation.Type,
        _ body: @escaping @Sendable (Operation.Input, APIContext) async throws -> Operation.Output
    ) {
        dispatcher.register(operation, body)
    }

    /// The answer to raw JSON, as a dictionary.
    func call(_ operation: String, _ body: String, prefix: String = APITarget.ecs) async throws -> (
        status: Int, document: [String: Any]
    ) {
        let response = await dispatcher.answer(
            APIRequest(target: "\(prefix).\(operation)", body: Array(body.utf8), peer: Self.peer))
        let document = try JSONSerialization.jsonObject(with: Data(response.body)) as? [String: Any]
        return (response.status, try #require(document))
    }

    /// Type and message of the error that raw JSON is answered with.
    func error(_ operation: String, _ body: String, prefix: String = APITarget.ecs) async throws -> String {
        let (status, document) = try await call(operation, body, prefix: prefix)
        let type = document["__type"] as? String ?? "none"
        return "\(status) \(type): \(document["message"] as? String ?? "")"
    }
}

/// Echoes: for what the protocol does, whatever the operation.
enum Echo: APIOperation {
    static let target = "Test.Echo"

    struct Input: Codable, Sendable {
        var text: String
        var numbers: [Int]?
        var inner: Inner?

        struct Inner: Codable, Sendable { var flag: Bool }
    }

    struct Output: Codable, Sendable { var text: String }
}

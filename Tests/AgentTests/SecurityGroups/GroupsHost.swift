// SPDX-License-Identifier: Apache-2.0
import Addressing
import ECSAPI
import Foundation
import Linux
import TaskNetworking
import TestSupport
import Testing
import VPC

@testable import Agent

/// A host with tasks, and a daemon that is asked about security groups as the AWS CLI asks EC2.
struct GroupsHost {
    let base: NetworkHost
    let service: TaskNetworkService
    private let dispatcher: APIDispatcher

    static func with<Result>(
        _ configure: (inout AgentConfiguration) throws -> Void = { _ in },
        _ body: (GroupsHost) async throws -> Result
    ) async throws -> Result {
        try await NetworkHost.with(configure) { base in try await body(try await GroupsHost(base)) }
    }

    /// A daemon that has just been started: nothing of the one before but the store and the kernel.
    init(_ base: NetworkHost) async throws {
        self.base = base
        service = try await base.startService()
        var dispatcher = APIDispatcher(logger: base.context.logger)
        SecurityGroupOperations(context: base.context, groups: service.groups).register(in: &dispatcher)
        NetworkInterfaceOperations(context: base.context, network: service).register(in: &dispatcher)
        self.dispatcher = dispatcher
    }

    var groups: SecurityGroupService { service.groups }

    /// The answer to raw JSON.
    @discardableResult
    func call(_ operation: String, _ body: String = "{}") async throws -> JSON {
        let response = await dispatcher.answer(
            APIRequest(target: "TaskNetwork.\(operation)", body: Array(body.utf8), peer: TestAPI.peer))
        let text = String(decoding: response.body, as: UTF8.self)
        guard response.status == 200 else { throw try JSONDecoder().decode(APIError.self, from: Data(text.utf8)) }
        return try JSON(parsing: text)
    }

    /// What raw JSON is refused with.
    func refusal(_ operation: String, _ body: String = "{}") async throws -> String {
        do {
            let answer = try await call(operation, body)
            return "it was done: \(answer)"
        } catch let error as APIError {
            return error.description
        }
    }

    /// - Returns: its id.
    @discardableResult
    func create(_ name: String) async throws -> String {
        let answer = try await call("CreateSecurityGroup", #"{"GroupName": "\#(name)", "Description": "a group"}"#)
        return try #require(answer["GroupId"].text)
    }

    func allow(_ group: String, _ permission: String) async throws {
        try await call("AuthorizeSecurityGroupIngress", #"{"GroupId": "\#(group)", "IpPermissions": [\#(permission)]}"#)
    }

    func runTask(_ id: String, groups names: [String]? = nil) async throws -> NetworkInterfaceRecord {
        let ids = try await groups.resolve(names)
        _ = try await base.runTask(id, on: service) { $0.networkInterface.securityGroupIDs = ids }
        return try await interface(id)
    }

    func interface(_ task: String) async throws -> NetworkInterfaceRecord {
        let found = try await base.store.read { try $0.networkInterfaces(taskID: task).first }
        return try #require(found)
    }

    func release(_ task: String) async throws {
        let record = try await base.store.read { try $0.task(id: task) }
        await service.release(try #require(record))
    }

    func move(_ record: NetworkInterfaceRecord, to groups: String...) async throws {
        let names = groups.map { "\"\($0)\"" }.joined(separator: ", ")
        try await call(
            "ModifyNetworkInterfaceAttribute", #"{"NetworkInterfaceId": "\#(record.id)", "Groups": [\#(names)]}"#)
    }

    func reaches(_ record: NetworkInterfaceRecord, from task: String? = nil) throws -> Bool {
        let address = try #require(record.networkInterface.primaryIPv4).description
        let namespace = try task.map { try NetworkNamespace(path: base.host.namespacePath($0)) } ?? base.host.namespace
        return try attempt(["ping", "-n", "-c", "1", "-W", "1", address], in: namespace).succeeded
    }

    // MARK: - The kernel, by other programs

    /// The ruleset's text, in this test's host.
    func ruleset() throws -> String { try run(["nft", "list", "ruleset"], in: base.host.namespace).output }

    /// The set's or map's text; empty where there is none.
    func set(_ name: String) throws -> String {
        try attempt(["nft", "list", "set", "inet", "tasknet", name], in: base.host.namespace).output
    }

    /// Of the host's end.
    func linkGroup(_ record: NetworkInterfaceRecord) throws -> String? {
        let name = try #require(record.networkInterface.hostInterfaceName)
        return try runJSON(["ip", "-j", "-d", "link", "show", name], in: base.host.namespace)[0]["group"].text
    }

    func address(_ record: NetworkInterfaceRecord) throws -> String {
        try #require(record.networkInterface.primaryIPv4).description
    }
}

// SPDX-License-Identifier: Apache-2.0

import ControlClient
import ECSAPI
import ECSClient
import JSON
import TaskDefinitions
import VPC

/// Registers one definition and starts tasks of it.
struct TaskRun {
    /// What RunTask takes at once.
    private static let most = 10

    struct Answer {
        /// The daemon's own, of all requests together.
        var document: JSONNode
        var tasks: [ECSTask]
        var failures: [Failure]
    }

    let client: ControlClient
    let cluster: String?
    let document: TaskDefinitionDocument
    /// What the command line says; it goes before what the file says.
    let subnets: [String]
    let securityGroups: [String]
    let restart: TaskRestartPolicy

    /// The command line's network, and what it leaves open of the file's, with the ids of subnets and security groups
    /// that are named.
    ///
    /// Takes the only subnet there is where nothing names one, and says so by `assumed`. Refuses what cannot be run before
    /// anything is registered for it.
    func networkConfiguration(
        file: String, hasInterfaces: Bool, assumed: (String) -> Void
    ) throws -> NetworkConfiguration? {
        let inFile = try document.networkConfiguration?.decoded(as: NetworkConfiguration.self).awsvpcConfiguration
        let names = subnets.isEmpty ? inFile?.subnets ?? [] : subnets
        let isRequired = document.definition["networkMode"]?.string == "awsvpc" && !hasInterfaces
        guard !names.isEmpty || isRequired else {
            guard inFile != nil || !securityGroups.isEmpty else { return nil }
            return try configuration([], inFile)
        }
        let known = try client.call(TaskNetworkAPI.ListSubnets.self, .init()).subnets ?? []
        guard !names.isEmpty else {
            if let only = known.first, known.count == 1 {
                assumed(only.name)
                return try configuration([only.subnetId], inFile)
            }
            throw CommandFailure(
                "\(file) has networkMode awsvpc, and nothing says which subnet its tasks belong to. "
                    + "Say --subnet NAME; \(Self.choice(known))", .usage)
        }
        let ids = try names.map { name in
            guard let subnet = known.first(where: { $0.subnetId == name || $0.name == name }) else {
                throw CommandFailure("there is no subnet \(EscapedText.of(name)); \(Self.choice(known))", .notFound)
            }
            return subnet.subnetId
        }
        return try configuration(ids, inFile)
    }

    private func configuration(
        _ subnets: [String], _ inFile: NetworkConfiguration.AWSVPC?
    ) throws -> NetworkConfiguration {
        var groups = securityGroups.isEmpty ? inFile?.securityGroups : securityGroups
        if let names = groups, !names.isEmpty {
            let catalog = try SecurityGroupCatalog(client: client)
            groups = try names.map { try catalog.group($0).groupId }
        }
        return NetworkConfiguration(
            awsvpcConfiguration: .init(
                subnets: subnets, securityGroups: groups, assignPublicIp: inFile?.assignPublicIp))
    }

    /// "there are: blue (10.64.1.0/24), red (10.64.2.0/24)"
    private static func choice(_ known: [SubnetDescription]) -> String {
        if known.isEmpty { return "there are none: add one to subnets in tasknetd's configuration" }
        let texts = known.map { subnet in
            let blocks = [subnet.cidrBlock, subnet.ipv6CidrBlock].compactMap(\.self).joined(separator: ", ")
            return EscapedText.of("\(subnet.name) (\(blocks))")
        }
        return "there are: \(texts.joined(separator: ", "))"
    }

    /// Registers the definition as the next revision of its family.
    func register() throws -> TaskDefinition {
        let body = Array(document.definition.compactText.utf8)
        let answer = try client.send(target: RegisterTaskDefinition.target, body: body)
        guard let definition = try client.decode(RegisterTaskDefinition.self, answer).taskDefinition else {
            throw CommandFailure("RegisterTaskDefinition: the answer has no task definition")
        }
        return definition
    }

    /// Starts `count` tasks of a registered definition.
    func start(
        _ definition: TaskDefinition, count: Int, network: NetworkConfiguration?, interfaces: InterfaceDocument?
    ) throws -> Answer {
        var input = RunTask.Input(taskDefinition: definition.taskDefinitionArn ?? definition.familyAndRevision)
        input.cluster = cluster
        input.networkConfiguration = network
        input.tags = restart.tag.map { [$0] }
        if let interfaces {
            let input = TaskNetworkAPI.RunTask.Input(
                task: input, elasticNetworkInterfaces: interfaces.interfaces, waitTimeoutMs: interfaces.waitTimeoutMs)
            return try answer(try client.send(TaskNetworkAPI.RunTask.self, input))
        }
        var answers: [Answer] = []
        var rest = count
        while rest > 0 {
            input.count = min(rest, Self.most)
            let answer = try answer(try client.send(RunTask.self, input))
            answers.append(answer)
            // More of what was just refused would be refused as well.
            if !answer.failures.isEmpty { break }
            rest -= Self.most
        }
        return Self.joined(answers)
    }

    private func answer(_ bytes: [UInt8]) throws -> Answer {
        let output = try client.decode(RunTask.self, bytes)
        return Answer(
            document: try JSONParser.parse(bytes), tasks: output.tasks ?? [], failures: output.failures ?? [])
    }

    private static func joined(_ answers: [Answer]) -> Answer {
        if answers.count == 1 { return answers[0] }
        let list = { (key: String) in JSONNode.array(answers.flatMap { $0.document[key]?.elements ?? [] }) }
        return Answer(
            document: ["tasks": list("tasks"), "failures": list("failures")], tasks: answers.flatMap(\.tasks),
            failures: answers.flatMap(\.failures))
    }
}

// SPDX-License-Identifier: Apache-2.0

import ControlClient
import ECSAPI
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
    private(set) var subnets: [String]
    let securityGroups: [String]

    /// The command line's network, and what it leaves open of the file's.
    func networkConfiguration() throws -> NetworkConfiguration? {
        let inFile = try document.networkConfiguration?.decoded(as: NetworkConfiguration.self).awsvpcConfiguration
        guard inFile != nil || !subnets.isEmpty || !securityGroups.isEmpty else { return nil }
        let groups = securityGroups.isEmpty ? inFile?.securityGroups : securityGroups
        return NetworkConfiguration(
            awsvpcConfiguration: .init(
                subnets: subnets.isEmpty ? inFile?.subnets ?? [] : subnets, securityGroups: groups,
                assignPublicIp: inFile?.assignPublicIp))
    }

    /// Takes the only subnet there is where nothing names one. Where there are several, refuses the run before anything is
    /// registered for it, and tells which ones there are.
    /// - Returns: the subnet that was taken.
    mutating func settleSubnet(file: String, hasInterfaces: Bool) throws -> String? {
        guard document.definition["networkMode"]?.string == "awsvpc", !hasInterfaces,
            try networkConfiguration()?.awsvpcConfiguration?.subnets.isEmpty ?? true
        else { return nil }
        let known = try client.call(TaskNetworkAPI.ListSubnets.self, .init()).subnets ?? []
        if let only = known.first, known.count == 1 {
            subnets = [only.subnetId]
            return only.name
        }
        let names = known.map { subnet in
            let blocks = [subnet.cidrBlock, subnet.ipv6CidrBlock].compactMap(\.self).joined(separator: ", ")
            return EscapedText.of("\(subnet.name) (\(blocks))")
        }
        let choice =
            names.isEmpty
            ? "there are none: add one to tasknetd's configuration" : "there are: " + names.joined(separator: ", ")
        throw CommandFailure(
            "\(file) has networkMode awsvpc, and nothing says which subnet its tasks belong to. Say --subnet NAME; \(choice)",
            .usage)
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
    func start(_ definition: TaskDefinition, count: Int, interfaces: InterfaceDocument?) throws -> Answer {
        var input = RunTask.Input(taskDefinition: definition.taskDefinitionArn ?? definition.familyAndRevision)
        input.cluster = cluster
        input.networkConfiguration = try networkConfiguration()
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

// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

@Suite("Bad input", .requiresRoot)
struct BadInputTests {
    private static func definition(_ container: String, family: String = "bad", mode: String = "awsvpc") -> String {
        """
        {"family": "\(family)", "networkMode": "\(mode)", "containerDefinitions": [
          {"name": "main", "image": "busybox", "memory": 32, "command": ["true"]\(container)}]}
        """
    }

    /// What is refused at registration: the definition, the error's type, and what its text must name.
    @Test(
        "a definition is refused with AWS's type and a text that names the fault",
        arguments: [
            (#"{"family": "x""#, "SerializationException", ""),
            (definition("", mode: "carrier-pigeon"), "ClientException", "carrier-pigeon"),
            (definition(#", "portMappings": [{"containerPort": 80, "hostPort": 8080}]"#), "ClientException", "port"),
            (definition(#", "links": ["db"]"#), "ClientException", "Links are not supported when networkMode=awsvpc."),
            (definition("").replacing("main", with: "../../etc"), "ClientException", "ame"),
            (definition("", family: "a/b"), "ClientException", "amily"),
            (
                definition(#", "dependsOn": [{"containerName": "ghost", "condition": "START"}]"#), "ClientException",
                "ghost"
            ),
            (definition(#", "essential": false"#), "ClientException", "essential"),
        ])
    func registration(definition: String, type: String, text: String) async throws {
        try await Machine.with { machine in
            let answer = try machine.call("RegisterTaskDefinition", definition)
            #expect(answer.status == 400)
            #expect(answer.errorType == type, "\(answer)")
            #expect(answer.message.contains(text) || text.isEmpty, "\(answer.message)")
            #expect(try machine.ask("ListTaskDefinitions")["taskDefinitionArns"].elements.isEmpty)
        }
    }

    @Test("a request of 100 MB is refused, and the daemon serves on")
    func hugeDefinition() async throws {
        try await Machine.with { machine in
            let huge = Self.definition(
                #", "environment": [{"name": "A", "value": ""# + String(repeating: "x", count: 100 << 20) + #""}]"#)
            let answer = try machine.call("RegisterTaskDefinition", huge)
            #expect(answer.status == 413 && answer.errorType == "RequestEntityTooLargeException")
            #expect(answer.message == "the request is larger than 1048576 bytes; AWS takes definitions of up to 64 KiB")
            #expect(try machine.call("ListTasks").status == 200)
        }
    }

    @Test("a client token gives the same answer to the same request, and none to another")
    func clientToken() async throws {
        try await Machine.with { machine in
            let definition = Self.definition("").replacing(#"["true"]"#, with: #"["sleep", "600"]"#)
            _ = try machine.ask("RegisterTaskDefinition", definition)
            func run(_ token: String, count: Int = 1) throws -> APIAnswer {
                try machine.call(
                    "RunTask",
                    """
                    {"taskDefinition": "bad", "count": \(count), "clientToken": "\(token)", "networkConfiguration":
                      {"awsvpcConfiguration": {"subnets": ["\(Machine.subnet)"]}}}
                    """)
            }
            let first = try #require(try run("once").body["tasks"][0]["taskArn"].text)
            #expect(try run("once").body["tasks"].elements.map { $0["taskArn"].text } == [first])
            let other = try run("once", count: 2)
            #expect(other.errorType == "ConflictException" && other.message.contains(first))
            // An empty one is none.
            let arns = try [run(""), run("")].map { try #require($0.body["tasks"][0]["taskArn"].text) }
            #expect(Set(arns).count == 2)
            #expect(try machine.ask("ListTasks")["taskArns"].elements.count == 3)
            #expect(try machine.call("ListTasks", #"{"serviceName": "web"}"#).errorType == "ServiceNotFoundException")
            let instance = try machine.call("ListTasks", #"{"containerInstance": "here"}"#)
            #expect(instance.errorType == "InvalidParameterException")
            for arn in arns + [first] { try await machine.stop(arn) }
            try await machine.expectNothingLeft()
        }
    }

    @Test("RunTask refuses what cannot be run, each with the thing and the mend")
    func run() async throws {
        try await Machine.with { machine in
            func refused(
                _ definition: String,
                network: String = #"{"awsvpcConfiguration": {"subnets": ["\#(Machine.subnet)"]}}"#,
                _ type: String, _ text: String, sourceLocation: SourceLocation = #_sourceLocation
            ) throws {
                let name = try #require(
                    machine.ask("RegisterTaskDefinition", definition)["taskDefinition"]["taskDefinitionArn"].text)
                let answer = try machine.call(
                    "RunTask", #"{"taskDefinition": "\#(name)", "networkConfiguration": \#(network)}"#)
                #expect(answer.errorType == type, "\(answer)", sourceLocation: sourceLocation)
                #expect(answer.message.contains(text), "\(answer.message)", sourceLocation: sourceLocation)
            }
            let good = Self.definition("")
            try refused(good, network: "null", "InvalidParameterException", "Network Configuration must be provided")
            try refused(
                good, network: #"{"awsvpcConfiguration": {"subnets": ["subnet-0fedcba9876543210"]}}"#,
                "InvalidParameterException", "subnet-0fedcba9876543210")
            try refused(
                good.replacingOccurrences(of: "\"busybox\"", with: "\"nginx:1.27\""), "ClientException",
                "Image 'nginx:1.27' is not known")
            try refused(
                good.replacingOccurrences(of: "\"busybox\"", with: "\"gone\""), "ClientException", "is not known")
            try refused(
                good.replacingOccurrences(of: "\"busybox\"", with: "\"unmade\""), "ClientException", "/nowhere/at/all")
            try refused(Self.definition("", mode: "host"), network: "null", "ClientException", "networkMode")
            try refused(
                good.replacingOccurrences(of: #", "command": ["true"]"#, with: ""), "ClientException",
                "neither command nor entryPoint")
            let unknown = try machine.call("RunTask", #"{"taskDefinition": "nobody"}"#)
            #expect(unknown.errorType == "ClientException")
            let cluster = try machine.call("RunTask", #"{"taskDefinition": "bad", "cluster": "other"}"#)
            #expect(cluster.errorType == "ClusterNotFoundException")
            #expect(try machine.ask("ListTasks")["taskArns"].elements.isEmpty)
            try await machine.expectNothingLeft()
        }
    }

    @Test("a full subnet fails the tasks that find no address, by its name, and no other")
    func fullSubnet() async throws {
        let subnets = """
            subnets:
              - {id: subnet-0aaaaaaaaaaaaaaaa, name: small, cidrBlock: 10.64.9.0/28}
            """
        try await Machine.with(configuration: subnets) { machine in
            let sleeper = Self.definition("").replacingOccurrences(of: #"["true"]"#, with: #"["sleep", "1000"]"#)
                .replacingOccurrences(of: #""memory": 32"#, with: #""memory": 32, "stopTimeout": 2"#)
            _ = try machine.ask("RegisterTaskDefinition", sleeper)
            var tasks: [String] = []
            var failures: [JSON] = []
            for count in [10, 4] {
                let answer = try machine.ask(
                    "RunTask",
                    #"{"taskDefinition": "bad", "count": \#(count), "networkConfiguration": {"awsvpcConfiguration": {"subnets": ["subnet-0aaaaaaaaaaaaaaaa"]}}}"#
                )
                tasks += answer["tasks"].elements.compactMap { $0["taskArn"].text }
                failures += answer["failures"].elements
            }
            // 16 addresses, 5 of them reserved.
            #expect(tasks.count == 11)
            #expect(failures.count == 3)
            #expect(failures.allSatisfy { $0["reason"].text == "RESOURCE:ENI" })
            #expect(failures.allSatisfy { $0["detail"].text?.contains("subnet-0aaaaaaaaaaaaaaaa") == true })
            var addresses: Set<String> = []
            for task in tasks {
                let running = try await machine.wait(for: task, toBe: "RUNNING")
                addresses.insert(running["attachments"][0].detail("privateIPv4Address") ?? "")
            }
            #expect(addresses.count == 11)
            for task in tasks { try await machine.stop(task) }
            try await machine.expectNothingLeft()
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import SystemPackage
import TestSupport
import Testing

/// What the control API answered.
struct APIAnswer {
    var status: Int
    var body: JSON

    /// "ClientException", from an error's `__type`.
    var errorType: String? { body["__type"].text }
    var message: String { body["message"].text ?? "" }

    /// - Parameter output: the body, and the status on a line of its own. Nil when there was no answer.
    init?(_ output: String) throws {
        let lines = output.split(separator: "\n")
        guard let status = lines.last.flatMap({ Int($0) }), status > 0 else { return nil }
        self.status = status
        body = try JSON(parsing: lines.dropLast().joined(separator: "\n"))
    }
}

/// The control API, called by curl as any program could.
extension Machine {
    static let ecs = "AmazonEC2ContainerServiceV20141113"

    func call(_ operation: String, _ input: String = "{}", service: String = Machine.ecs) throws -> APIAnswer {
        let output = try curl(operation, input, service: service)
        try #require(output.succeeded, "\(operation): \(output.errors)")
        return try #require(try APIAnswer(output.output))
    }

    /// The answer; nil when nobody lives to give one.
    func callIfAlive(_ operation: String, _ input: String = "{}", service: String = Machine.ecs) throws -> APIAnswer? {
        try APIAnswer(try curl(operation, input, service: service).output)
    }

    private func curl(_ operation: String, _ input: String, service: String) throws -> ProgramOutput {
        let body = host.directory.appending("request-\(UUID().uuidString).json")
        try input.write(toFile: body.string, atomically: false, encoding: .utf8)
        defer { unlink(body.string) }
        return try attempt([
            "curl", "--silent", "--show-error", "--unix-socket", "/run/tasknet/tasknet.sock", "--write-out",
            "\n%{http_code}",
            "--header", "X-Amz-Target: \(service).\(operation)", "--header", "Content-Type: application/x-amz-json-1.1",
            "--data-binary", "@\(body)", "http://localhost/",
        ])
    }

    /// Calls an operation that has to succeed.
    func ask(_ operation: String, _ input: String = "{}", service: String = Machine.ecs) throws -> JSON {
        let answer = try call(operation, input, service: service)
        try #require(answer.status == 200, "\(operation): \(answer.body)")
        return answer.body
    }

    // MARK: - Tasks

    /// Registers a definition and runs one task of it in the default subnet.
    /// - Returns: the task's ARN.
    func runTask(
        _ definition: String, subnet: String = Machine.subnet, securityGroups: [String]? = nil
    ) throws -> String {
        let registered = try ask("RegisterTaskDefinition", definition)["taskDefinition"]["taskDefinitionArn"]
        let name = try #require(registered.text)
        let groups = securityGroups.map { #", "securityGroups": ["\#($0.joined(separator: #"", ""#))"]"# } ?? ""
        let answer = try ask(
            "RunTask",
            """
            {"taskDefinition": "\(name)",
             "networkConfiguration": {"awsvpcConfiguration": {"subnets": ["\(subnet)"]\(groups)}}}
            """)
        try #require(answer["failures"].elements.isEmpty, "\(answer)")
        return try #require(answer["tasks"][0]["taskArn"].text)
    }

    func describe(_ task: String) throws -> JSON {
        try ask("DescribeTasks", #"{"tasks": ["\#(task)"]}"#)["tasks"][0]
    }

    /// Waits until a task is in a state. What it never comes back from ends the wait.
    @discardableResult
    func wait(for task: String, toBe status: String, within seconds: Double = 60) async throws -> JSON {
        let deadline = ContinuousClock.now.advanced(by: .seconds(seconds))
        while true {
            let description = try describe(task)
            let last = description["lastStatus"].text
            if last == status { return description }
            try #require(last != "STOPPED" && .now < deadline, "waiting for \(status): \(description)")
            // Not a thread's sleep: the other tests share the threads.
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    /// Waits until a condition holds.
    func wait(_ what: String, within seconds: Double = 60, until condition: () throws -> Bool) async throws {
        let deadline = ContinuousClock.now.advanced(by: .seconds(seconds))
        while try !condition() {
            try #require(.now < deadline, "waiting until \(what)")
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    func runAndWait(_ definition: String, subnet: String = Machine.subnet) async throws -> JSON {
        try await wait(for: try runTask(definition, subnet: subnet), toBe: "RUNNING")
    }

    @discardableResult
    func stop(_ task: String) async throws -> JSON {
        _ = try ask("StopTask", #"{"task": "\#(task)", "reason": "end of test"}"#)
        return try await wait(for: task, toBe: "STOPPED")
    }

    func log(of container: String, task: String) throws -> [String] {
        let id = task.split(separator: "/").last.map(String.init) ?? task
        let path = stateDirectory.appending("tasks/\(id)/containers/\(container)/\(container).log")
        let text = (try? String(contentsOfFile: path.string, encoding: .utf8)) ?? ""
        return try text.split(separator: "\n").compactMap { try JSON(parsing: String($0))["log"].text }
    }
}

extension JSON {
    /// An attachment detail, or any list of names and values.
    func detail(_ name: String) -> String? { self["details"].first(where: "name", is: name)["value"].text }

    func container(_ name: String) -> JSON { self["containers"].first(where: "name", is: name) }

    /// The last part of an ARN: a task's id.
    var id: String { text?.split(separator: "/").last.map(String.init) ?? "" }
}

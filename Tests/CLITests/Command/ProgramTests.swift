// SPDX-License-Identifier: Apache-2.0

import ECSAPI
import Foundation
import JSON
import Linux
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import tasknet

/// The built program, against a socket that answers as a daemon would.
@Suite("The program")
struct ProgramTests {
    private static let id = SampleTasks.id("1f3c")
    private static let other = SampleTasks.id("1fff")
    private static let definition = """
        {"family": "web", "networkMode": "awsvpc", "cpu": 256,
         "containerDefinitions": [{"name": "app", "image": "busybox"}]}
        """

    /// Two tasks that run, `1f3c…` and `1fff…`, and one that has stopped with 3, `2a…`.
    private static func answer(_ request: ScriptedDaemon.Request) throws -> String? {
        let stopped = SampleTasks.id("2a")
        switch request.operation {
        case "ListTasks":
            let ids = request.body["desiredStatus"]?.string == "STOPPED" ? [stopped] : [id, other]
            return JSONNode.object([JSONMember("taskArns", .array(ids.map { .string(SampleTasks.arn($0)) }))])
                .compactText
        case "DescribeTasks":
            let ids = (request.body["tasks"]?.elements ?? []).compactMap { $0.string.map(TaskIndex.id(of:)) }
            let tasks = try ids.map { try $0 == stopped ? SampleTasks.stopped($0, app: 3) : SampleTasks.running($0) }
            return try JSONNode(encoding: DescribeTasks.Output(tasks: tasks)).compactText
        case "RegisterTaskDefinition":
            var definition = request.body
            definition.insert("revision", 3)
            definition.insert("taskDefinitionArn", "arn:aws:ecs:us-east-1:123456789012:task-definition/web:3")
            return JSONNode.object([JSONMember("taskDefinition", definition)]).compactText
        case "RunTask":
            return try JSONNode(encoding: RunTask.Output(tasks: [try SampleTasks.running(id)])).compactText
        case "StopTask":
            return #"{"task":\#(try JSONNode(encoding: try SampleTasks.running(id)).compactText)}"#
        case "DescribeSecurityGroups":
            let groups = [("sg-1", "web"), ("sg-2", "db"), ("sg-9", "old")].map { id, name in
                """
                {"GroupId":"\(id)","GroupName":"\(name)","Description":"d","IpPermissions":[],"IpPermissionsEgress":[]}
                """
            }
            return #"{"SecurityGroups":[\#(groups.joined(separator: ","))]}"#
        case "ListSubnets":
            return """
                {"subnets":[
                {"subnetId":"subnet-1","name":"blue","cidrBlock":"10.64.1.0/24","availableIpAddressCount":249},
                {"subnetId":"subnet-2","name":"red","cidrBlock":"10.64.2.0/24"}]}
                """
        default:
            return nil
        }
    }

    @Test("ps")
    func list() throws {
        try ScriptedDaemon.with(Self.answer) { daemon in
            let table = try daemon.tasknet("ps")
            #expect(table.status == .exited(0) && table.errors == "")
            let lines = table.output.split(separator: "\n")
            #expect(lines.count == 3 && lines[0].hasPrefix("TASK          DEFINITION  STATUS"))
            #expect(!table.output.contains("\u{1b}"))
            #expect(try daemon.tasknet("ps", "-aq").output.split(separator: "\n").count == 3)
            let json = try daemon.tasknet("ps", "--json")
            #expect(try JSONParser.parse(Array(json.output.utf8))["tasks"]?.elements?.count == 2)
        }
    }

    @Test("describe --json is the daemon's document, as it came")
    func describe() throws {
        let document =
            #"{"tasks":[{"zeta":1.50,"taskArn":"\#(SampleTasks.arn(Self.id))","unknown":{"b":[],"a":null}}],"failures":[]}"#
        try ScriptedDaemon.with { request in
            request.operation == "DescribeTasks" ? document : try Self.answer(request)
        } _: { daemon in
            let output = try daemon.tasknet("describe", "1f3", "--json").output
            #expect(try JSONParser.parse(Array(output.utf8)).compactText == document)
            #expect(output.contains("\n      \"zeta\": 1.50,\n"))
        }
    }

    @Test("A task is named by any beginning that fits only one")
    func names() throws {
        try ScriptedDaemon.with(Self.answer) { daemon in
            #expect(try daemon.tasknet("describe", "1f3").output.hasPrefix("Task        \(Self.id)\n"))
            let ambiguous = try daemon.tasknet("describe", "1f")
            #expect(ambiguous.status == .exited(2) && ambiguous.output == "")
            #expect(
                ambiguous.errors == """
                    tasknet: "1f" fits 2 tasks; give more of the id:
                      \(Self.id)  RUNNING  web:3
                      \(Self.other)  RUNNING  web:3

                    """)
            let missing = try daemon.tasknet("stop", "1f3", "77\u{1b}")
            #expect(missing.status == .exited(2))
            #expect(missing.errors == "tasknet: there is no task \"77\\u{1b}\" (tasknet ps -a lists them)\n")
            // With a wrong name among them nothing is done.
            #expect(!daemon.operations.contains("StopTask"))
        }
    }

    @Test("run registers what was mended, says so, and runs it")
    func run() throws {
        try ScriptedDaemon.with(Self.answer) { daemon in
            try withFile(Self.definition) { path in
                let result = try daemon.tasknet("run", path, "--subnet", "blue", "--security-group", "sg-1,db")
                #expect(result.status == .exited(0))
                #expect(result.output.hasPrefix("registered web:3\nTASK "))
                #expect(result.errors == "\(path):1:51: warning: cpu: the number 256 is taken as the string \"256\"\n")
                #expect(daemon.last("RegisterTaskDefinition")?["cpu"] == "256")
                let network = daemon.last("RunTask")?["networkConfiguration"]?["awsvpcConfiguration"]
                #expect(network?["subnets"] == ["subnet-1"] && network?["securityGroups"] == ["sg-1", "sg-2"])
                #expect(try daemon.tasknet("run", path, "--subnet", "blue", "-q").output == "\(Self.id)\n")
                let json = try daemon.tasknet("run", path, "--subnet", "blue", "--wait", "--json").output
                #expect(try JSONParser.parse(Array(json.utf8))["tasks"]?.elements?.count == 1)
            }
        }
    }

    @Test("The command line's network goes before the file's, member by member")
    func network() throws {
        let definition = Self.definition.replacingOccurrences(
            of: #""cpu": 256"#, with: #""networkConfiguration": {"subnets": ["red"], "securityGroups": ["sg-9"]}"#)
        try ScriptedDaemon.with(Self.answer) { daemon in
            try withFile(definition) { path in
                _ = try daemon.tasknet("run", path)
                let inFile = daemon.last("RunTask")?["networkConfiguration"]?["awsvpcConfiguration"]
                #expect(inFile?["subnets"] == ["subnet-2"] && inFile?["securityGroups"] == ["sg-9"])
                _ = try daemon.tasknet("run", path, "--subnet", "blue")
                let both = daemon.last("RunTask")?["networkConfiguration"]?["awsvpcConfiguration"]
                #expect(both?["subnets"] == ["subnet-1"] && both?["securityGroups"] == ["sg-9"])
            }
        }
    }

    @Test("Without a subnet nothing is registered, and the subnets are named")
    func noSubnet() throws {
        try ScriptedDaemon.with(Self.answer) { daemon in
            try withFile(Self.definition) { path in
                let result = try daemon.tasknet("run", path)
                #expect(result.status == .exited(64) && result.output == "")
                #expect(result.errors.contains("Say --subnet NAME; there are: blue (10.64.1.0/24), red (10.64.2.0/24)"))
                #expect(daemon.operations == ["ListSubnets"])
                let unknown = try daemon.tasknet("run", path, "--subnet", "blue,green")
                #expect(unknown.status == .exited(2))
                #expect(unknown.errors.contains("tasknet: there is no subnet green; there are: blue (10.64.1.0/24)"))
                #expect(daemon.operations == ["ListSubnets", "ListSubnets"])
            }
        }
    }

    @Test("Without one of the security groups nothing is registered, and the groups are named")
    func noGroup() throws {
        try ScriptedDaemon.with(Self.answer) { daemon in
            try withFile(Self.definition) { path in
                let result = try daemon.tasknet("run", path, "--subnet", "blue", "--security-group", "web,nope")
                #expect(result.status == .exited(2) && result.output == "")
                #expect(
                    result.errors.hasSuffix("there is no security group \"nope\"; there are: web, db, old\n"))
                #expect(daemon.operations == ["ListSubnets", "DescribeSecurityGroups"])
            }
        }
    }

    @Test("The only subnet is taken where none is named, and that is told")
    func onlySubnet() throws {
        try ScriptedDaemon.with { request in
            request.operation == "ListSubnets"
                ? #"{"subnets":[{"subnetId":"subnet-7","name":"lan"}]}"# : try Self.answer(request)
        } _: { daemon in
            try withFile(Self.definition) { path in
                let result = try daemon.tasknet("run", path)
                #expect(result.status == .exited(0))
                #expect(result.errors.hasSuffix("tasknet: \(path) names no subnet: taking lan, the only one\n"))
                let network = daemon.last("RunTask")?["networkConfiguration"]?["awsvpcConfiguration"]
                #expect(network?["subnets"] == ["subnet-7"])
            }
        }
    }

    @Test("More tasks than one request takes are several requests; a refusal ends them")
    func count() throws {
        let refusing = Mutex(false)
        let requests = Mutex<[JSONNode]>([])
        try ScriptedDaemon.with { request in
            guard request.operation == "RunTask" else { return try Self.answer(request) }
            requests.withLock { $0.append(request.body["count"] ?? 0) }
            if refusing.withLock({ $0 }) {
                return #"{"tasks":[],"failures":[{"reason":"RESOURCE:ENI","detail":"full"}]}"#
            }
            return try Self.answer(request)
        } _: { daemon in
            try withFile(Self.definition) { path in
                let result = try daemon.tasknet("run", path, "--subnet", "blue", "--count", "23", "-q")
                #expect(result.output.split(separator: "\n").count == 3)
                #expect(requests.withLock { $0 } == [10, 10, 3])
                refusing.withLock { $0 = true }
                let refused = try daemon.tasknet("run", path, "--subnet", "blue", "--count", "23")
                #expect(refused.status == .exited(1))
                #expect(refused.errors.hasSuffix("tasknet: not started: RESOURCE:ENI: full\n"))
                #expect(requests.withLock { $0.count } == 4)
            }
        }
    }

    @Test("run that waits ends with the essential container's code, and says why the task stopped")
    func waiting() throws {
        let looks = Mutex(0)
        try ScriptedDaemon.with { request in
            guard request.operation == "DescribeTasks" else { return try Self.answer(request) }
            let look = looks.withLock { look in
                look += 1
                return look
            }
            let task = try look < 3 ? SampleTasks.running(Self.id) : SampleTasks.stopped(Self.id, app: 42)
            return try JSONNode(encoding: DescribeTasks.Output(tasks: [task])).compactText
        } _: { daemon in
            try withFile(Self.definition) { path in
                let result = try daemon.tasknet("run", path, "--subnet", "blue", "--wait-stopped")
                #expect(result.status == .exited(42))
                #expect(
                    result.errors.hasSuffix(
                        "tasknet: task 1f3c00000000 has stopped: Essential container in task exited "
                            + "(app: exit code 42; sidecar: CannotStartContainerError: x)\n"))
                // Nobody watches: no progress line.
                #expect(!result.errors.contains("waiting") && looks.withLock { $0 } == 3)
            }
        }
    }

    @Test("Waiting has an end")
    func timeout() throws {
        try ScriptedDaemon.with(Self.answer) { daemon in
            let result = try daemon.tasknet("stop", "1f3", "--wait", "--timeout", "50ms")
            #expect(result.status == .exited(75))
            #expect(result.errors == "tasknet: gave up after 0.05 seconds, waiting for the task to stop: RUNNING\n")
        }
    }

    @Test("Files that cannot be used")
    func files() throws {
        try ScriptedDaemon.with(Self.answer) { daemon in
            let missing = try daemon.tasknet("run", "/nonexistent/web.json")
            #expect(
                missing.status == .exited(2) && missing.errors == "tasknet: there is no file /nonexistent/web.json\n")
            let directory = try daemon.tasknet("run", "/tmp")
            #expect(directory.status == .exited(65) && directory.errors.contains("/tmp is a directory"))
            try withFile("{\n  \"family\" \"web\"\n}") { path in
                let result = try daemon.tasknet("run", path)
                #expect(result.status == .exited(65))
                #expect(
                    result.errors == "\(path):2:12: error: a colon is missing after the key \"family\"\n"
                        + "      \"family\" \"web\"\n               ^\n")
            }
            try withFile(String(repeating: " ", count: 2 << 20)) { path in
                let large = try daemon.tasknet("run", path)
                #expect(large.errors.contains("larger than 1 MiB"))
            }
            #expect(try daemon.tasknet("run", "/dev/zero").status == .exited(65))
            #expect(daemon.operations == [])
        }
    }

    @Test("A refusal of the daemon is told in its words")
    func refusal() throws {
        try ScriptedDaemon.with { _ in
            nil
        } _: { daemon in
            let result = try daemon.tasknet("ps")
            #expect(result.status == .exited(1))
            #expect(result.errors == "tasknet: ListTasks: no ListTasks here (ClientException)\n")
        }
    }

    @Test("No daemon: the exit code and the mend")
    func unavailable() throws {
        let program = try BuiltProduct.path("tasknet").string
        let result = try attempt([program, "ps", "--socket", "/nonexistent/s"])
        #expect(result.status == .exited(69))
        #expect(result.errors.contains("systemctl start tasknetd"))
    }

    @Test("The shell is offered tasks and subnets, and nothing when nobody answers")
    func completions() throws {
        let program = try BuiltProduct.path("tasknet").string
        let offered = { (socket: String, words: [String]) in
            try attempt(["env", "TASKNET_SOCKET=\(socket)", program, "---completion"] + words).output
        }
        try ScriptedDaemon.with(Self.answer) { daemon in
            let tasks = try offered(daemon.socketPath, ["stop", "--", "positional@0", "2", "0", ""])
            #expect(tasks.split(separator: "\n").map(String.init) == [Self.id, Self.other])
            let subnets = try offered(daemon.socketPath, ["run", "--", "--subnet", "2", "0", ""])
            #expect(subnets.split(separator: "\n") == ["blue", "red"])
        }
        let none = try offered("/nonexistent/s", ["stop", "--", "positional@0", "2", "0", ""])
        #expect(none.filter { !$0.isWhitespace } == "")
    }

    @Test("Help goes to standard output, what is wrong to standard error")
    func help() throws {
        let program = try BuiltProduct.path("tasknet").string
        for arguments in [["--help"], ["help", "run"], ["run", "--help"], ["--version"], []] {
            let result = try attempt([program] + arguments)
            #expect(result.status == .exited(0) && !result.output.isEmpty && result.errors == "", "\(arguments)")
        }
        let unknown = try attempt([program, "lgos"])
        #expect(unknown.status == .exited(64) && unknown.output == "")
        #expect(unknown.errors.contains("there is no command \"lgos\" (did you mean logs?)"))
        let full = try attempt(["sh", "-c", "\(program) --help >/dev/full"])
        #expect(full.status == .exited(1) && full.errors.contains("cannot write the output"))
    }
}

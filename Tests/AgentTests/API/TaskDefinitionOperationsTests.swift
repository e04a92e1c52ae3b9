// SPDX-License-Identifier: Apache-2.0
import ECSAPI
import Foundation
import Testing
import VPC

@testable import Agent

@Suite("Control API: task definitions")
struct TaskDefinitionOperationsTests {
    private let api: TestAPI
    private let arn = "arn:aws:ecs:us-east-1:000000000000:task-definition"

    init() throws { api = try TestAPI() }

    private static func body(_ family: String, _ more: String = "") -> String {
        """
        {"family": "\(family)", "networkMode": "awsvpc", "cpu": "256", "memory": "0.5 GB",
         "containerDefinitions": [{"name": "web", "image": "busybox", "memory": 64,
           "portMappings": [{"containerPort": 80}]}]\(more)}
        """
    }

    @discardableResult
    private func register(_ family: String, _ more: String = "") async throws -> [String: Any] {
        let (status, document) = try await api.call("RegisterTaskDefinition", Self.body(family, more))
        try #require(status == 200, "\(document)")
        return document
    }

    @Test("A registered definition comes back with its number, its defaults and its tags")
    func registration() async throws {
        let before = Date.now.timeIntervalSince1970
        let document = try await register("web", #", "tags": [{"key": "team", "value": "a"}]"#)
        let definition = try #require(document["taskDefinition"] as? [String: Any])
        #expect(definition["taskDefinitionArn"] as? String == "\(arn)/web:1")
        #expect(definition["revision"] as? Int == 1)
        #expect(definition["status"] as? String == "ACTIVE")
        #expect(definition["memory"] as? String == "512")
        let registeredAt = try #require(definition["registeredAt"] as? Double)
        // To the millisecond in which it was registered.
        #expect(registeredAt > before - 0.002 && registeredAt < Date.now.timeIntervalSince1970 + 0.002)
        #expect(definition["registeredBy"] as? String == "arn:aws:iam::000000000000:user/uid-\(geteuid())")
        #expect((document["tags"] as? [[String: String]]) == [["key": "team", "value": "a"]])
        let again = try await register("web")
        #expect((again["taskDefinition"] as? [String: Any])?["revision"] as? Int == 2)
        #expect(again["tags"] == nil)
    }

    @Test("It is described by family, by revision and by ARN, and its tags where they are asked for")
    func description() async throws {
        try await register("web", #", "tags": [{"key": "team", "value": "a"}]"#)
        try await register("web")
        for (name, revision) in [("web", 2), ("web:1", 1), ("\(arn)/web:1", 1)] {
            let (status, document) = try await api.call("DescribeTaskDefinition", #"{"taskDefinition": "\#(name)"}"#)
            #expect(status == 200)
            #expect((document["taskDefinition"] as? [String: Any])?["revision"] as? Int == revision)
            #expect(document["tags"] == nil)
        }
        let (_, document) = try await api.call(
            "DescribeTaskDefinition", #"{"taskDefinition": "web:1", "include": ["TAGS"]}"#)
        #expect((document["tags"] as? [[String: String]])?.count == 1)
    }

    @Test("What is refused is refused in AWS's words")
    func refusals() async throws {
        try await register("web")
        let cases = [
            (
                "DescribeTaskDefinition", #"{"taskDefinition": "db"}"#,
                "400 ClientException: Unable to describe task definition."
            ),
            (
                "DescribeTaskDefinition", #"{"taskDefinition": "web:7"}"#,
                "400 ClientException: Unable to describe task definition."
            ),
            ("DescribeTaskDefinition", "{}", "400 InvalidParameterException: TaskDefinition can not be blank."),
            (
                "DeregisterTaskDefinition", #"{"taskDefinition": "web:7"}"#,
                "400 ClientException: The specified task definition does not exist."
            ),
            (
                "DeregisterTaskDefinition", #"{"taskDefinition": "web"}"#,
                "400 ClientException: Task definition revision is required. (write web:<revision>)"
            ),
            (
                "ListTaskDefinitions", #"{"maxResults": 101}"#,
                "400 InvalidParameterException: maxResults must be 1 to 100. (it is 101)"
            ),
            (
                "ListTaskDefinitions", #"{"nextToken": "abc"}"#,
                "400 InvalidParameterException: Invalid token. (the nextToken is not one that was given out)"
            ),
            ("ListTaskDefinitions", #"{"sort": "UP"}"#, "400 InvalidParameterException: "),
            ("RegisterTaskDefinition", #"{"family": "", "containerDefinitions": []}"#, "400 ClientException: "),
            (
                "RegisterTaskDefinition", #"{"family": "a", "networkMode": "mesh", "containerDefinitions": []}"#,
                "400 ClientException: "
            ),
        ]
        for (operation, body, expected) in cases {
            let error = try await api.error(operation, body)
            #expect(error.hasPrefix(expected), "\(operation) \(body): \(error)")
        }
        // Nothing of what was refused has taken a number.
        let next = try await register("web")
        #expect((next["taskDefinition"] as? [String: Any])?["revision"] as? Int == 2)
    }

    @Test("A deregistered revision is inactive, is described still, and is not the newest any more")
    func deregistration() async throws {
        try await register("web")
        try await register("web")
        let (_, document) = try await api.call("DeregisterTaskDefinition", #"{"taskDefinition": "\#(arn)/web:2"}"#)
        let definition = try #require(document["taskDefinition"] as? [String: Any])
        #expect(definition["status"] as? String == "INACTIVE")
        #expect(definition["deregisteredAt"] != nil)
        let (_, latest) = try await api.call("DescribeTaskDefinition", #"{"taskDefinition": "web"}"#)
        #expect((latest["taskDefinition"] as? [String: Any])?["revision"] as? Int == 1)
        let (status, _) = try await api.call("DescribeTaskDefinition", #"{"taskDefinition": "web:2"}"#)
        #expect(status == 200)
        let error = try await api.error("DeregisterTaskDefinition", #"{"taskDefinition": "web:2"}"#)
        #expect(error.hasPrefix("400 ClientException: The specified task definition is inactive."))
        let (_, inactive) = try await api.call("ListTaskDefinitions", #"{"status": "INACTIVE"}"#)
        #expect(inactive["taskDefinitionArns"] as? [String] == ["\(arn)/web:2"])
    }

    @Test("They are listed by family, in pages, either way round")
    func listing() async throws {
        for _ in 0..<3 { try await register("web") }
        try await register("web-2")
        var all: [String] = []
        var token: String?
        repeat {
            let more = token.map { #", "nextToken": "\#($0)""# } ?? ""
            let (_, document) = try await api.call("ListTaskDefinitions", #"{"maxResults": 2, "sort": "DESC"\#(more)}"#)
            all += document["taskDefinitionArns"] as? [String] ?? []
            token = document["nextToken"] as? String
        } while token != nil
        #expect(all == ["web-2:1", "web:3", "web:2", "web:1"].map { "\(arn)/\($0)" })
        let (_, family) = try await api.call("ListTaskDefinitions", #"{"familyPrefix": "web"}"#)
        #expect((family["taskDefinitionArns"] as? [String])?.count == 3)
    }

    @Test("Registrations at the same time get a number each")
    func concurrency() async throws {
        let revisions = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<20 {
                group.addTask {
                    let document = try await register("web")
                    return try #require((document["taskDefinition"] as? [String: Any])?["revision"] as? Int)
                }
            }
            return try await group.reduce(into: Set()) { $0.insert($1) }
        }
        #expect(revisions == Set(1...20))
    }
}

@Suite("Control API: clusters")
struct ClusterOperationsTests {
    private let arn = "arn:aws:ecs:us-east-1:000000000000:cluster"

    @Test("There is one cluster, by its name, its ARN, or no name at all")
    func describe() async throws {
        var configuration = AgentConfiguration()
        configuration.cluster = "edge"
        let api = try TestAPI(configuration)
        let (_, list) = try await api.call("ListClusters", "")
        #expect(list["clusterArns"] as? [String] == ["\(arn)/edge"])
        for body in ["{}", #"{"clusters": ["edge"]}"#, #"{"clusters": ["\#(arn)/edge"]}"#] {
            let (_, document) = try await api.call("DescribeClusters", body)
            let clusters = try #require(document["clusters"] as? [[String: Any]])
            #expect(clusters.first?["clusterName"] as? String == "edge")
            #expect(clusters.first?["status"] as? String == "ACTIVE")
            #expect((document["failures"] as? [Any])?.isEmpty == true)
        }
        let (_, other) = try await api.call("DescribeClusters", #"{"clusters": ["other", "edge"]}"#)
        #expect((other["clusters"] as? [Any])?.count == 1)
        let failure = (other["failures"] as? [[String: String]])?.first
        #expect(failure == ["arn": "\(arn)/other", "reason": "MISSING"])
    }

    @Test("Its tasks are counted by where they are in their life")
    func statistics() async throws {
        let api = try TestAPI()
        try await api.context.store.write { transaction in
            _ = try transaction.insertTaskDefinition(family: "web") { StoreRecordTests.definition("web", revision: $0) }
            let states: [TaskStatus] = [.provisioning, .pending, .running, .running, .stopping, .stopped]
            for (index, status) in states.enumerated() {
                var task = StoreRecordTests.task("\(index)")
                task.lastStatus = status
                try transaction.insert(task)
            }
        }
        let (_, document) = try await api.call("DescribeClusters", #"{"include": ["STATISTICS"]}"#)
        let cluster = try #require((document["clusters"] as? [[String: Any]])?.first)
        #expect(cluster["runningTasksCount"] as? Int == 2)
        #expect(cluster["pendingTasksCount"] as? Int == 2)
        let statistics = try #require(cluster["statistics"] as? [[String: String]])
        #expect(statistics.contains(["name": "runningExternalTasksCount", "value": "2"]))
        #expect(statistics.contains(["name": "pendingFargateTasksCount", "value": "0"]))
    }
}

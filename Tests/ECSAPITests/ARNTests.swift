// SPDX-License-Identifier: Apache-2.0
import ECSAPI
import Testing

@Suite struct ARNTests {
    private let scope = ARNScope(region: "us-east-1", accountID: "123456789012")
    private let taskID = "0123456789abcdef0123456789abcdef"

    @Test func print() {
        let prefix = "arn:aws:ecs:us-east-1:123456789012:"
        let task = TaskARN(scope: scope, clusterName: "default", id: taskID)
        #expect(ClusterARN(scope: scope, name: "default").description == prefix + "cluster/default")
        #expect(task.description == prefix + "task/default/\(taskID)")
        #expect(task.cluster.description == prefix + "cluster/default")
        #expect(
            TaskDefinitionARN(scope: scope, family: "web", revision: 3).description == prefix + "task-definition/web:3")
        #expect(ContainerARN(task: task, id: "u").description == prefix + "container/default/\(taskID)/u")
        #expect(AttachmentARN(scope: scope, id: "u").description == prefix + "attachment/u")
        #expect(
            ContainerInstanceARN(scope: scope, clusterName: "default", id: taskID).description
                == prefix + "container-instance/default/\(taskID)")
    }

    @Test func parse() {
        for text in [
            "cluster/default", "task/default/\(taskID)", "task-definition/web:3", "container/d/t/u", "attachment/u",
        ] {
            let arn = "arn:aws-cn:ecs:cn-north-1:1:\(text)"
            let parsed: [(any ResourceARN)?] = [
                ClusterARN(arn), TaskARN(arn), TaskDefinitionARN(arn), ContainerARN(arn), AttachmentARN(arn),
                ContainerInstanceARN(arn),
            ]
            #expect(parsed.compactMap { $0?.description } == [arn])
            #expect(parsed.compactMap { $0?.scope.partition } == ["aws-cn"])
        }
    }

    @Test(arguments: [
        "", "arn", "arn:aws:ecs:r:1", "arn:aws:ecs:r:1:", "arn:aws:ecs:r:1:cluster", "arn:aws:ecs:r:1:cluster/",
        "arn:aws:ec2:r:1:cluster/a", "arn:aws:ecs:r:1:cluster/a/b", "arn:aws:ecs:r:1:task-definition/web",
        "arn:aws:ecs:r:1:task-definition/web:0", "arn:aws:ecs:r:1:task-definition/web:x", "::::::",
        "arn::ecs:::cluster/a",
    ])
    func refuse(text: String) {
        #expect(ClusterARN(text) == nil)
        #expect(TaskDefinitionARN(text) == nil)
    }

    @Test func clusters() throws {
        #expect(try ClusterReference.name(of: nil) == "default")
        #expect(try ClusterReference.name(of: "") == "default")
        #expect(try ClusterReference.name(of: "edge") == "edge")
        #expect(try ClusterReference.name(of: "arn:aws:ecs:r:1:cluster/edge") == "edge")
        #expect(throws: APIError.clusterNotFound) { try ClusterReference.name(of: "arn:aws:ecs:r:1:task/a") }
    }

    @Test func tasks() throws {
        #expect(try TaskReference.id(of: taskID) == taskID)
        #expect(try TaskReference.id(of: "arn:aws:ecs:r:1:task/default/\(taskID)") == taskID)
        #expect(try TaskReference.id(of: "arn:aws:ecs:r:1:task/\(taskID)") == taskID)
        for text in [
            "", "..", "0123", "../../../../../../../../etc/passwd", String(repeating: "/", count: 32),
            String(repeating: "A", count: 32), "arn:aws:ecs:r:1:task/default/..", "arn:aws:ecs:r:1:cluster/\(taskID)",
            "01234567-89ab-cdef-0123-456789abcdef",
        ] {
            let error = #expect(throws: APIError.self) { try TaskReference.id(of: text) }
            #expect(error?.type == "InvalidParameterException")
        }
    }

    @Test func taskDefinitions() throws {
        #expect(try TaskDefinitionReference(parsing: "web") == TaskDefinitionReference(family: "web"))
        #expect(try TaskDefinitionReference(parsing: "web:3").revision == 3)
        #expect(try TaskDefinitionReference(parsing: "arn:aws:ecs:r:1:task-definition/web:3").description == "web:3")
        for text in [":1", "web:", "web:0", "web:-1", "web:x", "arn:aws:ecs:r:1:cluster/web"] {
            let error = #expect(throws: APIError.self) { try TaskDefinitionReference(parsing: text) }
            #expect(error?.type == "ClientException")
        }
        #expect(throws: APIError.invalidParameter("TaskDefinition can not be blank.")) {
            try TaskDefinitionReference(parsing: "")
        }
    }
}

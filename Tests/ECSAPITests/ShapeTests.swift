// SPDX-License-Identifier: Apache-2.0
import ECSAPI
import Foundation
import Testing
import VPC

/// Documents with every member that AWS's model has come back as they went in.
@Suite struct ShapeTests {
    private func survives<Value: Codable>(_ type: Value.Type, _ text: String) throws {
        let value = try JSONText.decode(type, text)
        #expect(try JSONText.object(JSONText.encode(value)) == JSONText.object(text))
    }

    static let task = #"""
        {
          "attachments": [
            {"id": "a1b2", "type": "ElasticNetworkInterface", "status": "ATTACHED",
             "details": [{"name": "subnetId", "value": "subnet-1"}, {"name": "privateIPv4Address", "value": "10.0.4.5"}]}],
          "attributes": [{"name": "ecs.cpu-architecture", "value": "x86_64"}],
          "availabilityZone": "local-1a", "capacityProviderName": "cp",
          "clusterArn": "arn:aws:ecs:r:1:cluster/default", "connectivity": "CONNECTED",
          "connectivityAt": 1700000000.001, "containerInstanceArn": "arn:aws:ecs:r:1:container-instance/default/x",
          "containers": [
            {"containerArn": "arn:aws:ecs:r:1:container/default/t/c", "taskArn": "arn:t", "name": "web",
             "image": "busybox", "imageDigest": "sha256:0", "runtimeId": "r", "lastStatus": "RUNNING", "exitCode": 0,
             "reason": "", "networkBindings": [
               {"bindIP": "0.0.0.0", "containerPort": 80, "hostPort": 32768, "protocol": "tcp",
                "containerPortRange": "1-2", "hostPortRange": "3-4"}],
             "networkInterfaces": [
               {"attachmentId": "a1b2", "privateIpv4Address": "10.0.4.5", "ipv6Address": "fd00::5"}],
             "healthStatus": "HEALTHY", "managedAgents": [
               {"lastStartedAt": 1700000000, "name": "ExecuteCommandAgent", "reason": "x", "lastStatus": "RUNNING"}],
             "cpu": "0", "memory": "64", "memoryReservation": "32", "gpuIds": ["g"]}],
          "cpu": "256", "createdAt": 1700000000.123, "desiredStatus": "RUNNING", "enableExecuteCommand": false,
          "executionStoppedAt": 1700000003, "group": "family:web", "healthStatus": "UNKNOWN",
          "inferenceAccelerators": [{"deviceName": "d", "deviceType": "t"}], "lastStatus": "DEPROVISIONING",
          "launchType": "EXTERNAL", "memory": "512",
          "overrides": {
            "containerOverrides": [
              {"name": "web", "command": ["true"], "environment": [{"name": "A", "value": "1"}],
               "environmentFiles": [{"value": "arn:e", "type": "s3"}], "cpu": 1, "memory": 64, "memoryReservation": 32,
               "resourceRequirements": [{"value": "1", "type": "GPU"}]}],
            "cpu": "256", "inferenceAcceleratorOverrides": [{"deviceName": "d", "deviceType": "t"}],
            "executionRoleArn": "arn:x", "memory": "512", "taskRoleArn": "arn:y", "ephemeralStorage": {"sizeInGiB": 21}},
          "platformVersion": "1.4.0", "platformFamily": "Linux", "pullStartedAt": 1, "pullStoppedAt": 2, "startedAt": 3,
          "startedBy": "me", "stopCode": "EssentialContainerExited", "stoppedAt": 4, "stoppedReason": "r",
          "stoppingAt": 5, "tags": [{"key": "k", "value": "v"}], "taskArn": "arn:aws:ecs:r:1:task/default/t",
          "taskDefinitionArn": "arn:aws:ecs:r:1:task-definition/web:1", "version": 7,
          "ephemeralStorage": {"sizeInGiB": 21}, "fargateEphemeralStorage": {"sizeInGiB": 20, "kmsKeyId": "k"}
        }
        """#

    @Test func tasks() throws {
        try survives(ECSTask.self, Self.task)
        try survives(
            DescribeTasks.Output.self,
            #"{"tasks": [\#(Self.task)], "failures": [{"arn": "a", "reason": "MISSING", "detail": "d"}]}"#)
        try survives(RunTask.Output.self, #"{"tasks": [], "failures": []}"#)
        try survives(StopTask.Output.self, #"{"task": \#(Self.task)}"#)
    }

    static let runTask = #"""
        "capacityProviderStrategy": [{"capacityProvider": "FARGATE", "weight": 1, "base": 0}], "cluster": "default",
        "count": 2, "enableECSManagedTags": true, "enableExecuteCommand": false, "group": "g", "launchType": "FARGATE",
        "networkConfiguration": {
          "awsvpcConfiguration": {"subnets": ["s"], "securityGroups": ["g"], "assignPublicIp": "ENABLED"}},
        "overrides": {}, "placementConstraints": [{"type": "distinctInstance"}],
        "placementStrategy": [{"type": "spread", "field": "host"}], "platformVersion": "LATEST",
        "propagateTags": "TASK_DEFINITION", "referenceId": "r", "startedBy": "me",
        "tags": [{"key": "k", "value": "v"}], "taskDefinition": "web:1", "clientToken": "c",
        "volumeConfigurations": [{"name": "v", "managedEBSVolume": {"roleArn": "arn:r", "sizeInGiB": 1}}]
        """#

    @Test func requests() throws {
        try survives(RunTask.Input.self, "{\(Self.runTask)}")
        try survives(StopTask.Input.self, #"{"cluster": "c", "task": "t", "reason": "r"}"#)
        try survives(DescribeTasks.Input.self, #"{"cluster": "c", "tasks": ["t"], "include": ["TAGS"]}"#)
        try survives(
            ListTasks.Input.self,
            #"""
            {"cluster": "c", "containerInstance": "i", "family": "f", "nextToken": "n", "maxResults": 1,
             "startedBy": "s", "serviceName": "x", "desiredStatus": "STOPPED", "launchType": "EC2", "daemonName": "d"}
            """#)
        try survives(ListTasks.Output.self, #"{"taskArns": ["a"], "nextToken": "n"}"#)
        try survives(DescribeTaskDefinition.Input.self, #"{"taskDefinition": "web", "include": ["TAGS"]}"#)
        try survives(
            ListTaskDefinitions.Input.self,
            #"{"familyPrefix": "w", "status": "INACTIVE", "sort": "DESC", "nextToken": "n", "maxResults": 2}"#)
        try survives(ListTaskDefinitions.Output.self, #"{"taskDefinitionArns": [], "nextToken": "n"}"#)
        try survives(DeregisterTaskDefinition.Input.self, #"{"taskDefinition": "web:1"}"#)
        try survives(DescribeClusters.Input.self, #"{"clusters": ["c"], "include": ["SETTINGS", "TAGS"]}"#)
        try survives(ListClusters.Input.self, #"{"nextToken": "n", "maxResults": 3}"#)
        try survives(ListClusters.Output.self, #"{"clusterArns": ["a"], "nextToken": "n"}"#)
    }

    @Test func clusters() throws {
        try survives(
            DescribeClusters.Output.self,
            #"""
            {"failures": [], "clusters": [
              {"clusterArn": "arn:c", "clusterName": "c", "status": "ACTIVE", "registeredContainerInstancesCount": 1,
               "runningTasksCount": 2, "pendingTasksCount": 3, "activeServicesCount": 0,
               "configuration": {"executeCommandConfiguration": {"logging": "DEFAULT"}},
               "statistics": [{"name": "n", "value": "1"}], "tags": [], "attachments": [], "attachmentsStatus": "x",
               "settings": [{"name": "containerInsights", "value": "disabled"}], "capacityProviders": [],
               "defaultCapacityProviderStrategy": [], "serviceConnectDefaults": {"namespace": "n"}}]}
            """#)
        let arn = ClusterARN(scope: ARNScope(region: "local", accountID: "1"), name: "default")
        let text = try JSONText.encode(Cluster(arn: arn, runningTasksCount: 1, pendingTasksCount: 0))
        #expect(try JSONText.object(text)["clusterArn"] as? String == "arn:aws:ecs:local:1:cluster/default")
    }

    @Test func registration() throws {
        let text = #"""
            {"family": "web", "taskRoleArn": "a", "executionRoleArn": "b", "networkMode": "awsvpc",
             "containerDefinitions": [{"name": "web", "image": "busybox", "memory": 64}], "volumes": [{"name": "v"}],
             "placementConstraints": [], "requiresCompatibilities": ["EXTERNAL"], "cpu": "256", "memory": "512",
             "tags": [{"key": "k", "value": "v"}], "pidMode": "host", "ipcMode": "task",
             "proxyConfiguration": {"containerName": "web"}, "inferenceAccelerators": [],
             "ephemeralStorage": {"sizeInGiB": 21}, "runtimePlatform": {"cpuArchitecture": "ARM64"},
             "enableFaultInjection": true}
            """#
        try survives(RegisterTaskDefinition.Input.self, text)
        let definition = try JSONText.decode(RegisterTaskDefinition.Input.self, text).validate()
        // All but the tags is the definition's.
        let expected = text.replacingOccurrences(of: #""tags": [{"key": "k", "value": "v"}], "#, with: "")
        #expect(try JSONText.object(JSONText.encode(definition)) == JSONText.object(expected))
        let output = RegisterTaskDefinition.Output(taskDefinition: definition, tags: [])
        #expect(try JSONText.decode(RegisterTaskDefinition.Output.self, JSONText.encode(output)) == output)
    }

    @Test func unknownMembersAreIgnored() throws {
        #expect(try JSONText.decode(ListClusters.Input.self, #"{"x": {"y": [1]}}"#) == ListClusters.Input())
        #expect(
            try JSONText.decode(RunTask.Input.self, #"{"taskDefinition": "a", "new": true}"#)
                == RunTask.Input(taskDefinition: "a"))
    }

    @Test func unknownValuesAreNamed() {
        let failure = #expect(throws: ValidationFailure.self) {
            try JSONText.decode(RunTask.Input.self, #"{"taskDefinition": "a", "launchType": "VM"}"#)
        }
        #expect(
            failure?.message
                == #"Unknown launch type "VM" at launchType. Valid values: EC2, FARGATE, EXTERNAL, MANAGED_INSTANCES."#)
        #expect(failure?.kind == .invalidParameter)
        #expect(throws: ValidationFailure.self) {
            try JSONText.decode(ListTasks.Input.self, #"{"desiredStatus": "X"}"#)
        }
    }

    @Test func timestampsAreNumbers() throws {
        var task = ECSTask(taskArn: "a")
        task.createdAt = Timestamp(millisecondsSince1970: 1_763_000_000_007)
        #expect(try JSONText.encode(task) == #"{"createdAt":1763000000.007,"taskArn":"a"}"#)
        let now = Timestamp.now()
        #expect(Timestamp(now.date) == now)
        #expect(now.millisecondsSince1970 > 1_700_000_000_000)
    }

    @Test func targets() {
        #expect(RunTask.target == "AmazonEC2ContainerServiceV20141113.RunTask")
        #expect(RegisterTaskDefinition.target == "AmazonEC2ContainerServiceV20141113.RegisterTaskDefinition")
        #expect(TaskNetworkAPI.RunTask.target == "TaskNetwork.RunTask")
        #expect(TaskNetworkAPI.ListSubnets.target == "TaskNetwork.ListSubnets")
    }
}

// SPDX-License-Identifier: Apache-2.0

import ECSAPI
import JSON
import VPC

@testable import tasknet

/// Tasks as the daemon describes them.
enum SampleTasks {
    static let prefix = "arn:aws:ecs:us-east-1:123456789012:task/default/"
    static let now = Timestamp(millisecondsSince1970: 1_762_078_272_000)

    static func arn(_ id: String) -> String { prefix + id }

    static func id(_ digits: String) -> String {
        digits + String(repeating: "0", count: 32 - digits.count)
    }

    static func running(_ id: String) throws -> ECSTask {
        try decoded(
            """
            {"taskArn": "\(arn(id))", "clusterArn": "arn:aws:ecs:us-east-1:123456789012:cluster/default",
             "taskDefinitionArn": "arn:aws:ecs:us-east-1:123456789012:task-definition/web:3",
             "lastStatus": "RUNNING", "desiredStatus": "RUNNING", "healthStatus": "UNKNOWN", "group": "family:web",
             "createdAt": 1762078092, "startedAt": 1762078093,
             "attachments": [{"id": "8c1e", "type": "ElasticNetworkInterface", "status": "ATTACHED", "details": [
               {"name": "subnetId", "value": "subnet-1"}, {"name": "networkInterfaceId", "value": "eni-0a1b"},
               {"name": "macAddress", "value": "0a:00:00:00:00:05"},
               {"name": "privateDnsName", "value": "ip-10-64-1-5.tasknet.internal"},
               {"name": "privateIPv4Address", "value": "10.64.1.5"}]}],
             "containers": [
               {"name": "app", "image": "busybox", "lastStatus": "RUNNING", "healthStatus": "UNKNOWN"},
               {"name": "init", "image": "busybox", "lastStatus": "STOPPED", "exitCode": 0}]}
            """)
    }

    static func stopped(_ id: String, app: Int?, sidecar: Int? = nil) throws -> ECSTask {
        let code = { (code: Int?) in
            code.map { ", \"exitCode\": \($0)" } ?? ", \"reason\": \"CannotStartContainerError: x\""
        }
        return try decoded(
            """
            {"taskArn": "\(arn(id))", "lastStatus": "STOPPED", "desiredStatus": "STOPPED",
             "taskDefinitionArn": "arn:aws:ecs:us-east-1:123456789012:task-definition/web:3",
             "stopCode": "EssentialContainerExited", "stoppedReason": "Essential container in task exited",
             "createdAt": 1762078092, "startedAt": 1762078093, "stoppedAt": 1762078100,
             "containers": [{"name": "app", "image": "busybox", "lastStatus": "STOPPED"\(code(app))},
               {"name": "sidecar", "image": "busybox", "lastStatus": "STOPPED"\(code(sidecar))}]}
            """)
    }

    private static func decoded(_ text: String) throws -> ECSTask {
        try JSONParser.parse(Array(text.utf8)).decoded(as: ECSTask.self)
    }
}

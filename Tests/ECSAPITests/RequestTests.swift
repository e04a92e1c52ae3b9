// SPDX-License-Identifier: Apache-2.0
import Addressing
import ECSAPI
import TaskDefinitions
import Testing
import VPC

@Suite struct RequestTests {
    private func failure(_ body: () throws(ValidationFailure) -> Void) -> String? {
        do {
            try body()
            return nil
        } catch {
            return error.message
        }
    }

    @Test func runTask() {
        func failure(_ change: (inout RunTask.Input) -> Void) -> String? {
            var input = RunTask.Input(taskDefinition: "web")
            change(&input)
            return self.failure { () throws(ValidationFailure) in try input.validate() }
        }
        #expect(failure { _ in } == nil)
        #expect(failure { $0.count = 0 } == "count must be 1 to 10.")
        #expect(failure { $0.count = 11 } == "count must be 1 to 10.")
        #expect(
            failure { $0.startedBy = String(repeating: "a", count: 129) }
                == "startedBy can have at most 128 characters.")
        #expect(failure { $0.startedBy = "a\nb" } == "startedBy contains invalid characters.")
        #expect(
            failure { $0.tags = [ResourceTag(key: "aws:x", value: nil)] }
                == "aws: prefixed tag key names are not allowed for external use.")
        #expect(failure { $0.tags = [ResourceTag(key: nil, value: "v")] } == "Tag keys can not be empty.")
        let tag = ResourceTag(key: "a", value: "b")
        #expect(failure { $0.tags = [tag, tag] } == "Duplicate tag keys are not allowed.")
        #expect(
            failure { $0.tags = (0..<51).map { ResourceTag(key: "\($0)", value: "") } }
                == "tags can have at most 50 items.")
    }

    @Test func missingMembers() throws {
        #expect(try JSONText.decode(RunTask.Input.self, "{}").taskDefinition.isEmpty)
        #expect(try JSONText.decode(StopTask.Input.self, "{}").task.isEmpty)
        let tasks = try JSONText.decode(DescribeTasks.Input.self, "{}")
        #expect(failure { () throws(ValidationFailure) in try tasks.validate() } == "Tasks cannot be empty.")
        let attach = try JSONText.decode(TaskNetworkAPI.AttachNetworkInterface.Input.self, "{}")
        #expect(
            failure { () throws(ValidationFailure) in try attach.validate() }
                == "elasticNetworkInterfaces can not be empty.")
        let run = try JSONText.decode(TaskNetworkAPI.RunTask.Input.self, "{}")
        #expect(
            failure { () throws(ValidationFailure) in try run.validate() }
                == "elasticNetworkInterfaces can not be empty.")
    }

    @Test func lists() {
        #expect(
            failure { () throws(ValidationFailure) in try DescribeTasks.Input(tasks: []).validate() }
                == "Tasks cannot be empty.")
        let many = Array(repeating: "a", count: 101)
        #expect(
            failure { () throws(ValidationFailure) in try DescribeTasks.Input(tasks: many).validate() }
                == "Tasks can have at most 100 items.")
        #expect(
            failure { () throws(ValidationFailure) in try ListClusters.Input(maxResults: 0).validate() }
                == "maxResults must be 1 to 100.")
        #expect(
            failure { () throws(ValidationFailure) in
                try StopTask.Input(task: "a", reason: String(repeating: "r", count: 1025)).validate()
            } == "reason can have at most 1024 characters.")
    }

    @Test func largeDefinitions() {
        var container = ContainerDefinition(name: "a", image: "i")
        container.memory = 64
        container.environment = (0..<3000).map { KeyValuePair(name: "VARIABLE_\($0)", value: "some value") }
        let input = RegisterTaskDefinition.Input(family: "a", containerDefinitions: [container])
        let message = failure { () throws(ValidationFailure) in try input.validate() }
        #expect(message?.hasPrefix("Actual length: '") == true)
        #expect(message?.hasSuffix("'. Max allowed length is '65536' bytes.") == true)
    }

    @Test func overrides() throws {
        var container = ContainerDefinition(name: "web", image: "i", command: ["a"])
        container.memory = 64
        container.environment = [KeyValuePair(name: "A", value: "1"), KeyValuePair(name: "B", value: "2")]
        let definition = TaskDefinition(family: "web", containerDefinitions: [container])
        var change = ContainerOverride(
            name: "web", command: ["b"],
            environment: [KeyValuePair(name: "B", value: "3"), KeyValuePair(name: "C", value: "4")])
        change.memory = 128
        var override = TaskOverride(containerOverrides: [change, ContainerOverride(name: nil)])
        override.taskRoleArn = "arn:role"
        let result = try definition.applying(override)
        #expect(result.taskRoleArn == "arn:role")
        #expect(result.containerDefinitions[0].command == ["b"])
        #expect(result.containerDefinitions[0].memory == 128)
        #expect(
            result.containerDefinitions[0].environment?.map { "\($0.name ?? "")=\($0.value ?? "")" } == [
                "A=1", "B=3", "C=4",
            ])
        #expect(try definition.applying(nil) == definition)
        let unknown = #expect(throws: ValidationFailure.self) {
            try definition.applying(TaskOverride(containerOverrides: [ContainerOverride(name: "db", command: [])]))
        }
        #expect(unknown?.message == "Override for container named db is not a container in the TaskDefinition.")
        // An override cannot bring in what a definition may not have.
        let bad = TaskOverride(containerOverrides: [ContainerOverride(name: "web", command: ["a\0"])])
        #expect(throws: ValidationFailure.self) { try definition.applying(bad) }
    }

    @Test func attachments() throws {
        let eni = NetworkInterface(
            id: "eni-0123456789abcdef0", attachmentID: "a1", macAddress: try MACAddress(parsing: "0a:00:00:00:00:01"),
            ipv4Addresses: [.init(address: try IPv4Address(parsing: "10.0.4.5"), primary: true)], subnetID: "subnet-1",
            privateDNSName: "ip-10-0-4-5.internal")
        let attachment = TaskAttachment(eni, status: .attached)
        #expect(attachment.type == "ElasticNetworkInterface")
        #expect(
            attachment.details?.map(\.name)
                == ["subnetId", "networkInterfaceId", "macAddress", "privateDnsName", "privateIPv4Address"])
        #expect(attachment.detail("privateIPv4Address") == "10.0.4.5")
        #expect(TaskAttachment(eni, status: .precreated).details?.map(\.name) == ["subnetId"])
        let container = Container(
            ContainerDefinition(name: "web", image: "i"), taskArn: "t", containerArn: "c", enis: [eni])
        #expect(
            try JSONText.encode(container.networkInterfaces)
                == #"[{"attachmentId":"a1","privateIpv4Address":"10.0.4.5"}]"#)
        #expect(container.networkBindings == [])
        #expect(container.lastStatus == .pending)
    }
}

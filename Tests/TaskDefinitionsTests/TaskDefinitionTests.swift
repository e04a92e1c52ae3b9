// SPDX-License-Identifier: Apache-2.0
import Foundation
import TaskDefinitions
import Testing
import VPC

@Suite struct TaskDefinitionTests {
    @Test func everyMemberSurvives() throws {
        var definition = try JSONDecoder().decode(TaskDefinition.self, from: Data(Documents.full.utf8))
        #expect(try Documents.object(JSONEncoder().encode(definition)) == Documents.object(Documents.full))
        // There is no network mode in which all of them can be.
        definition.containerDefinitions[0].dnsServers = nil
        definition.containerDefinitions[0].dnsSearchDomains = nil
        try definition.validate()
    }

    @Test func unknownMembersAreIgnored() throws {
        let text = #"""
            {"family": "a", "newMember": {"x": [1]}, "containerDefinitions": [
              {"name": "a", "image": "i", "memory": 64, "command": null, "somethingNew": true}]}
            """#
        let definition = try JSONDecoder().decode(TaskDefinition.self, from: Data(text.utf8))
        try definition.validate()
        #expect(definition.containerDefinitions.first?.command == nil)
    }

    @Test func registrationFillsInDefaults() throws {
        let text = #"""
            {"family": "web", "networkMode": "awsvpc", "cpu": ".5 vCPU", "memory": "1 GB", "containerDefinitions": [
              {"name": "a", "image": "i", "portMappings": [{"containerPort": 80}, {"containerPortRange": "90-99"}],
               "healthCheck": {"command": ["CMD", "true"]}},
              {"name": "b", "image": "i", "dependsOn": [{"containerName": "a", "condition": "HEALTHY"}],
               "logConfiguration": {"logDriver": "json-file"}}]}
            """#
        let given = try JSONDecoder().decode(TaskDefinition.self, from: Data(text.utf8))
        try given.validate()
        let result = given.registered(
            arn: "arn:aws:ecs:r:1:task-definition/web:1", revision: 1, at: Timestamp(millisecondsSince1970: 1))
        #expect(result.familyAndRevision == "web:1")
        #expect(result.status == .active)
        #expect(result.cpu == "512")
        #expect(result.memory == "1024")
        #expect(result.compatibilities == [.ec2, .fargate])
        #expect(result.volumes == [])
        let first = try #require(result.container(named: "a"))
        #expect(first.essential == true)
        #expect(first.cpu == 0)
        #expect(first.portMappings?.first == PortMapping(containerPort: 80, hostPort: 80, protocol: .tcp))
        #expect(first.portMappings?.last == PortMapping(protocol: .tcp, containerPortRange: "90-99"))
        #expect(first.healthCheck?.interval == 30)
        #expect(first.healthCheck?.startPeriod == nil)
        #expect(
            result.requiresAttributes?.map(\.name) == [
                "com.amazonaws.ecs.capability.logging-driver.json-file", "ecs.capability.container-health-check",
                "ecs.capability.container-ordering", "ecs.capability.task-eni",
            ])
        try result.validate()
    }

    @Test func bridgeModeIsTheDefault() throws {
        var given = TaskDefinition(family: "a", containerDefinitions: [ContainerDefinition(name: "a", image: "i")])
        given.containerDefinitions[0].portMappings = [PortMapping(containerPort: 80)]
        let result = given.registered(arn: "", revision: 1, at: Timestamp(millisecondsSince1970: 0))
        #expect(result.networkMode == .bridge)
        #expect(result.containerDefinitions[0].portMappings?.first?.hostPort == 0)
        #expect(result.compatibilities == [.external, .ec2])
    }

    @Test func sizes() {
        for (text, units) in [("256", 256), (".25 vCPU", 256), ("1vcpu", 1024), ("2 VCPU", 2048), ("0.125 vcpu", 128)] {
            #expect(TaskSize.cpuUnits(text) == units)
        }
        for (text, size) in [("512", 512), ("0.5 GB", 512), ("1gb", 1024), ("30 Gb", 30720)] {
            #expect(TaskSize.memoryMiB(text) == size)
        }
        for text in [
            "", "-1", "0x10", "1e3", "inf vcpu", "nan", "1 cpu", "1.5", "1.2.3 vcpu", "9999999999999999999", "１",
        ] {
            #expect(TaskSize.cpuUnits(text) == nil, "\(text)")
        }
    }

    @Test func manyMembersCostLinearTime() throws {
        // 200,000 environment variables: what is quadratic would not end.
        let pair = #"{"name":"A","value":"b"}"#
        let pairs = Array(repeating: pair, count: 200_000).joined(separator: ",")
        let text = #"""
            {"family":"a","containerDefinitions":[{"name":"a","image":"i","memory":64,"environment":[\#(pairs)]}]}
            """#
        let definition = try JSONDecoder().decode(TaskDefinition.self, from: Data(text.utf8))
        try definition.validate()
        #expect(definition.containerDefinitions[0].environment?.count == 200_000)
        let name = #"{"name":"a","image":"i"}"#
        let names = Array(repeating: name, count: 100_000).joined(separator: ",")
        let many = try JSONDecoder().decode(
            TaskDefinition.self, from: Data(#"{"family":"a","containerDefinitions":[\#(names)]}"#.utf8))
        #expect(throws: ValidationFailure.self) { try many.validate() }
    }
}

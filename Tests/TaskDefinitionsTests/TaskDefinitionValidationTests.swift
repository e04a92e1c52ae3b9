// SPDX-License-Identifier: Apache-2.0
import Foundation
import TaskDefinitions
import Testing
import VPC

@Suite struct TaskDefinitionValidationTests {
    /// The failure of a definition whose parts are given as JSON.
    private func failure(_ text: String) throws -> ValidationFailure? {
        do {
            try JSONDecoder().decode(TaskDefinition.self, from: Data(text.utf8)).validate()
            return nil
        } catch let failure as ValidationFailure {
            return failure
        }
    }

    /// The failure of a definition with one container.
    private func failure(container: String, mode: String = "awsvpc", task: String = "") throws -> ValidationFailure? {
        try failure(
            #"""
            {"family": "web", "networkMode": "\#(mode)", \#(task)
             "containerDefinitions": [{"name": "web", "image": "busybox", "memory": 64, \#(container)}]}
            """#)
    }

    @Test(arguments: [
        (#"{"family": "", "containerDefinitions": []}"#, "Family should not be null or empty."),
        (#"{}"#, "Family should not be null or empty."),
        (#"{"family": "a"}"#, "Container list cannot be empty."),
        (#"{"family": "a b", "containerDefinitions": []}"#, "Family contains invalid characters."),
        (#"{"family": "../a", "containerDefinitions": []}"#, "Family contains invalid characters."),
        (#"{"family": "a", "containerDefinitions": []}"#, "Container list cannot be empty."),
        (
            #"{"family": "a", "containerDefinitions": [{"image": "i", "memory": 64}]}"#,
            "Container.name should not be null or empty."
        ),
        (
            #"{"family": "a", "containerDefinitions": [{"name": "a", "memory": 64}]}"#,
            "Container.image should not be null or empty."
        ),
        (
            #"{"family": "a", "containerDefinitions": [{"name": "a", "image": null}]}"#,
            "Container.image should not be null or empty."
        ),
        (
            #"{"family": "a", "containerDefinitions": [{"name": "a", "image": "my image"}]}"#,
            "Container.image repository contains invalid characters."
        ),
        (
            #"{"family": "a", "containerDefinitions": [{"name": "a", "image": "i"}]}"#,
            "Invalid setting for container 'a'. At least one of 'memory' or 'memoryReservation' must be specified."
        ),
        (
            #"""
            {"family": "a", "containerDefinitions": [
              {"name": "a", "image": "i", "memory": 64}, {"name": "a", "image": "i", "memory": 64}]}
            """#,
            "Container names must be unique within a Task Definition."
        ),
        (
            #"{"family": "a", "containerDefinitions": [{"name": "a", "image": "i", "memory": 64, "essential": false}]}"#,
            "Task definition doesn't have any essential container."
        ),
        (
            #"{"family": "a", "volumes": [{"name": "../x"}], "containerDefinitions": []}"#,
            "Volume.name contains invalid characters."
        ),
        (
            #"{"family": "a", "volumes": [{"name": "x"}, {"name": "x"}], "containerDefinitions": []}"#,
            "Volume names must be unique."
        ),
        (
            #"{"family": "a", "volumes": [{"name": "x", "host": {"sourcePath": ""}}], "containerDefinitions": []}"#,
            "host.sourcePath should not be blank."
        ),
        (
            #"{"family": "a", "volumes": [{"name": "x", "host": {"sourcePath": "srv"}}], "containerDefinitions": []}"#,
            "host.sourcePath should be an absolute path."
        ),
    ])
    func definitions(text: String, message: String) throws {
        let failure = try failure(text)
        #expect(failure?.message == message)
        #expect(failure?.kind == .client)
    }

    @Test(arguments: ["..", ".", "a/b", "/", "a b", "a.b", "ä", "a\\u0000b", String(repeating: "a", count: 256), "a:b"])
    func namesThatWouldLeaveTheStateDirectory(name: String) throws {
        let failure = try failure(
            #"{"family": "a", "containerDefinitions": [{"name": "\#(name)", "image": "i", "memory": 64}]}"#)
        #expect(failure?.message == "Container.name contains invalid characters.")
        #expect(failure?.description.contains("containerDefinitions[0]") == true)
    }

    @Test(arguments: [
        (#""links": ["db"]"#, "Links are not supported when networkMode=awsvpc."),
        (#""hostname": "web""#, "hostname is not supported on container when networkMode=awsvpc."),
        (
            #""extraHosts": [{"hostname": "a", "ipAddress": "10.0.0.1"}]"#,
            "Extra hosts are not supported on container when networkMode=awsvpc."
        ),
        (#""disableNetworking": true"#, "Disable Networking is not supported on container when networkMode=awsvpc."),
        (#""dnsServers": ["10.0.0.2"]"#, "DNS servers are not supported on container when networkMode=awsvpc."),
        (
            #""dnsSearchDomains": ["internal"]"#,
            "DNS search domains are not supported on container when networkMode=awsvpc."
        ),
        (
            #""portMappings": [{"containerPort": 80, "hostPort": 8080}]"#,
            "When networkMode=awsvpc, the host ports and container ports in port mappings must match."
        ),
        (#""portMappings": [{"hostPort": 80}]"#, "Invalid 'containerPort' setting for container 'web'."),
        (#""portMappings": [{"containerPort": 0}]"#, "Invalid 'containerPort' setting for container 'web'."),
        (#""portMappings": [{"containerPort": 65536}]"#, "Invalid 'containerPort' setting for container 'web'."),
        (
            #""portMappings": [{"containerPort": 1, "hostPort": -1}]"#,
            "Invalid 'hostPort' setting for container 'web'."
        ),
        (
            #""portMappings": [{"containerPort": 80}, {"containerPort": 80, "hostPort": 80}]"#,
            "TCP host port '80' is mapped multiple times in task."
        ),
        (
            #""portMappings": [{"containerPortRange": "80-90", "protocol": "udp"}, {"containerPort": 85, "protocol": "udp"}]"#,
            "UDP host port '85' is mapped multiple times in task."
        ),
        (
            #""portMappings": [{"containerPortRange": "80-90"}, {"containerPortRange": "88-99"}]"#,
            "TCP host port '88' is mapped multiple times in task."
        ),
        (
            #""portMappings": [{"containerPortRange": "90-80"}]"#,
            "Invalid 'containerPortRange' setting for container 'web'."
        ),
        (#""mountPoints": [{"sourceVolume": "x", "containerPath": "/x"}]"#, "Unknown volume 'x'."),
        (
            #""volumesFrom": [{"sourceContainer": "x"}]"#, "Invalid 'volumesFrom' setting. Unknown container: 'x'."
        ),
        (
            #""dependsOn": [{"containerName": "x", "condition": "START"}]"#,
            "Cannot depend on container + 'x' because it does not exist"
        ),
        (
            #""dependsOn": [{"containerName": "web", "condition": "START"}]"#,
            "Container dependencies should not have a cycle."
        ),
        (
            #""dependsOn": [{"containerName": "web", "condition": "COMPLETE"}]"#,
            "A dependency container with SUCCESS or COMPLETE condition cannot be an essential container"
        ),
        (
            #""dependsOn": [{"containerName": "web", "condition": "HEALTHY"}]"#,
            "A dependency container with HEALTHY condition must have health check configured"
        ),
        (
            #""logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-region": "r"}}"#,
            "Log driver awslogs requires options: awslogs-group"
        ),
    ])
    func awsTexts(part: String, message: String) throws {
        let failure = try failure(container: part)
        #expect(failure?.message == message)
        #expect(failure?.kind == .client)
    }

    @Test(arguments: [
        (#""memoryReservation": 65"#, "'memory' (64) has to be greater than 'memoryReservation' (65)."),
        (#""cpu": -1"#, "'cpu' is -1"),
        (#""memoryReservation": 3"#, "'memoryReservation' is 3 and has to be at least 4."),
        (#""healthCheck": {"command": []}"#, "it has to begin with CMD or CMD-SHELL."),
        (#""healthCheck": {"command": ["true"]}"#, #"begins with "true""#),
        (#""healthCheck": {"command": ["CMD"]}"#, "has nothing behind CMD."),
        (#""healthCheck": {"command": ["CMD", "true"], "interval": 4}"#, "'interval' is 4 and has to be 5 to 300."),
        (#""healthCheck": {"command": ["CMD", "true"], "timeout": 61}"#, "'timeout' is 61 and has to be 2 to 60."),
        (#""healthCheck": {"command": ["CMD", "true"], "retries": 0}"#, "'retries' is 0 and has to be 1 to 10."),
        (#""healthCheck": {"command": ["CMD", "true"], "startPeriod": 301}"#, "'startPeriod' is 301"),
        (#""stopTimeout": 0"#, "'stopTimeout' is 0 seconds"),
        (#""startTimeout": -5"#, "'startTimeout' is -5 seconds"),
        (#""ulimits": [{"name": "nofile", "softLimit": 2, "hardLimit": 1}]"#, "soft limit of 2 and a hard limit of 1"),
        (#""ulimits": [{"name": "core", "softLimit": -1, "hardLimit": 1}]"#, "soft limit of -1"),
        (#""command": ["a\u0000b"]"#, "'command' contains a NUL character."),
        (#""environment": [{"name": "A", "value": "\u0000"}]"#, "'environment' contains a NUL character."),
        (#""environment": [{"value": "x"}]"#, "An environment variable has no name."),
        (#""environment": [{"name": "A=B", "value": "x"}]"#, #"environment variable "A=B" contains '='."#),
        (#""workingDirectory": "srv""#, "has to be an absolute path."),
        (#""workingDirectory": "/srv/../etc""#, "has to be an absolute path."),
        (#""linuxParameters": {"capabilities": {"add": ["CAP_NET_ADMIN"]}}"#, "without CAP_"),
        (#""linuxParameters": {"tmpfs": [{"containerPath": "/../x", "size": 1}]}"#, "has to be an absolute path"),
        (#""linuxParameters": {"tmpfs": [{"containerPath": "/", "size": 1}]}"#, "has to be an absolute path"),
        (#""linuxParameters": {"tmpfs": [{"containerPath": "/x", "size": 0}]}"#, "has to be at least 1."),
        (#""linuxParameters": {"devices": [{"hostPath": "dev/x"}]}"#, "of a device"),
        (#""linuxParameters": {"swappiness": 101}"#, "'swappiness' is 101"),
        (#""systemControls": [{"namespace": "net/../../x", "value": "1"}]"#, "no kernel parameter"),
        (#""systemControls": [{"value": "1"}]"#, "no kernel parameter"),
        (#""portMappings": [{"containerPort": 80, "name": "Web"}]"#, "lower case"),
        (#""portMappings": [{"containerPort": 80, "containerPortRange": "80-81"}]"#, "neither"),
    ])
    func ownTexts(part: String, reason: String) throws {
        let failure = try failure(container: part)
        #expect(failure?.message.hasPrefix("Invalid setting for container 'web'. ") == true)
        #expect(failure?.message.contains(reason) == true, "\(failure?.message ?? "passed")")
    }

    @Test(arguments: [
        (#""mountPoints": [{"sourceVolume": "v", "containerPath": "/a/../../b"}]"#, "has to be an absolute path"),
        (
            #""mountPoints": [{"sourceVolume": "v", "containerPath": "/a"}, {"sourceVolume": "v", "containerPath": "/a"}]"#,
            "Two volumes have the containerPath /a."
        ),
    ])
    func mountPoints(part: String, reason: String) throws {
        let failure = try failure(container: part, task: #""volumes": [{"name": "v"}],"#)
        #expect(failure?.message.contains(reason) == true)
    }

    @Test(arguments: [
        (#""cpu": "one", "#, "Invalid 'cpu' setting for task."),
        (#""cpu": "64", "#, "Invalid 'cpu' setting for task."),
        (#""memory": "-5", "#, "Invalid 'memory' setting for task."),
        (#""memory": "32", "#, "The 'memory' setting for container 'web' is greater than for the task."),
        (
            #""requiresCompatibilities": ["FARGATE"], "memory": "512", "#,
            "Fargate requires that 'cpu' be defined at the task level."
        ),
        (
            #""requiresCompatibilities": ["FARGATE"], "cpu": "512", "#,
            "Fargate requires that 'memory' be defined at the task level."
        ),
        (
            #""requiresCompatibilities": ["FARGATE"], "cpu": "512", "memory": "512","#,
            "No Fargate configuration exists for given values: 512 CPU, 512 memory."
        ),
    ])
    func sizes(task: String, message: String) throws {
        #expect(try failure(container: #""cpu": 10"#, task: task)?.message == message)
    }

    @Test func sums() throws {
        let text = #"""
            {"family": "a", "cpu": "512", "memory": "128", "containerDefinitions": [
              {"name": "a", "image": "i", "cpu": 300, "memory": %a}, {"name": "b", "image": "i", "cpu": %b, "memory": 64}]}
            """#
        func failure(_ memory: Int, _ cpu: Int) throws -> String? {
            try self.failure(
                text.replacingOccurrences(of: "%a", with: "\(memory)").replacingOccurrences(of: "%b", with: "\(cpu)"))?
                .message
        }
        #expect(try failure(64, 212) == nil)
        #expect(
            try failure(64, 213)
                == "The sum of all container 'cpu' values cannot be greater than the value of the task 'cpu'.")
        #expect(try failure(65, 212)?.hasPrefix("The sum of all container 'memory' values") == true)
    }

    @Test func portNamesAreUniqueInTheTask() throws {
        func failure(_ first: String, _ second: String, _ third: String) throws -> String? {
            try self.failure(
                #"""
                {"family": "a", "networkMode": "awsvpc", "containerDefinitions": [
                  {"name": "a", "image": "i", "memory": 64, "portMappings": [
                    {"containerPort": 80, "name": "\#(first)"}, {"containerPort": 81, "name": "\#(second)"}]},
                  {"name": "b", "image": "i", "memory": 64, "portMappings": [
                    {"containerPort": 82, "name": "\#(third)"}, {"containerPort": 83}, {"containerPort": 84, "name": ""}]}]}
                """#)?.message
        }
        #expect(try failure("http", "admin", "metrics") == nil)
        #expect(
            try failure("http", "http", "metrics")
                == "Invalid setting for container 'a'. Two port mappings of the task are named 'http'.")
        #expect(
            try failure("http", "admin", "http")
                == """
                Invalid setting for container 'b'. Two port mappings of the task are named 'http'. \
                The other one is in container 'a'.
                """)
    }

    @Test func modes() throws {
        #expect(try failure(container: #""links": ["a"]"#, mode: "bridge") == nil)
        #expect(try failure(container: #""hostname": "a""#, mode: "bridge") == nil)
        #expect(
            try failure(container: #""dnsServers": ["10.0.0.2"], "dnsSearchDomains": ["internal"]"#, mode: "bridge")
                == nil)
        #expect(
            try failure(container: #""portMappings": [{"containerPort": 80, "hostPort": 81}]"#, mode: "bridge") == nil)
        #expect(
            try failure(container: #""portMappings": [{"containerPort": 80}, {"containerPort": 80}]"#, mode: "bridge")
                == nil)
        #expect(
            try failure(container: #""links": ["a"]"#, mode: "host")?.message
                == "Links are not supported when networkMode=host.")
        #expect(
            try failure(container: #""portMappings": [{"containerPort": 80, "hostPort": 81}]"#, mode: "host")?.message
                == "When networkMode=host, the host ports and container ports in port mappings must match.")
        #expect(
            try failure(container: #""portMappings": [{"containerPort": 80}]"#, mode: "none")?.message
                == "Port mappings are not supported when networkMode=none.")
        #expect(
            try failure(
                container: #""cpu": 1"#, mode: "host",
                task: #""requiresCompatibilities": ["FARGATE"], "cpu": "256", "memory": "512","#)?.message
                == "Fargate only supports network mode ‘awsvpc’.")
    }

    @Test func unknownValuesAreNamedWithTheValidOnes() throws {
        let mode = try failure(container: #""cpu": 1"#, mode: "overlay")
        #expect(
            mode?.message
                == #"Unknown network mode "overlay" at networkMode. Valid values: bridge, host, awsvpc, none."#)
        #expect(mode?.kind == .client)
        let port = try failure(container: #""portMappings": [{"containerPort": 80}, {"protocol": "sctp"}]"#)
        #expect(
            port?.message
                == #"""
                Unknown protocol "sctp" at containerDefinitions[0].portMappings[1].protocol. Valid values: tcp, udp.
                """#)
        #expect(
            try failure(container: #""logConfiguration": {"logDriver": "none"}"#)?.message.contains(
                "Valid values: json-file, syslog, journald, gelf, fluentd, awslogs, splunk, awsfirelens.") == true)
        #expect(
            try failure(container: #""ulimits": [{"name": "files", "softLimit": 1, "hardLimit": 1}]"#)?.message
                .hasPrefix(
                    #"Unknown ulimit name "files" at containerDefinitions[0].ulimits[0].name."#) == true)
    }

    @Test func circles() throws {
        func container(_ name: String, _ others: String...) -> String {
            let list = others.map { #"{"containerName": "\#($0)", "condition": "START"}"# }.joined(separator: ",")
            return #"{"name": "\#(name)", "image": "i", "memory": 64, "dependsOn": [\#(list)]}"#
        }
        let circle = [
            container("a", "b"), container("b", "c"), container("c", "d"), container("d", "b"), container("e"),
        ]
        let failure = try failure(
            #"{"family": "a", "containerDefinitions": [\#(circle.joined(separator: ","))]}"#)
        #expect(
            failure?.description
                == "Container dependencies should not have a cycle. (b waits for c waits for d waits for b)")
        let diamond = [container("a", "b", "c"), container("b", "d"), container("c", "d"), container("d")]
        #expect(
            try self.failure(#"{"family": "a", "containerDefinitions": [\#(diamond.joined(separator: ","))]}"#) == nil)
    }

    @Test func tooManyContainers() throws {
        let list = (0..<11).map { #"{"name": "c\#($0)", "image": "i", "memory": 64}"# }.joined(separator: ",")
        #expect(
            try failure(#"{"family": "a", "containerDefinitions": [\#(list)]}"#)?.description
                == "Too many containers. (11 are defined, at most 10 can be)")
    }

    @Test func longTextsAreCut() throws {
        let name = String(repeating: "/", count: 1_000_000)
        let failure = try failure(#"{"family": "a", "containerDefinitions": [{"name": "\#(name)", "image": "i"}]}"#)
        #expect((failure?.description.utf8.count ?? .max) < 500)
    }
}

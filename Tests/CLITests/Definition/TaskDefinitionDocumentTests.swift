// SPDX-License-Identifier: Apache-2.0

import JSON
import Testing

@testable import tasknet

@Suite("Task definitions as people write them")
struct TaskDefinitionDocumentTests {
    private func read(_ text: String, defaultFamily: String? = nil) throws -> TaskDefinitionDocument {
        try TaskDefinitionDocument.read(Array(text.utf8), defaultFamily: defaultFamily)
    }

    private func refusals(_ text: String) -> [String] {
        do throws(DocumentError) {
            let document = try TaskDefinitionDocument.read(Array(text.utf8))
            return ["accepted: \(document.definition.compactText)"]
        } catch {
            return error.lines(file: "f")
        }
    }

    private let plain = """
        {"family":"web","networkMode":"awsvpc","cpu":"256","memory":"512","requiresCompatibilities":["FARGATE"],\
        "containerDefinitions":[{"name":"app","image":"busybox","cpu":128,"essential":true,\
        "portMappings":[{"containerPort":80,"hostPort":80,"protocol":"tcp"}],\
        "environment":[{"name":"A","value":"b"}],"command":["sleep","1"],\
        "logConfiguration":{"logDriver":"json-file","options":{"max-size":"10m"}}}],\
        "tags":[{"key":"a","value":"b"}]}
        """

    @Test("A definition as the API wants it passes through untouched and without a word")
    func untouched() throws {
        let document = try read(plain)
        #expect(document.warnings == [])
        #expect(document.definition.compactText == plain)
        #expect(document.networkConfiguration == nil)
    }

    struct Case: CustomTestStringConvertible, Sendable {
        var source: String
        var expected: String
        var warnings: [String]
        var testDescription: String { source }

        /// A member of the first container, inside the smallest definition.
        static func container(_ source: String, _ expected: String, _ warnings: String...) -> Case {
            let around = { (member: String) in #"{"family":"f","containerDefinitions":[{"name":"a",\#(member)}]}"# }
            return Case(
                source: around(source), expected: around(expected),
                warnings: warnings.map { "containerDefinitions[0]\($0.hasPrefix("[") ? "" : ".")\($0)" })
        }

        /// A member of the task, inside the smallest definition.
        static func task(_ source: String, _ expected: String, _ warnings: String...) -> Case {
            let around = { (member: String) in #"{"family":"f","containerDefinitions":[{"name":"a"}],\#(member)}"# }
            return Case(source: around(source), expected: around(expected), warnings: warnings)
        }
    }

    @Test(
        "The harmless is mended and told",
        arguments: [
            // Numbers where the API wants strings.
            .task(#""cpu":256"#, #""cpu":"256""#, #"cpu: the number 256 is taken as the string "256""#),
            .task(#""memory":512.0"#, #""memory":"512""#, #"memory: the number 512.0 is taken as the string "512""#),
            .container(
                #""environment":[{"name":"P","value":80},{"name":"D","value":false}]"#,
                #""environment":[{"name":"P","value":"80"},{"name":"D","value":"false"}]"#,
                #"environment[0].value: the number 80 is taken as the string "80""#,
                #"environment[1].value: false is taken as the string "false""#),
            .container(
                #""logConfiguration":{"logDriver":"json-file","options":{"max-file":3}}"#,
                #""logConfiguration":{"logDriver":"json-file","options":{"max-file":"3"}}"#,
                #"logConfiguration.options["max-file"]: the number 3 is taken as the string "3""#),
            .container(
                #""command":["sleep",30]"#, #""command":["sleep","30"]"#,
                #"command[1]: the number 30 is taken as the string "30""#),
            .container(#""user":1000"#, #""user":"1000""#, #"user: the number 1000 is taken as the string "1000""#),
            // Strings where it wants numbers and booleans.
            .container(
                #""portMappings":[{"containerPort":"80","hostPort":"80"}]"#,
                #""portMappings":[{"containerPort":80,"hostPort":80}]"#,
                #"portMappings[0].containerPort: the string "80" is taken as the number 80"#,
                #"portMappings[0].hostPort: the string "80" is taken as the number 80"#),
            .container(#""memory":"512""#, #""memory":512"#, #"memory: the string "512" is taken as the number 512"#),
            .container(#""cpu":10.0"#, #""cpu":10"#, "cpu: 10.0 is taken as 10"),
            .container(#""essential":"True""#, #""essential":true"#, #"essential: "True" is taken as true"#),
            .container(#""privileged":0"#, #""privileged":false"#, "privileged: 0 is taken as false"),
            // Other forms of lists.
            .container(
                #""environment":{"A":"b","N":1}"#,
                #""environment":[{"name":"A","value":"b"},{"name":"N","value":"1"}]"#,
                #"environment: a map is taken as a list: [{"name": …, "value": …}]"#,
                #"environment.N: the number 1 is taken as the string "1""#),
            .container(
                #""environment":["A=b=c"]"#, #""environment":[{"name":"A","value":"b=c"}]"#,
                #"environment[0]: "A" is taken out of "NAME=value"; the API wants [{"name": …, "value": …}]"#),
            .container(
                #""environment":{"name":"A","value":"b"}"#, #""environment":[{"name":"A","value":"b"}]"#,
                "environment: an object is taken as a list of one"),
            .container(
                #""portMappings":[80,"443"]"#, #""portMappings":[{"containerPort":80},{"containerPort":443}]"#,
                #"portMappings[0]: 80 is taken as {"containerPort": 80}"#,
                #"portMappings[1]: "443" is taken as {"containerPort": 443}"#),
            .container(
                #""portMappings":{"containerPort":80}"#, #""portMappings":[{"containerPort":80}]"#,
                "portMappings: an object is taken as a list of one"),
            .task(
                #""requiresCompatibilities":"FARGATE""#, #""requiresCompatibilities":["FARGATE"]"#,
                "requiresCompatibilities: a string is taken as a list of one"),
            .task(
                #""tags":{"team":"a"}"#, #""tags":[{"key":"team","value":"a"}]"#,
                #"tags: a map is taken as a list: [{"key": …, "value": …}]"#),
            // Capitals, and other ways to spell a key.
            .task(#""Cpu":"256""#, #""cpu":"256""#, "Cpu: read as cpu"),
            .task(#""task_role_arn":"arn""#, #""taskRoleArn":"arn""#, "task_role_arn: read as taskRoleArn"),
            .task(
                #""networkMode":"AwsVpc""#, #""networkMode":"awsvpc""#, #"networkMode: "AwsVpc" is taken as "awsvpc""#),
            .container(
                #""HealthCheck":{"Command":["true"]}"#, #""healthCheck":{"command":["true"]}"#,
                "HealthCheck: read as healthCheck", "HealthCheck.Command: read as command"),
            .task(#""cpu":"256","CPU":"512""#, #""cpu":"256""#, "CPU: cpu is given too; this one is left out"),
            // Keys at the wrong level.
            .container(
                #""cpu":1,"launchType":"FARGATE""#, #""cpu":1"#,
                "launchType: belongs to a run or a service, not to a task definition (it has no effect here); ignored"),
            .task(
                #""desiredCount":2,"pidMode":"task""#, #""pidMode":"task""#,
                "desiredCount: belongs to a run or a service, not to a task definition (say --count); ignored"),
            // Left out.
            .task(#""pidMode":null,"cpu":"1""#, #""cpu":"1""#, "pidMode: null says nothing; left out"),
            .container(
                #""cpu":1,"imagge":"x""#, #""cpu":1"#,
                "imagge: ignored: the ECS API has no such member (did you mean image?)"),
            .container(
                #""cpu":1,"x-note":{}"#, #""cpu":1"#, "[\"x-note\"]: ignored: the ECS API has no such member"),
            .container(
                #""cpu":1,"cpu":2"#, #""cpu":2"#, "cpu: given twice (also at line 1, column 51); the last one counts"),
        ] as [Case])
    func mended(test: Case) throws {
        let document = try read(test.source)
        #expect(document.definition.compactText == test.expected)
        #expect(document.warnings.map { "\($0.path): \($0.message)" } == test.warnings)
        #expect(document.warnings.allSatisfy { $0.position != nil })
    }

    @Test("Members of the task that stand in a container are moved to the task")
    func raised() throws {
        let document = try read(
            #"{"family":"f","containerDefinitions":[{"name":"a","networkMode":"awsvpc","#
                + #""requiresCompatibilities":["FARGATE"]},{"name":"b","networkMode":"awsvpc"}]}"#)
        #expect(
            document.definition.compactText == #"{"family":"f","containerDefinitions":[{"name":"a"},{"name":"b"}],"#
                + #""networkMode":"awsvpc","requiresCompatibilities":["FARGATE"]}"#)
        #expect(
            document.warnings.map { "\($0.path): \($0.message)" } == [
                "containerDefinitions[0].networkMode: belongs to the task definition itself; moved there",
                "containerDefinitions[0].requiresCompatibilities: belongs to the task definition itself; moved there",
                "containerDefinitions[1].networkMode: belongs to the task definition, where it stands too; left out here",
            ])
        #expect(
            refusals(
                #"{"networkMode":"bridge","containerDefinitions":[{"name":"a","networkMode":"awsvpc"}]}"#) == [
                    #"f:1:61: error: containerDefinitions[0].networkMode: belongs to the task definition, "#
                        + #"which says otherwise: "bridge""#
                ])
    }

    @Test("Members of a container that stand in the task are moved when there is one container")
    func lowered() throws {
        let one = try read(#"{"family":"f","image":"busybox","containerDefinitions":[{"name":"a"}]}"#)
        #expect(
            one.definition.compactText
                == #"{"family":"f","containerDefinitions":[{"name":"a","image":"busybox"}]}"#)
        #expect(
            one.warnings.map(\.message) == ["belongs to a container; moved to containerDefinitions[0]"])
        let two = refusals(#"{"image":"busybox","containerDefinitions":[{"name":"a"},{"name":"b"}]}"#)
        #expect(two.count == 1 && two[0].contains("f:1:2: error: image: belongs to a container; move it"))
    }

    @Test(
        "What the file says about the network becomes the run's",
        arguments: [
            #""networkConfiguration":{"awsvpcConfiguration":{"subnets":["s"],"securityGroups":["g"]}}"#,
            #""networkConfiguration":{"subnets":["s"],"securityGroups":["g"]}"#,
            #""awsvpcConfiguration":{"subnets":["s"],"securityGroups":["g"]}"#,
            #""subnets":["s"],"securityGroups":["g"]"#,
            #""Subnets":"s","security_groups":"g""#,
            #""NetworkConfiguration":{"AwsvpcConfiguration":{"Subnets":["s"],"SecurityGroups":["g"]}}"#,
        ])
    func network(members: String) throws {
        let expected = #"{"awsvpcConfiguration":{"subnets":["s"],"securityGroups":["g"]}}"#
        let beside = try read(#"{"family":"f","containerDefinitions":[{"name":"a"}],\#(members)}"#)
        let inside = try read(#"{"family":"f","containerDefinitions":[{"name":"a",\#(members)}]}"#)
        for document in [beside, inside] {
            #expect(document.networkConfiguration?.compactText == expected)
            #expect(document.definition.compactText == #"{"family":"f","containerDefinitions":[{"name":"a"}]}"#)
            #expect(document.warnings.contains { $0.message.contains("used for this run") })
        }
    }

    @Test("The network is found beside members that a networkConfiguration does not have, which are told")
    func networkBesideOthers() throws {
        let document = try read(
            #"{"family":"f","containerDefinitions":[{"name":"a"}],"networkConfiguration":"#
                + #"{"awsvpcConfiguration":{"subnets":["s"]},"$note":"mine","awsvpcConfig":{}}}"#)
        #expect(document.networkConfiguration?.compactText == #"{"awsvpcConfiguration":{"subnets":["s"]}}"#)
        #expect(
            document.warnings.map { "\($0.path): \($0.message)" } == [
                "networkConfiguration: belongs to the run, not to the task definition; used for this run",
                #"networkConfiguration["$note"]: ignored: the ECS API has no such member"#,
                "networkConfiguration.awsvpcConfig: ignored: the ECS API has no such member",
            ])
    }

    @Test("What stands around a taskDefinition is told with the place where it stands")
    func around() throws {
        let document = try read(
            #"{"taskDefinition":{"family":"f","containerDefinitions":[{"name":"a"}]},"cpu":256,"image":"busybox","#
                + #""networkConfiguration":{"subnets":"s"},"count":2,"cluster":"c","note":1,"tags":{"a":1}}"#)
        #expect(
            document.definition.compactText
                == #"{"family":"f","containerDefinitions":[{"name":"a","image":"busybox"}],"#
                + #""tags":[{"key":"a","value":"1"}],"cpu":"256"}"#)
        #expect(document.networkConfiguration?.compactText == #"{"awsvpcConfiguration":{"subnets":["s"]}}"#)
        #expect(
            document.warnings.map { note in "\(note.path): \(note.message.prefix { $0 != ";" && $0 != "(" })" } == [
                "cpu: belongs to the task definition itself",
                #"cpu: the number 256 is taken as the string "256""#,
                "image: belongs to a container",
                "networkConfiguration: belongs to the run, not to the task definition",
                "networkConfiguration.subnets: a string is taken as a list of one",
                "count: belongs to a run or a service, not to a task definition ",
                "cluster: belongs to a run or a service, not to a task definition ",
                "note: ignored: the ECS API has no such member",
                "tags: a map is taken as a list: [{\"key\": …, \"value\": …}]",
                #"tags.a: the number 1 is taken as the string "1""#,
            ])
    }

    @Test("assignPublicIp may be a boolean; two opinions about the network are refused")
    func networkDetails() throws {
        let document = try read(
            #"{"family":"f","containerDefinitions":[{"name":"a","subnets":["s"]}],"subnets":["s"],"assignPublicIp":true}"#
        )
        #expect(
            document.networkConfiguration?.compactText
                == #"{"awsvpcConfiguration":{"subnets":["s"],"assignPublicIp":"ENABLED"}}"#)
        let two = refusals(
            #"{"family":"f","containerDefinitions":[{"name":"a","subnets":["s"]}],"subnets":["t"]}"#)
        #expect(two == [#"f:1:69: error: subnets: the file says otherwise elsewhere: ["s"]"#])
    }

    @Test(
        "What could mean two things is refused with its place",
        arguments: [
            (#"{"family":"f"}"#, "f:1:1: error: no containerDefinitions: this is not a task definition"),
            (
                #"{"cpu":0.25,"containerDefinitions":[]}"#,
                "f:1:8: error: cpu: 0.25 could mean two things; write \"256\""
            ),
            (#"{"containerDefinitions":"x"}"#, #"containerDefinitions: a list is expected, not the string "x""#),
            (#"{"containerDefinitions":["x"]}"#, "containerDefinitions[0]: an object is expected, not a string"),
            (#"{"containerDefinitions":[{"cpu":0.5}]}"#, "cpu: a whole number is expected, not the number 0.5"),
            (
                #"{"containerDefinitions":[{"memory":"512m"}]}"#,
                #"memory: a whole number is expected, not the string "512m""#
            ),
            (#"{"containerDefinitions":[{"essential":"maybe"}]}"#, "essential: true or false is expected"),
            (#"{"containerDefinitions":[{"image":["a"]}]}"#, "image: a string is expected, not a list"),
            (#"{"containerDefinitions":[{"command":"sleep 1"}]}"#, #"write ["sh", "-c", "sleep 1"]"#),
            (#"{"containerDefinitions":[{"healthCheck":{"command":"true"}}]}"#, "healthCheck.command: a list"),
            (#"{"containerDefinitions":[{"portMappings":["8080:80"]}]}"#, "portMappings[0]: an object is expected"),
            (
                #"{"networkMode":"awsvpc","containerDefinitions":[{"portMappings":[{"containerPort":80,"hostPort":8080}]}]}"#,
                "f:1:97: error: containerDefinitions[0].portMappings[0].hostPort: 8080 differs from the containerPort (80)"
            ),
            (#"{"containerDefinitions":[{"image":{"Ref":"Image"}}]}"#, "Ref is a function of CloudFormation's"),
            (#"{"containerDefinitions":[{"environment":{"Fn::If":[]}}]}"#, "Fn::If is a function of CloudFormation's"),
            (#"{"containerDefinitions":[{"dockerLabels":["a=b"]}]}"#, "an object whose values are strings is expected"),
        ])
    func refused(source: String, message: String) {
        let lines = refusals(source)
        #expect(lines.count == 1 && lines[0].contains(message), "\(lines)")
    }

    @Test("All faults of a file are told at once")
    func allFaults() {
        #expect(refusals(#"{"containerDefinitions":[{"cpu":"x"},{"essential":[]}]}"#).count == 2)
    }

    @Test("hostPort: the same is fine, 0 is left out in awsvpc, any is let through elsewhere")
    func hostPorts() throws {
        let definition = { (mode: String, port: String) in
            #"{"family":"f","networkMode":"\#(mode)","containerDefinitions":[{"portMappings":[{"containerPort":80\#(port)}]}]}"#
        }
        let same = try read(definition("awsvpc", #","hostPort":80"#))
        #expect(same.warnings.isEmpty && same.definition.compactText == definition("awsvpc", #","hostPort":80"#))
        let zero = try read(definition("awsvpc", #","hostPort":0"#))
        #expect(zero.definition.compactText == definition("awsvpc", ""))
        #expect(zero.warnings.map(\.kind) == [.ports])
        #expect(try read(definition("bridge", #","hostPort":8080"#)).warnings.isEmpty)
    }

    @Test("The output of describe-task-definition is a definition again")
    func describeOutput() throws {
        let document = try read(
            #"{"taskDefinition":{"taskDefinitionArn":"arn","revision":3,"status":"ACTIVE","requiresAttributes":[{}],"#
                + #""compatibilities":["EC2"],"registeredAt":1.5,"registeredBy":"me","family":"f","#
                + #""containerDefinitions":[{"name":"a","cpu":"1"}]},"tags":[{"key":"k","value":"v"}]}"#)
        #expect(
            document.definition.compactText
                == #"{"family":"f","containerDefinitions":[{"name":"a","cpu":1}],"tags":[{"key":"k","value":"v"}]}"#)
        #expect(
            document.warnings.map { "\($0.path): \($0.message)" } == [
                "taskDefinition: left out, as they are describe-task-definition's: taskDefinitionArn, revision, status, "
                    + "requiresAttributes, compatibilities, registeredAt, registeredBy",
                #"taskDefinition.containerDefinitions[0].cpu: the string "1" is taken as the number 1"#,
            ])
    }

    @Test("A list alone is the containers; the file's name is the family")
    func containersAlone() throws {
        let document = try read(#"[{"name":"a"}]"#, defaultFamily: "web")
        #expect(document.definition.compactText == #"{"family":"web","containerDefinitions":[{"name":"a"}]}"#)
        #expect(document.warnings.map(\.kind) == [.place, .place])
    }

    @Test("A CloudFormation template with one task definition is read; many spellings are told in few lines")
    func template() throws {
        let document = try read(
            #"{"Resources":{"Task":{"Type":"AWS::ECS::TaskDefinition","Properties":{"Family":"f","NetworkMode":"awsvpc","#
                + #""ContainerDefinitions":[{"Name":"a","Image":"busybox","PortMappings":[{"ContainerPort":80}],"#
                + #""Environment":[{"Name":"A","Value":"b"}]}]}},"Logs":{"Type":"AWS::Logs::LogGroup"}}}"#)
        #expect(
            document.definition.compactText
                == #"{"family":"f","networkMode":"awsvpc","containerDefinitions":[{"name":"a","image":"busybox","#
                + #""portMappings":[{"containerPort":80}],"environment":[{"name":"A","value":"b"}]}]}"#)
        let lines = document.warnings.warningLines(file: "t.json")
        #expect(lines.count == 4)
        #expect(lines[0] == "t.json:1:71: warning: Resources.Task.Properties.Family: read as family")
        #expect(lines[3] == "t.json: warning: 7 more keys are spelled in other ways, all clear")
        #expect(refusals(#"{"Resources":{}}"#)[0].contains("0 resources of the type AWS::ECS::TaskDefinition"))
    }

    @Test("Files above 1 MiB are refused; above AWS's 64 KiB there is a warning")
    func size() throws {
        let definition = { (count: Int) in
            #"{"family":"f","containerDefinitions":[{"name":"\#(String(repeating: "a", count: count))"}]}"#
        }
        #expect(try read(definition(60_000)).warnings.isEmpty)
        #expect(try read(definition(66_000)).warnings.map(\.kind) == [.size])
        #expect(
            refusals(definition(1 << 20)) == ["f: error: larger than 1 MiB; AWS takes task definitions of up to 64 KiB"]
        )
        #expect(
            refusals("{\n\"a\": }") == ["f:2:6: error: a value is expected here, not \"}\"\n    \"a\": }\n         ^"])
    }
}

// SPDX-License-Identifier: Apache-2.0
import Linux
import SystemPackage
import TestSupport
import Testing

@testable import AWSPlugins

@Suite(.requiresRoot)
struct PluginLogTests {
    @Test func theEnvironmentSaysWhereAndHowMuch() {
        let none = PluginLog(.ecs, defaultFile: "/log/x.log", environment: [:])
        #expect(none.path == "/log/x.log" && none.level == .info)
        let ecs = PluginLog(
            .ecs, defaultFile: "/log/x.log", environment: ["ECS_CNI_LOGLEVEL": "DEBUG", "ECS_CNI_LOG_FILE": "/a"])
        #expect(ecs.path == "/a" && ecs.level == .debug)
        let vpc = PluginLog(
            .vpc, defaultFile: "/log/x.log", environment: ["VPC_CNI_LOG_LEVEL": "off", "ECS_CNI_LOG_FILE": "/a"])
        #expect(vpc.path == "/log/x.log" && vpc.level == .off)
        #expect(PluginLog(.vpc, defaultFile: "", environment: ["VPC_CNI_LOG_LEVEL": "loud"]).level == .info)
    }

    @Test func linesHaveTimeAndLevel() throws {
        try AttachmentHost.with { host in
            try host.makeNIC()
            try host.call("ecs-eni", "ADD", "{}")
            let lines = host.log.split(separator: "\n")
            #expect(lines.count == 2)
            let form = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ \[INFO\] ecs-eni ADD: container c1, .*/
            #expect(lines[0].wholeMatch(of: form) != nil)
            #expect(lines[1].contains("[ERROR] ecs-eni ADD: missing required parameter in config: 'eni'"))
            try host.call("ecs-eni", "ADD", "{}", environment: ["ECS_CNI_LOGLEVEL": "critical"])
            #expect(host.log.split(separator: "\n").count == 2)
        }
    }

    @Test func aLogThatCannotBeWrittenIsNone() throws {
        try AttachmentHost.with { host in
            try host.makeNIC()
            let pipe = host.test.directory.appending("pipe").string
            try run(["mkfifo", pipe])
            for path in ["/nowhere/at/all.log", "/", "/dev/full", "/dev/stdout", pipe] {
                let environment = ["ECS_CNI_LOG_FILE": path, "ECS_CNI_LOGLEVEL": "trace"]
                let answer = try host.call("ecs-eni", "ADD", ECSENITests.configuration(), environment: environment)
                #expect(answer.succeeded && answer.document["interfaces"][0]["name"].text == "eth0", "\(path)")
                let del = try host.call("ecs-eni", "DEL", ECSENITests.configuration(), environment: environment)
                #expect(del.succeeded)
                #expect(try host.links() == ["nic0", "wire0"])
            }
        }
    }

    @Test func aLongFileMakesRoom() throws {
        try AttachmentHost.with { host in
            try run(["truncate", "-s", "\(PluginLog.longestFile)", host.logFile])
            try host.call("ecs-eni", "ADD", "{}")
            #expect(host.log.utf8.count < 1000)
            try run(["test", "-s", host.logFile + ".1"])
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import TestSupport
import Testing

@Suite("A task's life", .requiresRoot)
struct TaskLifeTests {
    static let web = """
        {"family": "web", "networkMode": "awsvpc", "containerDefinitions": [
          {"name": "web", "image": "busybox", "memory": 32, "stopTimeout": 2,
           "command": ["httpd", "-f", "-p", "80", "-h", "/www"], "portMappings": [{"containerPort": 80}]},
          {"name": "sidecar", "image": "busybox", "memory": 32, "stopTimeout": 2,
           "dependsOn": [{"containerName": "web", "condition": "START"}],
           "entryPoint": ["sh", "-c"],
           "command": ["until wget -q -O - http://localhost/; do usleep 20000; done; exec sleep 1000"]}]}
        """

    @Test("two containers of one task talk over localhost, another task reaches them by address, the API shows it all")
    func wholePath() async throws {
        try await Machine.with { machine in
            let task = try await machine.runAndWait(Self.web)
            let arn = try #require(task["taskArn"].text)
            try await machine.wait("the sidecar has its page") {
                try machine.log(of: "sidecar", task: arn).contains("hello from busybox\n")
            }

            // What the API says...
            let attachment = task["attachments"][0]
            #expect(attachment["type"].text == "ElasticNetworkInterface")
            #expect(attachment["status"].text == "ATTACHED")
            #expect(attachment.detail("subnetId") == Machine.subnet)
            let address = try #require(attachment.detail("privateIPv4Address"))
            let mac = try #require(attachment.detail("macAddress"))
            #expect(attachment.detail("networkInterfaceId")?.hasPrefix("eni-") == true)
            #expect(attachment.detail("privateDnsName")?.hasPrefix("ip-10-") == true)
            let web = task.container("web")
            #expect(web["networkInterfaces"][0]["privateIpv4Address"].text == address)
            #expect(web["networkInterfaces"][0]["attachmentId"] == attachment["id"])
            #expect(web["lastStatus"].text == "RUNNING")

            // ... is what the kernel has.
            let id = task["taskArn"].id
            let eth0 = try machine.runJSON(["ip", "-n", id, "-j", "addr", "show", "eth0"])[0]
            #expect(eth0["address"].text == mac)
            #expect(eth0["addr_info"].first(where: "family", is: "inet")["local"].text == address)
            let routes = try machine.runJSON(["ip", "-n", id, "-j", "route"])
            #expect(routes.first(where: "dst", is: "default")["dev"].text == "eth0")

            // Another task by address; the host too.
            let other = try machine.runTask(
                """
                {"family": "client", "networkMode": "awsvpc", "containerDefinitions": [
                  {"name": "client", "image": "busybox", "memory": 32,
                   "command": ["wget", "-q", "-O", "-", "http://\(address)/"]}]}
                """)
            let ended = try await machine.wait(for: other, toBe: "STOPPED")
            #expect(ended.container("client")["exitCode"].integer == 0)
            #expect(try machine.log(of: "client", task: other) == ["hello from busybox\n"])
            #expect(
                try machine.run(["busybox", "wget", "-q", "-O", "-", "http://\(address)/"]) == "hello from busybox\n")

            try await machine.stop(arn)
            try await machine.expectNothingLeft()
        }
    }

    @Test("an essential container's end stops the task with ECS's words and codes")
    func essentialExit() async throws {
        try await Machine.with { machine in
            let arn = try machine.runTask(
                """
                {"family": "ends", "networkMode": "awsvpc", "containerDefinitions": [
                  {"name": "main", "image": "busybox", "memory": 32, "dependsOn": [{"containerName": "side", "condition": "START"}],
                   "command": ["sh", "-c", "echo out; echo err >&2; exit 3"]},
                  {"name": "side", "image": "busybox", "memory": 32, "essential": false, "stopTimeout": 2,
                   "command": ["sleep", "1000"]}]}
                """)
            let task = try await machine.wait(for: arn, toBe: "STOPPED")
            #expect(task["stopCode"].text == "EssentialContainerExited")
            #expect(task["stoppedReason"].text == "Essential container in task exited")
            #expect(task.container("main")["exitCode"].integer == 3)
            #expect(task.container("side")["exitCode"].integer == 143)
            #expect(task["attachments"][0]["status"].text == "DELETED")
            for name in ["createdAt", "startedAt", "stoppingAt", "executionStoppedAt", "stoppedAt"] {
                #expect(task[name].number != nil, "\(name)")
            }
            #expect(Set(try machine.log(of: "main", task: arn)) == ["out\n", "err\n"])
            try await machine.expectNothingLeft()
        }
    }

    @Test("a container that ignores SIGTERM is killed after its stopTimeout")
    func killed() async throws {
        try await Machine.with { machine in
            let task = try await machine.runAndWait(
                """
                {"family": "stubborn", "networkMode": "awsvpc", "containerDefinitions": [
                  {"name": "main", "image": "busybox", "memory": 32, "stopTimeout": 2,
                   "command": ["sh", "-c", "trap '' TERM; echo ready; while :; do sleep 1; done"]}]}
                """)
            let arn = try #require(task["taskArn"].text)
            try await machine.wait("the trap is set") { try machine.log(of: "main", task: arn) == ["ready\n"] }
            let stopped = try await machine.stop(arn)
            #expect(stopped["stopCode"].text == "UserInitiated")
            #expect(stopped["stoppedReason"].text == "end of test")
            #expect(stopped.container("main")["exitCode"].integer == 137)
            try await machine.expectNothingLeft()
        }
    }

    @Test("containers start in the order of dependsOn, a health check included")
    func order() async throws {
        try await Machine.with { machine in
            let arn = try machine.runTask(
                """
                {"family": "ordered", "networkMode": "awsvpc",
                 "volumes": [{"name": "shared"}], "containerDefinitions": [
                  {"name": "app", "image": "busybox", "memory": 32, "stopTimeout": 2,
                   "mountPoints": [{"sourceVolume": "shared", "containerPath": "/shared"}],
                   "dependsOn": [{"containerName": "seed", "condition": "SUCCESS"},
                                 {"containerName": "db", "condition": "HEALTHY"}],
                   "command": ["sh", "-c", "cat /shared/order; exec sleep 1000"]},
                  {"name": "seed", "image": "busybox", "memory": 32, "essential": false,
                   "mountPoints": [{"sourceVolume": "shared", "containerPath": "/shared"}],
                   "command": ["sh", "-c", "echo seeded > /shared/order"]},
                  {"name": "db", "image": "busybox", "memory": 32, "stopTimeout": 2,
                   "command": ["sh", "-c", "touch /tmp/ok; exec sleep 1000"],
                   "healthCheck": {"command": ["CMD-SHELL", "test -e /tmp/ok"], "interval": 5, "timeout": 2}}]}
                """)
            let task = try await machine.wait(for: arn, toBe: "RUNNING")
            #expect(task.container("db")["healthStatus"].text == "HEALTHY")
            #expect(task.container("seed")["exitCode"].integer == 0)
            try await machine.wait("app has read what seed wrote") {
                try machine.log(of: "app", task: arn) == ["seeded\n"]
            }
            try await machine.stop(arn)
        }
    }

    @Test("a container with the longest of names is checked and has a log")
    func longestName() async throws {
        try await Machine.with { machine in
            let name = String(repeating: "n", count: 255)
            let arn = try machine.runTask(
                """
                {"family": "long", "networkMode": "awsvpc", "containerDefinitions": [
                  {"name": "\(name)", "image": "busybox", "memory": 32, "stopTimeout": 2,
                   "command": ["sh", "-c", "echo hello; exec sleep 1000"],
                   "healthCheck": {"command": ["CMD", "true"], "interval": 5, "timeout": 2}}]}
                """)
            try await machine.wait(for: arn, toBe: "RUNNING")
            try await machine.wait("the container is healthy") {
                try machine.describe(arn).container(name)["healthStatus"].text == "HEALTHY"
            }
            #expect(try machine.tasknet(["logs", arn]).output == "hello\n")
            try await machine.stop(arn)
        }
    }

    @Test("a task in a dual-stack subnet is reached by either address, also by a server that is not root")
    func dualStack() async throws {
        let subnets = """
            subnets:
              - {id: subnet-0dddddddddddddddd, name: dual, cidrBlock: 10.64.5.0/24, ipv6CidrBlock: "fd64:5::/64"}
              - {id: subnet-06666666666666666, name: six, ipv6CidrBlock: "fd64:6::/64"}
            """
        try await Machine.with(configuration: subnets) { machine in
            let server = """
                {"family": "nobody", "networkMode": "awsvpc", "containerDefinitions": [
                  {"name": "web", "image": "busybox", "memory": 32, "user": "nobody", "stopTimeout": 2,
                   "command": ["httpd", "-f", "-p", "[::]:80", "-h", "/www"]}]}
                """
            let dual = try await machine.runAndWait(server, subnet: "dual")
            let six = try await machine.runAndWait(server, subnet: "six")
            let web = dual.container("web")["networkInterfaces"][0]
            let addresses = [
                try #require(web["privateIpv4Address"].text), "[\(try #require(web["ipv6Address"].text))]",
                "[\(try #require(six["attachments"][0].detail("ipv6Address")))]",
            ]
            #expect(six.container("web")["networkInterfaces"][0]["privateIpv4Address"].isNull)
            for address in addresses {
                try await machine.wait("\(address) answers") {
                    try machine.attempt(["curl", "-sf", "http://\(address)/"]).output == "hello from busybox\n"
                }
            }
            // From task to task, in IPv6 alone.
            let id = six["taskArn"].id
            #expect(
                try machine.run(["ip", "netns", "exec", id, "curl", "-sf", "http://\(addresses[1])/"])
                    == "hello from busybox\n")
            for task in [dual, six] { try await machine.stop(try #require(task["taskArn"].text)) }
            try await machine.expectNothingLeft()
        }
    }

    @Test("a container that cannot start fails its task and leaves nothing")
    func cannotStart() async throws {
        try await Machine.with { machine in
            let arn = try machine.runTask(
                """
                {"family": "broken", "networkMode": "awsvpc", "containerDefinitions": [
                  {"name": "main", "image": "busybox", "memory": 32, "command": ["no-such-program"]}]}
                """)
            let task = try await machine.wait(for: arn, toBe: "STOPPED")
            #expect(task["stopCode"].text == "TaskFailedToStart")
            #expect(task.container("main")["reason"].text?.contains("no-such-program") == true)
            #expect(task.container("main")["reason"].text?.hasPrefix("CannotStartContainerError") == true)
            try await machine.expectNothingLeft()
        }
    }

    @Test("a container has the user, directory, environment, limits and files that its definition says")
    func surroundings() async throws {
        try await Machine.with { machine in
            let script =
                "id -u; pwd; echo $GREETING; ulimit -n; hostname; cat /etc/hostname; grep -c . /etc/resolv.conf; grep $(hostname) /etc/hosts"
            let arn = try machine.runTask(
                """
                {"family": "inside", "networkMode": "awsvpc", "containerDefinitions": [
                  {"name": "main", "image": "busybox", "memory": 32, "user": "nobody", "workingDirectory": "/www",
                   "environment": [{"name": "GREETING", "value": "a \\"b\\" = c"}],
                   "ulimits": [{"name": "nofile", "softLimit": 100, "hardLimit": 200}],
                   "command": ["sh", "-c", "\(script)"]}]}
                """)
            let task = try await machine.wait(for: arn, toBe: "STOPPED")
            let lines = try machine.log(of: "main", task: arn).map { $0.trimmingCharacters(in: .newlines) }
            let name = try #require(task["attachments"][0].detail("privateDnsName"))
            let address = try #require(task["attachments"][0].detail("privateIPv4Address"))
            try #require(lines.count >= 8, "\(lines)")
            #expect(Array(lines[0...5]) == ["65534", "/www", #"a "b" = c"#, "100", name, name])
            #expect(lines.last?.split(whereSeparator: \.isWhitespace).map(String.init) == [address, name])
        }
    }
}

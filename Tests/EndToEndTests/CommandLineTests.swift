// SPDX-License-Identifier: Apache-2.0
import Linux
import SystemPackage
import TestSupport
import Testing

@Suite("The command line", .requiresRoot)
struct CommandLineTests {
    @Test("a definition as tutorials write it runs, is listed, entered, read and stopped")
    func wholeTour() async throws {
        try await Machine.with { machine in
            // A size as a number, ports that say the same twice, the mode inside a container, the network in the file.
            let file = try machine.write(
                """
                {"family": "tutorial", "cpu": 256, "networkConfiguration": {"awsvpcConfiguration": {"subnets": ["default"]}},
                 "containerDefinitions": [
                  {"name": "web", "image": "busybox", "memory": 32, "networkMode": "awsvpc", "stopTimeout": 2,
                   "portMappings": [{"containerPort": 80, "hostPort": 80}],
                   "command": ["sh", "-c", "echo serving; exec httpd -f -p 80 -h /www"]}]}
                """, to: "tutorial.json")
            let run = try machine.tasknet(["run", file.string, "--wait"])
            #expect(run.status == .exited(0), "\(run)")
            #expect(run.errors.contains("cpu"), "the warning names the path: \(run.errors)")
            #expect(run.errors.contains("networkMode"), "\(run.errors)")

            let task = try machine.tasknetJSON(["ps"])["tasks"][0]
            let prefix = String(task["taskArn"].id.prefix(8))
            #expect(try machine.tasknetJSON(["describe", prefix])["tasks"][0]["lastStatus"].text == "RUNNING")

            // In the task's namespaces with the host's files, and in a container with its own.
            let outside = try machine.tasknet(["exec", prefix, "--", "hostname"])
            #expect(outside.output == (task["attachments"][0].detail("privateDnsName") ?? "?") + "\n", "\(outside)")
            let inside = try machine.tasknet([
                "exec", prefix, "--container", "web", "--", "sh", "-c", "hostname; exit 7",
            ])
            #expect(inside.status == .exited(7))
            #expect(inside.output.contains("ip-10-64-1-"))

            #expect(try machine.tasknet(["logs", prefix]).output.contains("serving"))
            #expect(try machine.tasknetJSON(["eni", "list"])["networkInterfaces"].elements.count == 1)
            #expect(
                try machine.tasknetJSON(["subnet", "list"])["subnets"][0]["availableIpAddressCount"].integer == 250)
            let doctor = try machine.tasknet(["doctor"])
            #expect(doctor.status == .exited(0), "\(doctor.output)")

            #expect(try machine.tasknet(["stop", prefix, "--wait"]).status == .exited(0))
            // What it said can still be read, and following it ends.
            #expect(try machine.tasknet(["logs", prefix, "--follow"]).output.contains("serving"))
            #expect(try machine.tasknet(["stop", "ffffffff"]).status != .exited(0))
            try await machine.expectNothingLeft()
        }
    }
}

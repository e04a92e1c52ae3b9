// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import SystemPackage
import TestSupport
import Testing

@Suite("Fault: the clock steps", .requiresRoot, .requiresClock, .serialized)
struct ClockStepTests {
    static let day = 86_400

    /// Ends when it is killed, 5 s after it is told to.
    private static let stubborn = """
        {"family": "stubborn", "networkMode": "awsvpc", "containerDefinitions": [
          {"name": "main", "image": "busybox", "memory": 32, "stopTimeout": 5,
           "command": ["sh", "-c", "trap '' TERM; echo ready; while :; do sleep 1; done"]}]}
        """

    @Test("stopped tasks are kept as long as is said, and time-outs last as long", arguments: [day, -day])
    func step(by seconds: Int) async throws {
        try await Machine.with(configuration: "taskCleanupWait: 8s\n") { machine in
            let kept = try await machine.runAndWait(
                Machine.sleeper(
                    "kept", seconds: 1001,
                    restOfContainer: #", "healthCheck": {"command": ["CMD", "true"], "interval": 5}"#))
            let keptARN = try #require(kept["taskArn"].text)
            let first = try await machine.runAndWait(Machine.sleeper("first", seconds: 1002))
            let second = try await machine.runAndWait(Self.stubborn)
            try await machine.wait("the trap is set") {
                try machine.log(of: "main", task: try #require(second["taskArn"].text)) == ["ready\n"]
            }
            let mac = "0a:11:22:33:66:01"
            _ = try machine.ask(
                "AttachNetworkInterface",
                """
                {"taskArn": "\(keptARN)", "waitTimeoutMs": 60000, "elasticNetworkInterfaces": [
                  {"ec2Id": "eni-0123456789abcdef0", "macAddress": "\(mac)", "subnetId": "default"}]}
                """, service: "TaskNetwork")

            let firstARN = try #require(first["taskArn"].text)
            let secondARN = try #require(second["taskArn"].text)
            try await machine.stop(firstARN)
            _ = try machine.ask("StopTask", #"{"task": "\#(secondARN)"}"#)
            try Clock.step(by: seconds)
            defer { try? Clock.step(by: -seconds) }
            // Killed in its time; its records say what the clock said, and no age of it is nonsense.
            let stopped = try await machine.wait(for: secondARN, toBe: "STOPPED")
            #expect(stopped.container("main")["exitCode"].integer == 128 + Int(SIGKILL))
            let seen = try #require(stopped["stoppedAt"].number) - (try #require(kept["createdAt"].number))
            #expect(abs(seen - Double(seconds)) < 3600)
            let words = try machine.tasknet(["ps", "-a"]).output.split(whereSeparator: \.isWhitespace)
            #expect(!words.contains { $0.firstMatch(of: /^-[0-9]/) != nil }, "an age is negative: \(words)")

            // Each 8 s after its own end: the first is not kept for ever, the second not forgotten with it.
            func isKnown(_ arn: String) throws -> Bool { try !machine.describe(arn).isNull }
            try await machine.wait("the first is forgotten") { try !isKnown(firstARN) }
            #expect(try isKnown(secondARN))
            try await machine.wait("the second is forgotten") { try !isKnown(secondARN) }

            // What waits goes on waiting, and what is watched is watched.
            #expect(try machine.describe(keptARN)["attachments"][1]["status"].text == "ATTACHING")
            try machine.run(["ip", "link", "add", "nic0", "address", mac, "type", "veth", "peer", "name", "far"])
            try await machine.wait("it is attached, and healthy") {
                let task = try machine.describe(keptARN)
                return task["attachments"][1]["status"].text == "ATTACHED" && task["healthStatus"].text == "HEALTHY"
            }
            try await machine.stop(keptARN)
            try machine.run(["ip", "link", "del", "nic0"])
            try await machine.expectNothingLeft()
        }
    }
}

extension Trait where Self == ConditionTrait {
    /// The test sets the clock: of Debian's kernel, in which `scripts/test` runs it, and of no machine that others use.
    fileprivate static var requiresClock: Self {
        let isOwn = ProcessInfo.processInfo.environment["TASKNET_REQUIRE_KERNEL"] == "1"
        return requirement(
            unmet: isOwn ? nil : "the clock of this kernel is the machine's", errorUnder: "TASKNET_REQUIRE_KERNEL")
    }
}

/// The kernel's wall clock.
private enum Clock {
    static func step(by seconds: Int) throws {
        var time = timespec()
        guard clock_gettime(CLOCK_REALTIME, &time) == 0 else { throw Errno(rawValue: errno) }
        time.tv_sec += seconds
        guard clock_settime(CLOCK_REALTIME, &time) == 0 else { throw Errno(rawValue: errno) }
    }
}

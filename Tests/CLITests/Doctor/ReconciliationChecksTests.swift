// SPDX-License-Identifier: Apache-2.0

import ECSAPI
import Testing
import VPC

@testable import tasknet

@Suite("Doctor: networks compared with the kernel")
struct ReconciliationChecksTests {
    private let now = SampleTasks.now

    private func state(
        _ failures: [ReconciliationDescription.Failure] = [], repairs: [String: Int] = [:]
    ) -> ReconciliationDescription {
        var run = ReconciliationDescription.Run(
            startedAt: Timestamp(millisecondsSince1970: now.millisecondsSince1970 - 120_000))
        run.networkCount = 3
        run.durationMs = 7
        return ReconciliationDescription(
            interval: 300, lastRun: run, repairs: repairs, removals: [:], failures: failures)
    }

    private func failure() -> ReconciliationDescription.Failure {
        let id = SampleTasks.id("1a")
        return .init(
            owner: .init(name: "task \(id)", taskId: id),
            found: [
                "device nic7 as eth1: expected present, found missing", "x",
            ],
            error: "there is no link with the MAC address 0a:00:00:00:00:01",
            since: Timestamp(millisecondsSince1970: now.millisecondsSince1970 - 60_000), attempts: 4, nextAttemptAt: nil
        )
    }

    @Test("the last look is told, and what was repaired")
    func lastRun() {
        #expect(
            ReconciliationChecks.findings(state(), now: now).map(\.text) == [
                "3 networks were compared with the kernel 2 minutes ago, in 7 ms"
            ])
        #expect(
            ReconciliationChecks.findings(state(repairs: ["route": 2, "link": 1]), now: now).map(\.text) == [
                """
                3 networks were compared with the kernel 2 minutes ago, in 7 ms; \
                repaired since tasknetd's start: link 1, route 2
                """
            ])
        var none = state()
        none.lastRun = nil
        #expect(ReconciliationChecks.findings(none, now: now).map(\.verdict) == [.note])
    }

    @Test("what cannot be put right is a problem, with what was found and what to do")
    func failures() {
        let findings = ReconciliationChecks.findings(state([failure()]), now: now)
        #expect(findings.map(\.verdict) == [.problem, .ok])
        #expect(
            findings.first?.text == """
                task \(SampleTasks.id("1a")) has not the network that it ought to have, noticed 1 minute ago, \
                tried 4 times: there is no link with the MAC address 0a:00:00:00:00:01 \
                (found: device nic7 as eth1: expected present, found missing, and 1 more)
                """)
        #expect(findings.first?.mend?.hasSuffix("tries again at once, or stop the task") == true)
    }

    @Test("ps shows a task whose network is broken, and only then has a column for it")
    func ps() throws {
        var broken = try SampleTasks.running(SampleTasks.id("1f3c"))
        broken.connectivity = "DISCONNECTED"
        broken.connectivityAt = now
        let whole = try SampleTasks.running(SampleTasks.id("2abc"))
        #expect(
            PsCommand.table([broken, whole], now: now, showsReasons: false).lines() == [
                "TASK          DEFINITION  STATUS   NETWORK  ADDRESS    CONTAINERS               CREATED",
                "1f3c00000000  web:3       RUNNING  BROKEN   10.64.1.5  app, init (exit code 0)  3 minutes ago",
                "2abc00000000  web:3       RUNNING  -        10.64.1.5  app, init (exit code 0)  3 minutes ago",
            ])
        #expect(
            TaskView(task: broken, now: now).lines(styled: false).contains(
                "Network     broken, noticed just now: tasknet doctor says what differs"))
        var stopped = try SampleTasks.stopped(SampleTasks.id("3abc"), app: 0)
        stopped.connectivity = "DISCONNECTED"
        #expect(!stopped.isDisconnected)
    }
}

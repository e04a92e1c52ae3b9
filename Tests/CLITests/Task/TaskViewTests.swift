// SPDX-License-Identifier: Apache-2.0

import ECSAPI
import TaskDefinitions
import Testing
import VPC

@testable import tasknet

@Suite("Tasks for people")
struct TaskViewTests {
    @Test("ps: one line each")
    func list() throws {
        let tasks = [
            try SampleTasks.running(SampleTasks.id("1f3c")), try SampleTasks.stopped(SampleTasks.id("2abc"), app: 3),
        ]
        #expect(
            PsCommand.table(tasks, now: SampleTasks.now, showsReasons: true).lines() == [
                "TASK          DEFINITION  STATUS   ADDRESS    CONTAINERS                                CREATED        STOPPED BECAUSE",
                "1f3c00000000  web:3       RUNNING  10.64.1.5  app, init (exit code 0)                   3 minutes ago  -",
                "2abc00000000  web:3       STOPPED  -          app (exit code 3), sidecar (not started)  3 minutes ago  "
                    + "Essential container in task exited",
            ])
    }

    @Test("describe: everything, in groups")
    func view() throws {
        let task = try SampleTasks.running(SampleTasks.id("1f3c"))
        #expect(
            TaskView(task: task, now: SampleTasks.now).lines(styled: false) == [
                "Task        1f3c0000000000000000000000000000",
                "Status      RUNNING",
                "Definition  web:3",
                "Cluster     default",
                "Group       family:web",
                "Created     2025-11-02T10:08:12Z (3 minutes ago)",
                "Started     2025-11-02T10:08:13Z (2 minutes ago)",
                "ARN         arn:aws:ecs:us-east-1:123456789012:task/default/1f3c0000000000000000000000000000",
                "",
                "Network interfaces",
                "  ENI           eni-0a1b",
                "    Status      ATTACHED",
                "    IPv4        10.64.1.5",
                "    MAC         0a:00:00:00:00:05",
                "    Subnet      subnet-1",
                "    Name        ip-10-64-1-5.tasknet.internal",
                "    Attachment  8c1e",
                "",
                "Containers",
                "  NAME  STATUS   ENDED WITH   IMAGE",
                "  app   RUNNING  -            busybox",
                "  init  STOPPED  exit code 0  busybox",
            ])
    }

    @Test("describe: why a task stopped")
    func stopped() throws {
        let task = try SampleTasks.stopped(SampleTasks.id("2abc"), app: 3)
        let lines = TaskView(task: task, now: SampleTasks.now).lines(styled: false)
        #expect(lines.contains("Reason      EssentialContainerExited: Essential container in task exited"))
        #expect(lines.contains("  sidecar  STOPPED  CannotStartContainerError: x  busybox"))
        #expect(
            task.stoppedText
                == "Essential container in task exited (app: exit code 3; sidecar: CannotStartContainerError: x)")
    }

    @Test("What is waited for, in words")
    func waiting() throws {
        let running = try SampleTasks.running(SampleTasks.id("1"))
        let stopped = try SampleTasks.stopped(SampleTasks.id("2"), app: 0)
        #expect(TaskWaiter.summary([running], .stopped) == "the task to stop: RUNNING")
        #expect(TaskWaiter.summary([stopped, running, running], .running) == "3 tasks to run: 2 RUNNING, 1 STOPPED")
        #expect(TaskWaiter.has(running, reached: .running) && !TaskWaiter.has(running, reached: .stopped))
        #expect(TaskWaiter.has(stopped, reached: .running) && TaskWaiter.has(stopped, reached: .stopped))
    }

    @Test("The exit code is the first essential container's, of the first task that failed")
    func exitCode() throws {
        var app = ContainerDefinition(name: "app", image: "busybox")
        let sidecar = ContainerDefinition(name: "sidecar", image: "busybox")
        let code = { (tasks: [ECSTask]) in
            TaskOutcome.exitCode(
                tasks, definition: TaskDefinition(family: "web", containerDefinitions: [app, sidecar]))
        }
        let fine = try SampleTasks.stopped(SampleTasks.id("1"), app: 0, sidecar: 143)
        let failed = try SampleTasks.stopped(SampleTasks.id("2"), app: 3, sidecar: 0)
        let unstarted = try SampleTasks.stopped(SampleTasks.id("3"), app: nil)
        #expect(code([fine]) == 0)
        #expect(code([fine, failed]) == 3)
        #expect(code([unstarted]) == 1)
        #expect(code([try SampleTasks.running(SampleTasks.id("4"))]) == 0)
        app.essential = false
        #expect(code([fine]) == 143)
        #expect(code([]) == 0)
    }
}

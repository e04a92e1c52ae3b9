// SPDX-License-Identifier: Apache-2.0
import TaskDefinitions
import Testing
import VPC

@testable import Agent

@Suite("Task progress")
struct TaskProgressTests {
    private func rules(
        _ name: String, essential: Bool = true, after dependencies: [(String, ContainerDependency.Condition)] = [],
        startTimeout: Duration? = nil, health: Bool = false
    ) -> ContainerRules {
        ContainerRules(
            name: name, isEssential: essential,
            dependencies: dependencies.map { .init(container: $0.0, condition: $0.1) }, startTimeout: startTimeout,
            stopTimeout: .seconds(30), hasHealthCheck: health)
    }

    /// A task whose network and pause process are up.
    private func active(_ containers: [ContainerRules]) -> (TaskProgress, [TaskProgress.Action]) {
        var progress = TaskProgress(containers: containers)
        #expect(progress.handle(.begin) == [.provisionNetwork])
        #expect(progress.handle(.networkReady) == [.startPause])
        let actions = progress.handle(.pauseReady(children: []))
        return (progress, actions)
    }

    private let userStop = TaskProgress.Stop(code: .userInitiated, reason: "test")

    @Test("network, pause process, containers; and back in reverse")
    func wholeLife() {
        var (progress, actions) = active([rules("web")])
        #expect(actions == [.startContainer("web")])
        #expect(progress.handle(.containerStarted("web")) == [])
        #expect(progress.hasBeenRunning)
        #expect(
            progress.handle(.stopRequested(userStop)) == [
                .terminate("web"), .armTimer(.stop(container: "web"), .seconds(30)),
            ])
        #expect(
            progress.handle(.containerExited("web", exitCode: 143)) == [
                .disarmTimer(.stop(container: "web")), .stopPause,
            ])
        #expect(progress.handle(.pauseStopped) == [.releaseNetwork])
        #expect(progress.handle(.networkReleased) == [.finish])
        #expect(progress.phase == .stopped)
        #expect(progress["web"]?.exitCode == 143)
        #expect(progress.stop == userStop)
    }

    @Test("a task in which no essential container had been started goes on with another pause process")
    func pauseReplaced() {
        var (progress, _) = active([rules("app", after: [("init", .start)]), rules("init", essential: false)])
        _ = progress.handle(.containerStarted("init"))
        // Asked for, and not answered.
        #expect(progress["app"]?.phase == .starting)
        #expect(progress.handle(.pauseLost) == [.replacePause])
        #expect(progress["init"]?.phase == .stopped(.init(exitCode: nil, reason: Self.endedWithPause)))
        #expect(progress.stop == nil)
        #expect(progress.handle(.pauseReady(children: [])) == [.startContainer("app")])
        _ = progress.handle(.containerStarted("app"))
        #expect(progress.hasBeenRunning)
    }

    @Test("what had started an essential container is over with its pause process")
    func pauseLostAtWork() {
        var (progress, _) = active([rules("web"), rules("side", essential: false)])
        _ = progress.handle(.containerStarted("web"))
        #expect(progress.handle(.pauseLost) == [.releaseNetwork])
        #expect(progress.stop?.reason == "The task's pause process ended")
        #expect(progress["web"]?.phase == .stopped(.init(exitCode: nil, reason: Self.endedWithPause)))
    }

    @Test("a pause process that ends again and again, and one of a task that is to stop, is not replaced")
    func pauseNotReplaced() {
        var (progress, _) = active([rules("web")])
        for _ in 1...3 {
            #expect(progress.handle(.pauseLost) == [.replacePause])
            #expect(progress.handle(.pauseReady(children: [])) == [.startContainer("web")])
        }
        #expect(progress.handle(.pauseLost) == [.releaseNetwork])

        var (stopping, _) = active([rules("web")])
        _ = stopping.handle(.stopRequested(userStop))
        #expect(stopping.handle(.pauseLost) == [.releaseNetwork])
        #expect(stopping.stop == userStop)
    }

    private static let endedWithPause = "The task's pause process ended, and the container with it"

    @Test("a network that an earlier daemon made to the end is not made again")
    func networkMade() {
        var known = TaskProgress.Resumption()
        known.hasPauseProcess = true
        known.isNetworkMade = true
        known.containers["web"] = .init(hasStarted: true)
        var progress = TaskProgress(containers: [rules("web")], resuming: known)
        #expect(progress.handle(.begin) == [.startPause])
        #expect(progress.handle(.pauseReady(children: [.init(container: "web", exitCode: nil)])) == [])
        #expect(progress["web"]?.phase == .running)
    }

    @Test("an essential container's end ends the task, another's does not")
    func essential() {
        var (progress, _) = active([rules("web"), rules("side", essential: false)])
        _ = progress.handle(.containerStarted("web"))
        _ = progress.handle(.containerStarted("side"))
        #expect(progress.handle(.containerExited("side", exitCode: 1)) == [])
        #expect(progress.stop == nil)
        #expect(progress.handle(.containerExited("web", exitCode: 0)) == [.stopPause])
        #expect(progress.stop?.code == .essentialContainerExited)
        #expect(progress.stop?.reason == "Essential container in task exited")
    }

    @Test("an exit that overtakes the answer to its start counts once")
    func exitBeforeStarted() {
        var (progress, _) = active([rules("web")])
        #expect(progress.handle(.containerExited("web", exitCode: 7)) == [.stopPause])
        #expect(progress.handle(.containerStarted("web")) == [])
        #expect(progress["web"]?.exitCode == 7)
        #expect(progress["web"]?.hasStarted == true)
        #expect(progress.hasBeenRunning)
    }

    @Test("START, COMPLETE, SUCCESS and HEALTHY each hold a container back until they are met")
    func dependencies() {
        var (progress, actions) = active([
            rules("app", after: [("init", .success), ("db", .healthy), ("log", .start), ("seed", .complete)]),
            rules("init", essential: false), rules("db", health: true), rules("log"), rules("seed", essential: false),
        ])
        #expect(
            Set(actions) == [
                .startContainer("init"), .startContainer("db"), .startContainer("log"), .startContainer("seed"),
            ])
        #expect(progress.handle(.containerStarted("init")) == [])
        #expect(progress.handle(.containerStarted("db")) == [.startHealthChecks("db")])
        #expect(progress.handle(.containerStarted("log")) == [])
        #expect(progress.handle(.containerStarted("seed")) == [])
        #expect(progress.handle(.containerExited("seed", exitCode: 3)) == [])
        #expect(progress.handle(.containerExited("init", exitCode: 0)) == [])
        #expect(progress.handle(.healthChanged("db", .unhealthy)) == [])
        #expect(progress.handle(.healthChanged("db", .healthy)) == [.startContainer("app")])
        #expect(!progress.hasBeenRunning)
        _ = progress.handle(.containerStarted("app"))
        #expect(progress.hasBeenRunning)
    }

    @Test("an essential container's dependency that can never be met ends the task and says which")
    func impossibleDependency() {
        var (progress, _) = active([rules("app", after: [("init", .success)]), rules("init", essential: false)])
        _ = progress.handle(.containerStarted("init"))
        #expect(progress.handle(.containerExited("init", exitCode: 2)) == [.stopPause])
        #expect(progress.stop?.code == .taskFailedToStart)
        #expect(progress.stop?.reason.contains("'init' did not exit successfully (exit code 2)") == true)
        #expect(progress["app"]?.isStopped == true)
        #expect(progress["app"]?.exitCode == nil)
    }

    @Test("startTimeout is the dependents' patience")
    func startTimeout() {
        var (progress, actions) = active([
            rules("app", after: [("db", .healthy)]), rules("db", startTimeout: .seconds(5), health: true),
        ])
        #expect(actions == [.startContainer("db"), .armTimer(.start(container: "db"), .seconds(5))])
        _ = progress.handle(.containerStarted("db"))
        let late = progress.handle(.timerFired(.start(container: "db")))
        #expect(late.contains(.terminate("db")))
        #expect(progress.stop?.reason.contains("did not reach HEALTHY within its startTimeout") == true)
    }

    @Test("a container that is not essential and is not started for its dependency's sake ends alone")
    func impossibleDependencyOfNonEssential() {
        var (progress, _) = active([
            rules("web"), rules("last", essential: false, after: [("side", .start)]),
            rules("side", essential: false, after: [("init", .success)]), rules("init", essential: false),
        ])
        _ = progress.handle(.containerStarted("web"))
        _ = progress.handle(.containerStarted("init"))
        #expect(progress.handle(.containerExited("init", exitCode: 2)) == [])
        #expect(progress.stop == nil)
        let reason = "DependencyError: container 'init' did not exit successfully (exit code 2)"
        #expect(progress["side"]?.phase == .stopped(.init(exitCode: nil, reason: reason)))
        #expect(progress["last"]?.isStopped == true)
        #expect(progress["web"]?.phase == .running)
        #expect(progress.hasBeenRunning)
    }

    @Test("startTimeout ends all that wait, and the task only for an essential one's sake")
    func startTimeoutOfNonEssential() {
        var (progress, _) = active([
            rules("web"), rules("side", essential: false, after: [("db", .healthy)]),
            rules("other", essential: false, after: [("db", .healthy)]),
            rules("db", startTimeout: .seconds(5), health: true),
        ])
        _ = progress.handle(.containerStarted("web"))
        _ = progress.handle(.containerStarted("db"))
        #expect(progress.handle(.timerFired(.start(container: "db"))) == [])
        #expect(progress.stop == nil)
        #expect(progress["side"]?.isStopped == true)
        #expect(progress["other"]?.isStopped == true)
        #expect(progress["db"]?.phase == .running)
        #expect(progress.hasBeenRunning)
    }

    @Test("a startTimeout that fires after the condition was met changes nothing")
    func startTimeoutInTime() {
        var (progress, _) = active([
            rules("app", after: [("db", .start)]), rules("db", startTimeout: .seconds(5)),
        ])
        _ = progress.handle(.containerStarted("db"))
        #expect(progress.handle(.timerFired(.start(container: "db"))) == [])
        #expect(progress.stop == nil)
    }

    @Test("containers end before what they depend on")
    func reverseOrder() {
        var (progress, _) = active([rules("db"), rules("app", after: [("db", .start)])])
        _ = progress.handle(.containerStarted("db"))
        _ = progress.handle(.containerStarted("app"))
        #expect(progress.handle(.stopRequested(userStop)).first == .terminate("app"))
        #expect(progress["db"]?.phase == .running)
        #expect(progress.handle(.timerFired(.stop(container: "app"))) == [.kill("app")])
        #expect(progress.handle(.containerExited("app", exitCode: 137)).contains(.terminate("db")))
        #expect(progress.handle(.containerExited("db", exitCode: 0)).contains(.stopPause))
    }

    @Test("a stop while a container is being started waits for the answer, then ends it")
    func stopWhileStarting() {
        var (progress, _) = active([rules("web")])
        #expect(progress.handle(.stopRequested(userStop)) == [.armTimer(.stop(container: "web"), .seconds(30))])
        var hanging = progress
        #expect(progress.handle(.containerStarted("web")).contains(.terminate("web")))
        // A start that hangs is ended too.
        #expect(hanging.handle(.timerFired(.stop(container: "web"))) == [.kill("web")])
    }

    @Test("a stop while the network is being made cancels that and takes it down")
    func stopWhileProvisioning() {
        var progress = TaskProgress(containers: [rules("web")])
        _ = progress.handle(.begin)
        #expect(progress.handle(.stopRequested(userStop)) == [.cancelProvisioning])
        #expect(progress.handle(.networkFailed(reason: "cancelled")) == [.releaseNetwork])
        #expect(progress.stop == userStop)
        #expect(progress.handle(.networkReleased) == [.finish])
    }

    @Test("a stop that the finished network crosses is carried out by way of the pause process")
    func stopCrossesNetworkReady() {
        var progress = TaskProgress(containers: [rules("web")])
        _ = progress.handle(.begin)
        _ = progress.handle(.stopRequested(userStop))
        #expect(progress.handle(.networkReady) == [.startPause])
        #expect(progress.handle(.pauseReady(children: [])) == [.stopPause])
        #expect(progress["web"]?.isStopped == true)
    }

    @Test("a container that cannot start fails an essential one's task with ECS's words")
    func cannotStart() {
        var (progress, _) = active([rules("web")])
        #expect(progress.handle(.containerFailedToStart("web", reason: "CannotStartContainerError: x")) == [.stopPause])
        #expect(progress.stop == .init(code: .taskFailedToStart, reason: "Task failed to start"))
        #expect(progress["web"]?.phase == .stopped(.init(exitCode: nil, reason: "CannotStartContainerError: x")))
    }

    @Test("a lost pause process takes the task down by its network alone")
    func pauseLost() {
        var (progress, _) = active([rules("web", health: true)])
        _ = progress.handle(.containerStarted("web"))
        #expect(progress.handle(.pauseLost) == [.stopHealthChecks("web"), .releaseNetwork])
        #expect(progress.handle(.containerExited("web", exitCode: 0)) == [])
        #expect(progress.handle(.networkReleased) == [.finish])
    }

    @Test("a restarted daemon takes over what runs, what ended meanwhile, and what had ended before")
    func adoption() {
        var progress = TaskProgress(
            containers: [rules("init", essential: false), rules("web"), rules("side", essential: false)],
            resuming: .init(
                containers: ["init": .init(end: .init(exitCode: 0), hasStarted: true)], hasBeenRunning: true,
                hasPauseProcess: true))
        _ = progress.handle(.begin)
        _ = progress.handle(.networkReady)
        let actions = progress.handle(
            .pauseReady(children: [.init(container: "side", exitCode: 9), .init(container: "web", exitCode: nil)]))
        #expect(actions == [])
        #expect(progress["init"]?.exitCode == 0)
        #expect(progress["web"]?.phase == .running)
        #expect(progress["side"]?.exitCode == 9)
        #expect(progress.hasBeenRunning)
    }

    @Test("a stop that a daemon's death interrupted goes on")
    func adoptionWhileStopping() {
        var progress = TaskProgress(
            containers: [rules("web")], resuming: .init(stop: userStop, hasBeenRunning: true, hasPauseProcess: true))
        _ = progress.handle(.begin)
        _ = progress.handle(.networkReady)
        let actions = progress.handle(.pauseReady(children: [.init(container: "web", exitCode: nil)]))
        #expect(actions.contains(.terminate("web")))
    }

    @Test("a task whose network was being taken down is not given it again")
    func adoptionWhileReleasing() {
        var progress = TaskProgress(
            containers: [rules("web")], resuming: .init(stop: userStop, hasBeenRunning: true, isReleasing: true))
        #expect(progress.handle(.begin) == [.releaseNetwork])
        #expect(progress.handle(.networkReleased) == [.finish])
    }

    @Test("what the new daemon cannot do at once is no reason to end what runs")
    func adoptionWithFailures() {
        var progress = TaskProgress(
            containers: [rules("web")], resuming: .init(hasBeenRunning: true, hasPauseProcess: true))
        _ = progress.handle(.begin)
        #expect(progress.handle(.networkFailed(reason: "x")) == [.startPause])
        #expect(progress.handle(.pauseFailed(reason: "x")) == [.armTimer(.reconnect, .seconds(1))])
        #expect(progress.handle(.timerFired(.reconnect)) == [.startPause])
        #expect(progress.handle(.pauseReady(children: [.init(container: "web", exitCode: nil)])) == [])
        #expect(progress.stop == nil)
        #expect(progress.handle(.pauseDisconnected) == [.startPause])
    }

    @Test("a stop that the loss of the connection interrupted begins anew, to its kill")
    func stopAcrossConnections() {
        var (progress, _) = active([rules("web")])
        _ = progress.handle(.containerStarted("web"))
        _ = progress.handle(.stopRequested(userStop))
        #expect(progress.handle(.pauseDisconnected) == [.startPause])
        // It cannot be delivered.
        #expect(progress.handle(.timerFired(.stop(container: "web"))) == [])
        #expect(
            progress.handle(.pauseReady(children: [.init(container: "web", exitCode: nil)])) == [
                .disarmTimer(.stop(container: "web")), .terminate("web"),
                .armTimer(.stop(container: "web"), .seconds(30)),
            ])
        #expect(progress.handle(.timerFired(.stop(container: "web"))) == [.kill("web")])
        #expect(progress.handle(.containerExited("web", exitCode: 137)).contains(.stopPause))
    }

    @Test("a container whose start and stop the loss of the connection took ends without either")
    func stopOfStartingAcrossConnections() {
        var (progress, _) = active([rules("web")])
        _ = progress.handle(.stopRequested(userStop))
        _ = progress.handle(.pauseDisconnected)
        #expect(
            progress.handle(.pauseReady(children: [])) == [.disarmTimer(.stop(container: "web")), .stopPause])
    }

    @Test("a stop ends a pause process that lives and cannot be reached")
    func stopWithoutConnection() {
        var (progress, _) = active([rules("web", health: true)])
        _ = progress.handle(.containerStarted("web"))
        #expect(progress.handle(.pauseDisconnected) == [.startPause])
        #expect(progress.handle(.stopRequested(userStop)) == [])
        #expect(progress.handle(.pauseFailed(reason: "x")) == [.stopHealthChecks("web"), .stopPause])
        #expect(progress.handle(.timerFired(.reconnect)) == [])
        #expect(progress["web"]?.isStopped == false)
        #expect(progress.handle(.pauseStopped) == [.releaseNetwork])
        #expect(
            progress["web"]?.phase
                == .stopped(
                    .init(exitCode: nil, reason: "The task's pause process was ended, and the container with it")))
        #expect(progress.handle(.networkReleased) == [.finish])
        #expect(progress.stop == userStop)
    }

    @Test("a stop that came between two attempts to reach the pause process is carried out by the next")
    func stopBetweenConnections() {
        var progress = TaskProgress(
            containers: [rules("web")], resuming: .init(hasBeenRunning: true, hasPauseProcess: true))
        _ = progress.handle(.begin)
        _ = progress.handle(.networkReady)
        #expect(progress.handle(.pauseFailed(reason: "x")) == [.armTimer(.reconnect, .seconds(1))])
        #expect(progress.handle(.stopRequested(userStop)) == [])
        #expect(progress.handle(.timerFired(.reconnect)) == [.startPause])
        #expect(progress.handle(.pauseFailed(reason: "x")) == [.stopPause])
    }

    @Test("a container that cannot start and is not essential does not keep the task from RUNNING")
    func nonEssentialCannotStart() {
        var (progress, _) = active([rules("web"), rules("side", essential: false)])
        _ = progress.handle(.containerFailedToStart("side", reason: "x"))
        #expect(!progress.hasBeenRunning)
        _ = progress.handle(.containerStarted("web"))
        #expect(progress.hasBeenRunning)
    }
}

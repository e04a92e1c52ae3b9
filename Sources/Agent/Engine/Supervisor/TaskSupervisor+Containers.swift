// SPDX-License-Identifier: Apache-2.0
import Glibc
import Linux
import Logging
import Pause
import SystemPackage
import TaskDefinitions
import VPC

extension TaskSupervisor {
    func startContainer(_ name: String) async {
        guard let container = definition.container(named: name), let pause else {
            return send(
                .containerFailedToStart(name, reason: "CannotStartContainerError: the task has no pause process"))
        }
        do {
            let launch = try makeLaunch(container)
            let child = try await pause.start(launch)
            take(child)
            if child.root == .tmpfs {
                log.notice(
                    "the state directory's file system cannot hold changes to an image: they are kept in memory",
                    metadata: ["container": "\(name)"])
            }
            send(.containerStarted(name))
        } catch let error as PauseError where error == .disconnected {
            // Whether it runs, the pause process says when it is connected with again; where it ended, nothing does.
            log.debug("connection lost while a container was started", metadata: ["container": "\(name)"])
        } catch {
            log.error("container not started", metadata: ["container": "\(name)", "error": "\(error)"])
            send(.containerFailedToStart(name, reason: "CannotStartContainerError: \(error)"))
        }
    }

    func signal(_ name: String, _ signal: CInt) async {
        do {
            try await pause?.signal(signal, to: name)
        } catch {
            // It may have ended at this very moment; then its exit is on its way.
            log.debug("signal not sent", metadata: ["container": "\(name)", "error": "\(error)"])
        }
    }

    /// The container's launch, with its directories made.
    private func makeLaunch(_ container: ContainerDefinition) throws -> ContainerLaunch {
        let settings = parts.settings
        let directories = ContainerDirectories(of: container, in: definition, taskID: taskID, settings: settings)
        try directories.make()
        if let driver = container.logConfiguration?.logDriver, driver != .jsonFile {
            log.notice(
                "output goes to a json-file log",
                metadata: ["container": "\(container.name)", "instead of": "\(driver)"])
        }
        let files = settings.runtimeDirectory(taskID)
        return try ContainerLaunch(
            container, root: try settings.images.root(of: container.image), layer: directories.layer,
            volumes: directories.volumes, log: settings.logPath(container.name, taskID: taskID), files: files)
    }

    /// Runs the container's health check again and again, until it is cancelled.
    func checkHealth(of name: String) async {
        guard let check = definition.container(named: name)?.healthCheck else { return }
        let record = containers.first { $0.name == name }
        var tracker = HealthTracker(
            retries: check.retries ?? HealthCheck.defaultRetries, startPeriod: .seconds(check.startPeriod ?? 0),
            status: record?.healthStatus ?? .unknown)
        let started = ContinuousClock.now
        // Not the numbers of an earlier daemon's checks: their names may still be in use.
        let first = UInt64.random(in: 1 ... .max / 2)
        for number in first... {
            guard (try? await Task.sleep(for: .seconds(check.interval ?? HealthCheck.defaultInterval))) != nil else {
                return
            }
            let success = await runHealthCheck(check, of: name, number: number)
            if Task.isCancelled { return }
            if let status = tracker.record(success: success, age: started.duration(to: .now)) {
                log.info("container is \(status.rawValue)", metadata: ["container": "\(name)"])
                send(.healthChanged(name, status))
            }
        }
    }

    private func runHealthCheck(_ check: HealthCheck, of container: String, number: UInt64) async -> Bool {
        let definitions = definition.containerDefinitions
        guard let pause, let position = definitions.firstIndex(where: { $0.name == container }) else { return false }
        let definition = definitions[position]
        // No container has a dot in its name. Its position, because the name may be as long as any can be.
        let name = "health.\(position).\(number)"
        commands.begin(name)
        do {
            let command = try CommandLaunch(definition, name: name, arguments: check.arguments)
            try await pause.execute(command, in: container)
            noteHealthCheck(of: container, failure: nil)
        } catch {
            commands.ended(name, nil)
            noteHealthCheck(of: container, failure: "\(error)".replacing(name, with: "health check"))
        }
        let expiry = Task {
            try await Task.sleep(for: .seconds(check.timeout ?? HealthCheck.defaultTimeout))
            try await pause.signal(SIGKILL, to: name)
        }
        defer { expiry.cancel() }
        return await withCheckedContinuation { commands.wait(for: name, $0) } == .exited(0)
    }

    /// Logs what keeps a container's health check from being run, when that is something else than the last time.
    private func noteHealthCheck(of container: String, failure: String?) {
        guard healthCheckFailures[container] != failure, !Task.isCancelled else { return }
        healthCheckFailures[container] = failure
        guard let failure else { return }
        log.warning("health check not run", metadata: ["container": "\(container)", "error": "\(failure)"])
    }
}

// SPDX-License-Identifier: Apache-2.0
import ECSAPI
import ECSClient
import Foundation
import Glibc
import Linux
import Synchronization
import SystemPackage
import VPC

/// Threads that put task networks up and down, one after the other each: two tasks for every sandbox.
final class SoakWorkers: Sendable {
    private let daemon: DaemonUnderTest
    private let count: Int
    private let next = Mutex(0)
    private let failures = Mutex<[String]>([])

    init(_ daemon: DaemonUnderTest, count: Int) {
        self.daemon = daemon
        self.count = count
    }

    /// - Parameter first: the number of the first one.
    /// - Returns: what failed.
    func run(_ batch: Int, from first: Int) -> [String] {
        next.withLock { $0 = first }
        let ended = DispatchSemaphore(value: 0)
        for worker in 0..<count {
            Thread.detachNewThread { [self] in
                work(worker, until: first + batch)
                ended.signal()
            }
        }
        for _ in 0..<count { ended.wait() }
        return failures.withLock { $0 }
    }

    private func work(_ worker: Int, until end: Int) {
        while failures.withLock({ $0.isEmpty }) {
            let number = next.withLock { next in
                defer { next += 1 }
                return next
            }
            guard number < end else { return }
            do {
                if number % 3 == 2 { try sandbox(number, worker) } else { try task(number) }
            } catch {
                failures.withLock { $0.append("network \(number): \(error)") }
            }
        }
    }

    private func task(_ number: Int) throws {
        var input = RunTask.Input(taskDefinition: "brief")
        input.networkConfiguration = NetworkConfiguration(
            awsvpcConfiguration: .init(
                subnets: [TrialHost.subnets[0].id], securityGroups: [TrialHost.baseGroup]))
        let output = try daemon.client.call(RunTask.self, input)
        guard let arn = output.tasks?.first?.taskArn else { throw TrialFailure("no task: \(output)") }
        while true {
            // One that is not there any more has stopped and was forgotten.
            guard let task = try daemon.client.call(DescribeTasks.self, .init(tasks: [arn])).tasks?.first else {
                return
            }
            if task.lastStatus == .stopped {
                guard task.stopCode == .essentialContainerExited, task.containers?.first?.exitCode == 0 else {
                    throw TrialFailure("\(task.stoppedReason ?? "stopped")")
                }
                return
            }
            usleep(20_000)
        }
    }

    private func sandbox(_ number: Int, _ worker: Int) throws {
        let path = daemon.host.namespaceDirectory.appending("w\(worker)")
        _ = try NetworkNamespace.create(at: path)
        defer { try? NetworkNamespace.remove(at: path) }
        var input = TaskNetworkAPI.AddSandboxNetworkInterface.Input(
            network: "soak", containerId: "n\(number)", interfaceName: "eth0", networkNamespace: path.string)
        input.securityGroups = [TrialHost.baseGroup]
        _ = try daemon.client.call(TaskNetworkAPI.AddSandboxNetworkInterface.self, input)
        _ = try daemon.client.call(
            TaskNetworkAPI.DeleteSandboxNetworkInterface.self,
            .init(network: "soak", containerId: "n\(number)", interfaceName: "eth0"))
    }
}

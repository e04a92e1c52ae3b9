// SPDX-License-Identifier: Apache-2.0
import Glibc
package import Linux
import Synchronization
package import SystemPackage

/// A tasknetd of one's own, started and ended as often as is wanted.
package final class DaemonProcess: Sendable {
    /// With the programs as they were built.
    package let programs: FilePath
    package let configuration: FilePath
    /// What it writes is appended here.
    package let log: FilePath
    private let readySocket: FilePath
    private let process = Mutex<ProcessHandle?>(nil)

    /// - Parameter readySocket: where it is to say that it is ready; the path has to be free.
    package init(programs: FilePath, configuration: FilePath, log: FilePath, readySocket: FilePath) {
        self.programs = programs
        self.configuration = configuration
        self.log = log
        self.readySocket = readySocket
    }

    package var pid: CInt? { process.withLock { $0?.pid } }

    /// It is gone, or was never started.
    package var isDead: Bool { process.withLock { $0.map { !$0.isAlive } ?? true } }

    package enum Start: Hashable { case ready, died(ExitStatus), late }

    /// Starts it, without waiting.
    ///
    /// - Parameter environment: "NAME=value", beside what it always has.
    package func launch(environment: [String] = []) throws -> Starting {
        let socket = try ReadySocket(readySocket)
        let log = try OwnedDescriptor.open(log, O_WRONLY | O_CREAT | O_APPEND, mode: 0o600)
        let program = Program(
            path: programs.appending("tasknetd"), arguments: ["tasknetd", "--config", configuration.string],
            environment: environment + [
                "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C", "NOTIFY_SOCKET=\(socket.path)",
                "TASKNET_PAUSE_EXECUTABLE=\(programs.appending("tasknet-pause"))",
            ],
            descriptors: log.withRaw { [1: $0, 2: $0] })
        let started = try program.spawn()
        process.withLock { $0 = started }
        return Starting(process: started, socket: socket)
    }

    /// Starts it and waits until it is ready.
    package func start(environment: [String] = [], within seconds: Int = 60) throws -> Start {
        let starting = try launch(environment: environment)
        switch try starting.socket.wait(for: starting.process, seconds: seconds) {
        case .ready: return .ready
        case .late: return .late
        case .dead:
            process.withLock { $0 = nil }
            return .died(try starting.process.reap())
        }
    }

    package func signal(_ number: CInt) { _ = try? process.withLock { $0 }?.signal(number) }

    /// Ends it by a signal, and waits.
    /// - Returns: how it ended; nil where there was none.
    @discardableResult
    package func end(_ number: CInt) throws -> ExitStatus? {
        guard let process = process.withLock({ $0.take() }) else { return nil }
        try process.signal(number)
        return try process.reap()
    }

    /// Waits until it is dead.
    package func waitForDeath(until deadline: ContinuousClock.Instant) throws -> Bool {
        guard let process = process.withLock({ $0 }) else { return true }
        return try process.waitForExit(until: deadline)
    }

    /// A daemon on its way up.
    package struct Starting: ~Copyable {
        package let process: ProcessHandle
        package let socket: ReadySocket

        package consuming func intoSocket() -> ReadySocket { socket }
    }
}

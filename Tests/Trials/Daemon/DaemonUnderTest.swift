// SPDX-License-Identifier: Apache-2.0
import ControlClient
import Foundation
import Glibc
import Linux
import Synchronization
import SystemPackage

/// The daemon, started and killed as often as is wanted.
final class DaemonUnderTest: Sendable {
    let host: TrialHost
    private let extraEnvironment: [String]
    private let process = Mutex<ProcessHandle?>(nil)

    init(_ host: TrialHost, environment: [String] = []) {
        self.host = host
        extraEnvironment = environment
    }

    /// A client with room for a debug build on a busy machine.
    var client: ControlClient {
        ControlClient(socketPath: host.socketPath, timeout: .seconds(60))
    }

    var pid: CInt? { process.withLock { $0?.pid } }

    /// The daemon is gone, or was never started.
    var isDead: Bool { process.withLock { $0.map { !$0.isAlive } ?? true } }

    enum Start: Hashable { case ready, died(ExitStatus), late }

    /// Starts it, without waiting.
    func launch(dyingAt fault: Fault?) throws -> Starting {
        let socket = try ReadySocket(host.directory.appending("notify"))
        let log = try OwnedDescriptor.open(host.logPath, O_WRONLY | O_CREAT | O_APPEND, mode: 0o600)
        var environment = extraEnvironment
        environment += [
            "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C", "NOTIFY_SOCKET=\(socket.path)",
            "TASKNET_PAUSE_EXECUTABLE=\(host.programs.appending("tasknet-pause"))",
        ]
        if let fault { environment.append("TASKNET_FAULT_POINT=\(fault)") }
        let program = Program(
            path: host.programs.appending("tasknetd"),
            arguments: ["tasknetd", "--config", host.configurationPath.string], environment: environment,
            descriptors: log.withRaw { [1: $0, 2: $0] })
        let started = try program.spawn()
        process.withLock { $0 = started }
        return Starting(process: started, socket: socket)
    }

    /// Starts it and waits until it is ready.
    func start(dyingAt fault: Fault? = nil, within seconds: Int = 60) throws -> Start {
        let starting = try launch(dyingAt: fault)
        switch try starting.socket.wait(for: starting.process, seconds: seconds) {
        case .ready: return .ready
        case .late: return .late
        case .dead:
            process.withLock { $0 = nil }
            return .died(try starting.process.reap())
        }
    }

    func signal(_ number: CInt) { _ = try? process.withLock { $0 }?.signal(number) }

    /// Ends it by a signal, and waits.
    /// - Returns: how it ended; nil where there was none.
    @discardableResult
    func end(_ number: CInt) throws -> ExitStatus? {
        guard let process = process.withLock({ $0.take() }) else { return nil }
        try process.signal(number)
        return try process.reap()
    }

    /// Waits until it is dead.
    func waitForDeath(until deadline: ContinuousClock.Instant) throws -> Bool {
        guard let process = process.withLock({ $0 }) else { return true }
        return try process.waitForExit(until: deadline)
    }

    /// A daemon on its way up.
    struct Starting: ~Copyable {
        let process: ProcessHandle
        let socket: ReadySocket
    }
}

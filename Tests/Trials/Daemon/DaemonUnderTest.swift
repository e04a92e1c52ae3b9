// SPDX-License-Identifier: Apache-2.0
import ControlClient
import Linux
import SystemPackage
import UnderTest

/// The trial's daemon, started and killed as often as is wanted.
final class DaemonUnderTest: Sendable {
    let host: TrialHost
    private let extraEnvironment: [String]
    private let process: DaemonProcess

    init(_ host: TrialHost, environment: [String] = []) {
        self.host = host
        extraEnvironment = environment
        process = DaemonProcess(
            programs: host.programs, configuration: host.configurationPath, log: host.logPath,
            readySocket: host.directory.appending("notify"))
    }

    /// A client with room for a debug build on a busy machine.
    var client: ControlClient {
        ControlClient(socketPath: host.socketPath, timeout: .seconds(60))
    }

    var pid: CInt? { process.pid }

    /// The daemon is gone, or was never started.
    var isDead: Bool { process.isDead }

    /// Starts it, without waiting.
    func launch(dyingAt fault: Fault?) throws -> DaemonProcess.Starting {
        try process.launch(environment: environment(fault))
    }

    /// Starts it and waits until it is ready.
    func start(dyingAt fault: Fault? = nil, within seconds: Int = 60) throws -> DaemonProcess.Start {
        try process.start(environment: environment(fault), within: seconds)
    }

    private func environment(_ fault: Fault?) -> [String] {
        extraEnvironment + (fault.map { ["TASKNET_FAULT_POINT=\($0)"] } ?? [])
    }

    func signal(_ number: CInt) { process.signal(number) }

    /// Ends it by a signal, and waits.
    /// - Returns: how it ended; nil where there was none.
    @discardableResult
    func end(_ number: CInt) throws -> ExitStatus? { try process.end(number) }

    /// Waits until it is dead.
    func waitForDeath(until deadline: ContinuousClock.Instant) throws -> Bool {
        try process.waitForDeath(until: deadline)
    }
}

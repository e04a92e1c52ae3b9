// SPDX-License-Identifier: Apache-2.0
import Glibc
import ServiceLifecycle

/// Keeps systemd's watchdog quiet for as long as the daemon can prove that it works.
///
/// The proof is an answer: a daemon that hangs sends nothing, and systemd aborts and restarts it.
package struct Watchdog: Service {
    private let notifier: ServiceNotifier
    private let interval: Duration
    private let proveAlive: @Sendable () async throws -> Void

    /// - Parameter proveAlive: returns when the parts of the daemon that must not hang have answered.
    /// - Returns: nil where systemd watches nobody, or another process.
    package init?(
        notifier: ServiceNotifier?, environment: [String: String],
        proveAlive: @escaping @Sendable () async throws -> Void
    ) {
        guard let notifier, let interval = Self.interval(environment, processID: getpid()) else { return nil }
        self.notifier = notifier
        self.interval = interval
        self.proveAlive = proveAlive
    }

    /// Half the time after which systemd gives up on the process.
    static func interval(_ environment: [String: String], processID: Int32) -> Duration? {
        guard let microseconds = environment["WATCHDOG_USEC"].flatMap({ Int64($0) }), microseconds > 0 else {
            return nil
        }
        if let watched = environment["WATCHDOG_PID"], Int32(watched) != processID { return nil }
        return .microseconds(microseconds / 2)
    }

    package func run() async throws {
        // The group ends its services one by one, in reverse: the first of them is watched to the very end.
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                if (try? await proveAlive()) != nil { notifier.notify(.watchdog) }
                try? await Task.sleep(for: interval)
            }
        }
    }
}

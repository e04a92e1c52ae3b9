// SPDX-License-Identifier: Apache-2.0
import CLinux
import Glibc
import SystemPackage

/// A process that cannot be mistaken for a later one with the same number. The corresponding C type is a pidfd.
package final class ProcessHandle: Sendable, CustomStringConvertible {
    package let pid: CInt
    /// When it started, in clock ticks since boot (field 22 of /proc/<pid>/stat). With the pid and the boot id this names
    /// the process also after a restart of ours.
    package let startTime: UInt64
    private let descriptor: OwnedDescriptor

    /// The process that has this number now.
    ///
    /// - Throws: `ESRCH` when there is none.
    package init(pid: CInt) throws(LinuxError) {
        let raw = tasknet_pidfd_open(pid, 0)
        guard raw >= 0 else { throw .last(Self.opening, "\(pid)") }
        let descriptor = OwnedDescriptor(raw)
        do {
            startTime = try Self.startTime(of: pid)
        } catch {
            throw LinuxError(
                Self.opening, "\(pid)", error.errno == .noSuchFileOrDirectory ? .noSuchProcess : error.errno)
        }
        // While the process is there its number cannot be given to another, so what was read was its own.
        if descriptor.withRaw({ tasknet_pidfd_send_signal($0, 0) }) != 0, Errno.last == .noSuchProcess {
            throw LinuxError(Self.opening, "\(pid)", .noSuchProcess)
        }
        self.pid = pid
        self.descriptor = descriptor
    }

    /// The process that had this number and start time.
    ///
    /// - Throws: `ESRCH` when it is gone, whoever has its number now.
    package convenience init(pid: CInt, startTime: UInt64) throws(LinuxError) {
        try self.init(pid: pid)
        guard self.startTime == startTime else {
            throw LinuxError(
                Self.opening, "\(pid)", .noSuchProcess, reason: "the number belongs to another process now")
        }
    }

    package var description: String { "process \(pid)" }

    /// Whether it has not ended yet. A zombie has ended.
    package var isAlive: Bool {
        (try? waitForExit(until: .now)) == false
    }

    /// The pidfd's number, for as long as the body runs: for setns(2) and for events.
    package func withRawDescriptor<Result, Failure: Error>(
        _ body: (CInt) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try descriptor.withRaw(body)
    }

    /// Sends a signal. The corresponding C function is `pidfd_send_signal`.
    ///
    /// - Returns: false when the process is gone.
    @discardableResult
    package func signal(_ signal: CInt) throws(LinuxError) -> Bool {
        guard descriptor.withRaw({ tasknet_pidfd_send_signal($0, signal) }) != 0 else { return true }
        let errno = Errno.last
        guard errno == .noSuchProcess else { throw LinuxError("send signal \(signal) to", description, errno) }
        return false
    }

    /// Waits until the process has ended. Blocks the thread.
    ///
    /// - Parameter deadline: nil waits for ever.
    /// - Returns: false when the deadline came first.
    package func waitForExit(until deadline: ContinuousClock.Instant? = nil) throws(LinuxError) -> Bool {
        try descriptor.waitUntilReadable(until: deadline)
    }

    /// Waits until the process has ended, without holding a thread. Returns at once when the task is cancelled.
    package func exited() async {
        await descriptor.untilReadable()
    }

    /// How a child of ours ended, after which its number is free. Blocks until it has.
    ///
    /// - Throws: `ECHILD` when it is not our child, or was asked already.
    package func reap() throws(LinuxError) -> ExitStatus {
        var info = siginfo_t()
        let status = descriptor.withRaw { raw in
            retryingOnInterrupt { waitid(P_PIDFD, id_t(raw), &info, WEXITED) }
        }
        guard status == 0 else { throw .last("wait for", description) }
        let code = info._sifields._sigchld.si_status
        return info.si_code == CInt(CLD_EXITED) ? .exited(code) : .signaled(code)
    }
}

extension ProcessHandle {
    private static let opening = "open process"

    private static func startTime(of pid: CInt) throws(LinuxError) -> UInt64 {
        let path = "/proc/\(pid)/stat"
        let text = try TextFile.read(path)
        // The second field is the program's name in parentheses, and may have anything in it.
        guard let name = text.lastIndex(of: ")") else { throw LinuxError("read", path, .badMessage) }
        let fields = text[text.index(after: name)...].split(separator: " ")
        guard fields.count > 19, let startTime = UInt64(fields[19]) else {
            throw LinuxError("read", path, .badMessage)
        }
        return startTime
    }
}

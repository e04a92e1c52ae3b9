// SPDX-License-Identifier: Apache-2.0
import Glibc
import SystemPackage

/// Waiting for a descriptor that somebody else keeps open meanwhile.
package enum Readiness {
    /// Waits until there is something to read, or the other side has gone. Blocks the thread.
    ///
    /// - Parameter deadline: nil waits for ever; one in the past only looks.
    /// - Returns: false when the deadline came first.
    package static func wait(for raw: CInt, until deadline: ContinuousClock.Instant?) throws(LinuxError) -> Bool {
        while true {
            var entry = pollfd(fd: raw, events: Int16(POLLIN), revents: 0)
            let status = poll(&entry, 1, milliseconds(until: deadline))
            if status > 0 { return true }
            if status < 0 {
                let errno = Errno.last
                guard errno == .interrupted else { throw LinuxError("wait for", "descriptor \(raw)", errno) }
            } else if let deadline, ContinuousClock.now >= deadline {
                return false
            }
        }
    }

    /// Waits until there is something to read, or the other side has gone, without holding a thread.
    ///
    /// Returns at once, with nothing to read, when the task is cancelled.
    package static func wait(for raw: CInt) async { await prompt.wait(for: raw) }

    /// The same for what is told in many pieces, a moment apart, by a change of which the reader is not a part: it returns
    /// when that is most likely over, and does not hold it up.
    package static func waitForMore(of raw: CInt) async { await patient.wait(for: raw) }

    private static let prompt = Poller("readiness")
    private static let patient = Poller("events", pause: .milliseconds(10))

    /// poll(2)'s time-out: rounded up, so that a wait does not end before its deadline and turn into a busy loop.
    private static func milliseconds(until deadline: ContinuousClock.Instant?) -> CInt {
        guard let deadline else { return -1 }
        let left = ContinuousClock.now.duration(to: deadline)
        guard left > .zero else { return 0 }
        let (seconds, attoseconds) = left.components
        guard seconds < 1_000_000 else { return 1_000_000_000 }
        return CInt(seconds * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
    }
}

extension OwnedDescriptor {
    /// Waits until there is something to read, or the other side has gone. Blocks the thread.
    ///
    /// - Parameter deadline: nil waits for ever; one in the past only looks.
    /// - Returns: false when the deadline came first.
    package func waitUntilReadable(until deadline: ContinuousClock.Instant?) throws(LinuxError) -> Bool {
        try withRaw { raw throws(LinuxError) in try Readiness.wait(for: raw, until: deadline) }
    }

    /// Waits until there is something to read, or the other side has gone, without holding a thread.
    ///
    /// Returns at once, with nothing to read, when the task is cancelled.
    package func untilReadable() async {
        await Readiness.wait(for: withRaw { $0 })
    }
}

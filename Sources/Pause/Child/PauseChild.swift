// SPDX-License-Identifier: Apache-2.0
import CLinux
package import Linux

/// A container, or a command that runs in one, as the pause process knows it.
package struct PauseChild: Hashable, Sendable {
    package enum State: Hashable, Sendable {
        /// Its command does not run yet.
        case starting
        case running
        case exited(ExitStatus)
    }

    /// How a container's root file system was made.
    package enum Root: String, Hashable, Sendable {
        /// The host's own.
        case host
        /// An image below the layer that was given.
        case overlay
        /// An image below a layer in memory, because none was given, or its file system cannot be one.
        case tmpfs
        case readOnly = "read-only"
    }

    package let name: String
    /// The container that an executed command runs in; nil for a container.
    package let container: String?
    package let state: State
    /// The main process as the host sees it; 0 while there is none.
    package let pid: CInt
    /// Its start in clock ticks since boot: with the pid it names the process.
    package let startTime: UInt64
    /// Nanoseconds since 1970.
    package let created: UInt64
    /// Nanoseconds since 1970, when the command began to run; nil before.
    package let started: UInt64?
    /// Nanoseconds since 1970, when nothing of it was left; nil before.
    package let finished: UInt64?
    /// Nil while it starts, and for an executed command.
    package let root: Root?

    package var exitStatus: ExitStatus? {
        guard case .exited(let status) = state else { return nil }
        return status
    }

    init?(_ message: Message) {
        guard let name = message[TASKNET_PAUSE_KEY_NAME], let state = State(message) else { return nil }
        self.name = name
        self.state = state
        container = message[TASKNET_PAUSE_KEY_CONTAINER]
        pid = message.number(TASKNET_PAUSE_KEY_PID) ?? 0
        startTime = message.number(TASKNET_PAUSE_KEY_START_TIME) ?? 0
        created = message.number(TASKNET_PAUSE_KEY_CREATED) ?? 0
        started = message.number(TASKNET_PAUSE_KEY_STARTED).flatMap { $0 > 0 ? $0 : nil }
        finished = message.number(TASKNET_PAUSE_KEY_FINISHED).flatMap { $0 > 0 ? $0 : nil }
        root = message[TASKNET_PAUSE_KEY_ROOT].flatMap(Root.init)
    }
}

extension PauseChild.State {
    fileprivate init?(_ message: Message) {
        switch message[TASKNET_PAUSE_KEY_STATE] {
        case TASKNET_PAUSE_STATE_STARTING: self = .starting
        case TASKNET_PAUSE_STATE_RUNNING: self = .running
        case TASKNET_PAUSE_STATE_EXITED:
            let signal: CInt = message.number(TASKNET_PAUSE_KEY_SIGNAL) ?? 0
            self = .exited(signal > 0 ? .signaled(signal) : .exited(message.number(TASKNET_PAUSE_KEY_CODE) ?? 0))
        default: return nil
        }
    }
}

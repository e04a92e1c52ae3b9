// SPDX-License-Identifier: Apache-2.0
import CLinux

/// What the pause process tells without being asked.
package enum PauseEvent: Hashable, Sendable {
    /// A command runs that another connection (one of before a restart, say) had asked for.
    case started(PauseChild)
    /// A command that another connection had asked for could not be started.
    case failed(name: String, error: PauseError)
    /// A container or an executed command has ended, whoever had asked for it. All that it wrote is in its log.
    case exited(PauseChild)

    /// Nil for what is no event, or is one of a later version.
    init?(_ message: Message) {
        switch message.verb {
        case TASKNET_PAUSE_STARTED:
            guard let child = PauseChild(message) else { return nil }
            self = .started(child)
        case TASKNET_PAUSE_FAILED:
            guard let name = message[TASKNET_PAUSE_KEY_NAME] else { return nil }
            self = .failed(name: name, error: message.error)
        case TASKNET_PAUSE_EXITED:
            guard let child = PauseChild(message) else { return nil }
            self = .exited(child)
        default: return nil
        }
    }
}

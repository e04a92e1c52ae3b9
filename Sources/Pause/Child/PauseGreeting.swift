// SPDX-License-Identifier: Apache-2.0
import CLinux

/// What a pause process says of itself.
package struct PauseGreeting: Hashable, Sendable {
    /// Of the protocol.
    package let version: Int
    package let pid: CInt
    package let hostname: String

    /// The version that this program speaks. The corresponding C constant is `TASKNET_PAUSE_VERSION`.
    package static let ownVersion = Int(TASKNET_PAUSE_VERSION)

    init?(_ message: Message) {
        guard let version: Int = message.number(TASKNET_PAUSE_KEY_VERSION),
            let pid: CInt = message.number(TASKNET_PAUSE_KEY_PID), let hostname = message[TASKNET_PAUSE_KEY_HOSTNAME]
        else { return nil }
        self.version = version
        self.pid = pid
        self.hostname = hostname
    }
}

// SPDX-License-Identifier: Apache-2.0
package import Addressing

/// Why a network is not wholly mended. All that could be is.
package struct RepairError: Error, CustomStringConvertible {
    package enum Cause: Hashable, Sendable {
        /// No namespace is at the plan's path, and no new one is made there: whoever lives in the old one would stay without.
        case namespaceGone(AbsolutePath)
        /// A NIC is neither in the task nor on the host: it is taken when it is there again.
        case deviceGone(MACAddress)
        /// What the steps say.
        case other
    }

    package let cause: Cause
    /// The steps that failed, each with its reason. None without a namespace.
    package let steps: [TaskNetworkError]

    package var description: String {
        switch cause {
        case .namespaceGone(let path):
            "the task's namespace is not at \(path) any more: bind it there again, or stop the task"
        case .deviceGone(let mac):
            "the device \(mac) is neither in the task nor on the host: attach it to this host again, or detach the ENI"
        case .other: steps.map(\.description).joined(separator: "; ")
        }
    }
}

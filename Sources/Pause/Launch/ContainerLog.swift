// SPDX-License-Identifier: Apache-2.0
import CLinux
package import SystemPackage

/// Where a container's output goes.
package enum ContainerLog: Hashable, Sendable {
    /// Nowhere.
    case none
    /// Into a file of Docker's json-file form, whose directory exists. It is rotated when it reaches `maximumSize` bytes
    /// (nil: 10 MiB) into `maximumFiles` (nil: 3) in all: the file, `.1` and so on.
    case jsonFile(FilePath, maximumSize: UInt64? = nil, maximumFiles: Int? = nil)

    func write(to message: inout MessageWriter) throws(PauseError) {
        switch self {
        case .none: try message.add(TASKNET_PAUSE_KEY_LOG, TASKNET_PAUSE_LOG_NONE)
        case .jsonFile(let path, let maximumSize, let maximumFiles):
            try message.add(TASKNET_PAUSE_KEY_LOG, path.string)
            if let maximumSize { try message.add(TASKNET_PAUSE_KEY_LOG_SIZE, String(maximumSize)) }
            if let maximumFiles { try message.add(TASKNET_PAUSE_KEY_LOG_FILES, String(maximumFiles)) }
        }
    }
}

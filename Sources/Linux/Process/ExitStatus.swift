// SPDX-License-Identifier: Apache-2.0

/// How a process ended.
package enum ExitStatus: Hashable, Sendable, CustomStringConvertible {
    case exited(CInt)
    case signaled(CInt)

    /// What a shell reports: the exit code, or 128 and the signal's number.
    package var code: CInt {
        switch self {
        case .exited(let code): code
        case .signaled(let signal): 128 + signal
        }
    }

    package var description: String {
        switch self {
        case .exited(let code): "exit code \(code)"
        case .signaled(let signal): "killed by signal \(signal)"
        }
    }
}

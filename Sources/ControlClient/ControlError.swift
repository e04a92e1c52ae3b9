// SPDX-License-Identifier: Apache-2.0

import JSON
package import SystemPackage

/// Why an operation of the control API has no result.
package enum ControlError: Error, Sendable {
    /// Nobody answered at the socket.
    case unavailable(socketPath: String, Errno)
    /// Somebody was reached, but the exchange broke off.
    case interrupted(socketPath: String, operation: String, Errno)
    /// No whole answer within the time allowed, in seconds.
    case timedOut(socketPath: String, operation: String, seconds: Double)
    /// What came back is not HTTP, or too much of it.
    case notHTTP(socketPath: String, operation: String, HTTPError)
    /// The daemon's own error.
    case refused(operation: String, ControlRefusal)
    /// An answer with an error status that is not the API's.
    case unexpectedStatus(socketPath: String, operation: String, status: Int, excerpt: String)
    /// A result that does not have the operation's shape: the other side is of another version, or is not tasknetd.
    case unreadable(operation: String, detail: String)
}

extension ControlError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unavailable(let path, let errno):
            Self.unavailable(path, errno)
        case .interrupted(let path, let operation, let errno):
            "\(operation): the connection to tasknetd (\(path)) broke off: \(errno)"
        case .timedOut(let path, let operation, let seconds):
            "\(operation): no answer from tasknetd (\(path)) within \(Self.number(seconds)) s; "
                + "see what it is doing: journalctl -u tasknetd"
        case .notHTTP(let path, let operation, let error):
            "\(operation): \(error); is it tasknetd that serves \(path)?"
        case .refused(let operation, let error):
            "\(operation): \(EscapedText.of(error.message)) (\(EscapedText.of(error.type)))"
        case .unexpectedStatus(let path, let operation, let status, let excerpt):
            "\(operation): HTTP status \(status) from \(path): \(excerpt); is it tasknetd that serves it?"
        case .unreadable(let operation, let detail):
            "\(operation): the answer cannot be read: \(detail); are tasknet and tasknetd of the same version?"
        }
    }

    /// What stopped the connection, whether the daemon runs, and the mend.
    private static func unavailable(_ path: String, _ errno: Errno) -> String {
        let quoted = EscapedText.of(path)
        return switch errno {
        case .noSuchFileOrDirectory:
            "tasknetd is not running: there is no socket at \(quoted). Start it with \"systemctl start tasknetd\", or name "
                + "another socket (TASKNET_SOCKET)"
        case .connectionRefused:
            "tasknetd is not running: nobody listens on the socket \(quoted). Start it with \"systemctl start tasknetd\"; "
                + "why it ended: \"journalctl -u tasknetd\""
        case .permissionDenied, .notPermitted:
            "the socket \(quoted) may not be used by this user. Use sudo, or join the group that owns it with "
                + "\"sudo usermod -aG tasknet $USER\" and log in again"
        case .fileNameTooLong:
            "the path of the socket is too long for a unix socket (107 bytes at most): \(quoted)"
        case .timedOut:
            "tasknetd takes no connections at \(quoted): it is there but does not answer. See \"systemctl status tasknetd\""
        case .protocolWrongTypeForSocket:
            "the socket \(quoted) is of another kind: it is not tasknetd's"
        default:
            "cannot connect to tasknetd at \(quoted): \(errno)"
        }
    }

    private static func number(_ seconds: Double) -> String {
        seconds == seconds.rounded() ? String(Int(seconds)) : String(seconds)
    }
}

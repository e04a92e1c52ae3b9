// SPDX-License-Identifier: Apache-2.0

import CNI
import ControlClient
import JSON
import SystemPackage

/// tasknetd, as the plugin asks it.
struct Daemon {
    private var client: ControlClient

    /// - Parameters:
    ///   - socketPath: the usual one when nil.
    ///   - timeout: how long an operation may take; a runtime waits for it.
    init(socketPath: String?, timeout: Duration) {
        client = ControlClient(socketPath: socketPath ?? ControlClient.defaultSocketPath, timeout: timeout)
    }

    var socketPath: String { client.socketPath }

    /// Time that the daemon itself may wait before it answers.
    mutating func allowMore(_ time: Duration) { client.timeout += time }

    /// Performs an operation of `TaskNetwork` and gives its result.
    ///
    /// - Throws: code 7 for what the daemon does not accept, 11 when it is not there, 100 when it could not do it.
    func call(_ operation: String, _ input: JSONNode) throws(CNIError) -> JSONNode {
        do throws(ControlError) {
            return try exchange(operation, input)
        } catch {
            throw Self.answer(error)
        }
    }

    /// Performs an operation that is without result.
    ///
    /// - Returns: false where there is no daemon that could.
    func perform(_ operation: String, _ input: JSONNode) throws(CNIError) -> Bool {
        do throws(ControlError) {
            _ = try exchange(operation, input)
            return true
        } catch {
            if error.isAbsence { return false }
            throw Self.answer(error)
        }
    }

    private func exchange(_ operation: String, _ input: JSONNode) throws(ControlError) -> JSONNode {
        let answer = try client.send(target: "TaskNetwork.\(operation)", body: Array(input.compactText.utf8))
        do {
            return try JSONParser.parse(answer)
        } catch {
            throw .unreadable(operation: operation, detail: "\(error)")
        }
    }

    private static func answer(_ error: ControlError) -> CNIError {
        if error.isAbsence { return CNIError(.tryAgainLater, "tasknetd cannot be asked", details: "\(error)") }
        guard case .refused(_, let refusal) = error else { return CNIError(.failed, "\(error)") }
        return switch refusal.type {
        case "InvalidParameterException", "SerializationException", "RequestEntityTooLargeException":
            CNIError(.invalidConfiguration, refusal.message)
        case "UnsupportedFeatureException": CNIError(.unsupportedField, refusal.message)
        case "UnknownOperationException":
            CNIError(.failed, "tasknetd is older than its CNI plugin", details: "systemctl restart tasknetd")
        default: CNIError(.failed, refusal.message)
        }
    }
}

extension ControlError {
    /// Whether the daemon is not there, or went away, and another try may find it.
    fileprivate var isAbsence: Bool {
        switch self {
        case .unavailable(_, let errno): [.noSuchFileOrDirectory, .connectionRefused, .timedOut].contains(errno)
        case .interrupted, .timedOut, .notHTTP(_, _, .closedEarly): true
        case .notHTTP, .refused, .unexpectedStatus, .unreadable: false
        }
    }
}

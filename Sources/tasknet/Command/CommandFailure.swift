// SPDX-License-Identifier: Apache-2.0

import ControlClient
import ECSAPI
import Linux
import SystemPackage

/// How tasknet ends. `docs/cli.md` and the help text of the program tell the same.
enum CommandStatus: Int32, Sendable {
    case success = 0
    /// The daemon refused, or something went wrong.
    case failure = 1
    /// A task, container, ENI or file that was named is not there, or the name fits several.
    case notFound = 2
    /// `why`: the destination is not reachable.
    case unreachable = 3
    /// `why`: the model and the kernel disagree.
    case drift = 4
    /// EX_USAGE
    case usage = 64
    /// EX_DATAERR: a file was read and cannot be used.
    case badData = 65
    /// EX_UNAVAILABLE: nobody answers at the control socket.
    case unavailable = 69
    /// EX_TEMPFAIL: what was waited for did not happen in time.
    case timedOut = 75
    /// EX_NOPERM
    case notPermitted = 77
}

/// Why a command ends without success.
struct CommandFailure: Error, Sendable {
    /// One or several lines without the program's name; empty where all has been said.
    var message: String
    var status: CommandStatus

    init(_ message: String, _ status: CommandStatus = .failure) {
        self.message = message
        self.status = status
    }

    /// The failure that an error of a lower room amounts to.
    init(_ error: any Error) {
        switch error {
        case let error as CommandFailure: self = error
        case let error as ControlError: self.init(error)
        case let error as LinuxError: self.init(error)
        default: self.init("\(error)")
        }
    }

    private init(_ error: ControlError) {
        switch error {
        case .unavailable(_, .permissionDenied), .unavailable(_, .notPermitted):
            self.init(error.description, .notPermitted)
        case .unavailable: self.init(error.description, .unavailable)
        case .timedOut: self.init(error.description, .timedOut)
        case .refused(_, let refusal) where refusal.type == "AccessDeniedException":
            self.init(error.description, .notPermitted)
        case .refused(_, let refusal) where refusal.type == "ResourceNotFoundException":
            self.init(error.description, .notFound)
        default: self.init(error.description)
        }
    }

    private init(_ error: LinuxError) {
        let isPermission = error.errno == .notPermitted || error.errno == .permissionDenied
        self.init(error.description, isPermission ? .notPermitted : .failure)
    }
}

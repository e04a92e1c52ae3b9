// SPDX-License-Identifier: Apache-2.0
import ECSAPI
import FoundationEssentials
import TaskNetworking
import VPC

/// The protocol's own errors, and what becomes of the daemon's.
extension APIError {
    static func unknownOperation(_ target: String) -> APIError {
        APIError(
            type: "UnknownOperationException",
            message: target.isEmpty ? "X-Amz-Target is missing" : "unknown operation \(target)")
    }

    /// What came is no request of the protocol at all.
    static func notAnOperation(method: String, path: String) -> APIError {
        APIError(
            type: "UnknownOperationException",
            message: "\(method) \(path) is not an operation: send POST / with X-Amz-Target", httpStatus: 404)
    }

    static func accessDenied(userID: UInt32) -> APIError {
        APIError(
            type: "AccessDeniedException",
            message: "user \(userID) may not use tasknet: become root, or a member of the control socket's group",
            httpStatus: 403)
    }

    static func requestTooLarge(_ target: String, limit: Int) -> APIError {
        APIError(
            type: "RequestEntityTooLargeException",
            message: target == RegisterTaskDefinition.target
                ? "the request is larger than \(limit) bytes; AWS takes definitions of up to 64 KiB"
                : "the request is larger than \(limit) bytes: send less at once",
            httpStatus: 413)
    }

    /// Any error as the caller is told of it.
    init(reporting error: any Error) {
        switch error {
        case let error as APIError: self = error
        case let failure as ValidationFailure: self.init(failure)
        case StoreError.invalidToken: self = .invalidParameter("Invalid token. (\(error))")
        // What the store refuses because of what the caller asked for.
        case StoreError.addressTaken, StoreError.macAddressTaken, StoreError.duplicate:
            self = .invalidParameter("\(error)")
        case let error as AddressPoolError:
            // The request is right, and may be done later.
            if case .full = error.kind { self = .client("\(error)") } else { self = .invalidParameter("\(error)") }
        case is NetworkServiceError, is PlanError, is NameError, is SandboxError, is DeviceError:
            self = .invalidParameter("\(error)")
        // Local callers can do more with the true reason than with "internal failure".
        default: self = .server("\(error)")
        }
    }
}

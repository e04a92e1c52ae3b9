// SPDX-License-Identifier: Apache-2.0
package import ECSAPI
import FoundationEssentials
import JSON
package import Logging
import NIOCore

/// A request of the control API, whatever brought it.
package struct APIRequest: Sendable {
    /// `X-Amz-Target`: the service's prefix, a dot, the operation.
    package var target: String
    /// JSON; nothing at all means `{}`.
    package var body: [UInt8]
    package var peer: ControlPeer
    package var requestID: String
    /// When the connection ends that the request came by, if it came by any.
    var connectionEnd: EventLoopFuture<Void>?

    package init(target: String, body: [UInt8], peer: ControlPeer, requestID: String = UUID().uuidString.lowercased()) {
        self.target = target
        self.body = body
        self.peer = peer
        self.requestID = requestID
    }
}

package struct APIResponse: Sendable {
    /// HTTP's.
    package var status: Int
    package var body: [UInt8]

    package init(status: Int, body: [UInt8]) {
        self.status = status
        self.body = body
    }
}

/// What an operation knows of its request beside the input.
package struct APIContext: Sendable {
    package var peer: ControlPeer
    package var requestID: String
    package var logger: Logger
    var connectionEnd: EventLoopFuture<Void>?
    /// When the request was there, and when its input was read.
    var arrived = ContinuousClock.now
    var decoded = ContinuousClock.now
}

/// All operations of the control API, by their target.
package struct APIDispatcher: Sendable {
    private typealias Body = @Sendable ([UInt8], APIContext) async throws -> [UInt8]

    private var operations: [String: Body] = [:]
    private let logger: Logger

    package init(logger: Logger) { self.logger = logger }

    package var targets: [String] { operations.keys.sorted() }

    /// Adds an operation. What its body throws reaches the caller: an `APIError` as it is, anything else as the
    /// `ServerException` that it is.
    package mutating func register<Operation: APIOperation>(
        _ operation: Operation.Type,
        _ body: @escaping @Sendable (Operation.Input, APIContext) async throws -> Operation.Output
    ) {
        operations[Operation.target] = { bytes, context in
            let input = try APIDispatcher.decode(Operation.Input.self, bytes)
            var context = context
            context.decoded = .now
            let output = try await body(input, context)
            return try JSONEncoding.bytes(of: output)
        }
    }

    package func knows(_ target: String) -> Bool { operations[target] != nil }

    package func answer(_ request: APIRequest) async -> APIResponse {
        var logger = logger
        logger[metadataKey: "request"] = "\(request.requestID)"
        let context = APIContext(
            peer: request.peer, requestID: request.requestID, logger: logger, connectionEnd: request.connectionEnd)
        do {
            guard let body = operations[request.target] else {
                throw APIError.unknownOperation(request.target)
            }
            return APIResponse(status: 200, body: try await body(request.body, context))
        } catch {
            let apiError = APIError(reporting: error)
            if apiError.httpStatus >= 500 {
                logger.error("\(request.target) failed", metadata: ["error": "\(error)"])
            }
            return APIResponse(apiError)
        }
    }
}

extension APIResponse {
    package init(_ error: APIError) {
        self.init(status: error.httpStatus, body: (try? JSONEncoding.bytes(of: error)) ?? Array("{}".utf8))
    }
}

// SPDX-License-Identifier: Apache-2.0
import ECSAPI
import FoundationEssentials
import HTTPTypes
import HummingbirdCore
import Logging
import NIOCore

/// Between HTTP and the dispatcher: one request in, one answer out, one line in the log.
struct Responder: Sendable {
    let dispatcher: APIDispatcher
    let access: ControlAccess
    let limits: ControlAPIServer.Limits
    let logger: Logger

    func respond(
        to request: Request, from peer: ControlPeer, with writer: consuming ResponseWriter, on channel: any Channel
    ) async throws {
        let start = ContinuousClock.now
        let requestID = UUID().uuidString.lowercased()
        let target = request.headers.amazonTarget ?? ""

        let response: APIResponse
        if let refusal = refusal(of: request, from: peer) {
            response = APIResponse(refusal)
        } else {
            if request.headers[.expect]?.lowercased() == "100-continue" {
                try await writer.writeInformationalHead(HTTPResponse(status: .continue))
            }
            do {
                let body = try await request.body.collect(upTo: limits.body)
                var request = APIRequest(
                    target: target, body: Array(body.readableBytesView), peer: peer, requestID: requestID)
                request.connectionEnd = channel.closeFuture
                response = await Blocking.inOnePlace { await dispatcher.answer(request) }
            } catch is NIOTooManyBytesError {
                response = APIResponse(.requestTooLarge(target, limit: limits.body))
            }
        }
        log(target, response, peer, requestID, ContinuousClock.now - start)

        var head = HTTPResponse(status: HTTPResponse.Status(code: response.status))
        head.headerFields[.contentType] = "application/x-amz-json-1.1"
        head.headerFields[.contentLength] = String(response.body.count)
        if let name = HTTPField.Name("x-amzn-RequestId") { head.headerFields[name] = requestID }
        try await writer.write(response: head, body: ResponseBody(byteBuffer: ByteBuffer(bytes: response.body)))
    }

    /// What can be said without reading the body.
    private func refusal(of request: Request, from peer: ControlPeer) -> APIError? {
        guard access.allows(peer) else { return .accessDenied(userID: peer.userID) }
        guard request.method == .post, request.uri.path == "/", let target = request.headers.amazonTarget else {
            return .notAnOperation(method: request.method.rawValue, path: request.uri.path)
        }
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > limits.body {
            return .requestTooLarge(target, limit: limits.body)
        }
        return dispatcher.knows(target) ? nil : .unknownOperation(target)
    }

    private func log(
        _ target: String, _ response: APIResponse, _ peer: ControlPeer, _ requestID: String, _ duration: Duration
    ) {
        let operation = target.split(separator: ".").last.map(String.init) ?? "(none)"
        // Who only looks is heard at debug: waiting clients ask many times a second.
        let isLook = operation.hasPrefix("Describe") || operation.hasPrefix("List")
        let milliseconds =
            Double(duration.components.attoseconds / 1_000_000_000_000) / 1000
            + Double(duration.components.seconds) * 1000
        logger.log(
            level: isLook && response.status < 400 ? .debug : .info, "\(operation)",
            metadata: [
                "status": "\(response.status)", "uid": "\(peer.userID)", "pid": "\(peer.processID)",
                "ms": "\(milliseconds)", "request": "\(requestID)",
            ])
    }
}

extension HTTPFields {
    fileprivate var amazonTarget: String? { HTTPField.Name("x-amz-target").flatMap { self[$0] } }
}

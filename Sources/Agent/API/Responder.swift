// SPDX-License-Identifier: Apache-2.0
import ECSAPI
import FoundationEssentials
import Logging
import NIOCore
import NIOHTTP1

/// A request of which the body is still to come, or is not wanted.
struct RequestHead: Sendable {
    let http: HTTPRequestHead
    let id = UUID().uuidString.lowercased()
    let arrived = ContinuousClock.now

    init(_ http: HTTPRequestHead) { self.http = http }

    /// `X-Amz-Target`: the operation.
    var target: String? { http.headers.first(name: "x-amz-target") }
}

/// Between HTTP and the dispatcher: one request in, one answer out, one line in the log.
struct Responder: Sendable {
    let dispatcher: APIDispatcher
    let access: ControlAccess
    let limits: ControlAPIServer.Limits
    let logger: Logger

    /// What can be said without reading the body.
    func refusal(of head: RequestHead, from peer: ControlPeer) -> APIError? {
        guard access.allows(peer) else { return .accessDenied(userID: peer.userID) }
        guard head.http.method == .POST, head.http.uri == "/", let target = head.target else {
            return .notAnOperation(method: head.http.method.rawValue, path: head.http.uri)
        }
        if let length = head.http.headers.first(name: "content-length").flatMap({ Int($0) }),
            let refusal = refusal(of: head, withBody: length)
        {
            return refusal
        }
        return dispatcher.knows(target) ? nil : .unknownOperation(target)
    }

    /// - Parameter size: in bytes, as far as it is known.
    func refusal(of head: RequestHead, withBody size: Int) -> APIError? {
        size > limits.body ? .requestTooLarge(head.target ?? "", limit: limits.body) : nil
    }

    func respond(
        to head: RequestHead, with body: ByteBuffer, from peer: ControlPeer, connectionEnd: EventLoopFuture<Void>
    ) async -> APIResponse {
        var request = APIRequest(
            target: head.target ?? "", body: Array(body.readableBytesView), peer: peer, requestID: head.id)
        request.connectionEnd = connectionEnd
        let response = await dispatcher.answer(request)
        log(response, to: head, from: peer)
        return response
    }

    func respond(to head: RequestHead, with refusal: APIError, from peer: ControlPeer) -> APIResponse {
        let response = APIResponse(refusal)
        log(response, to: head, from: peer)
        return response
    }

    private func log(_ response: APIResponse, to head: RequestHead, from peer: ControlPeer) {
        let operation = head.target?.split(separator: ".").last.map(String.init) ?? "(none)"
        // Who only looks is heard at debug: waiting clients ask many times a second.
        let isLook = operation.hasPrefix("Describe") || operation.hasPrefix("List")
        logger.log(
            level: isLook && response.status < 400 ? .debug : .info, "\(operation)",
            metadata: [
                "status": "\(response.status)", "uid": "\(peer.userID)", "pid": "\(peer.processID)",
                "ms": "\((ContinuousClock.now - head.arrived) / .milliseconds(1))", "request": "\(head.id)",
            ])
    }
}

// SPDX-License-Identifier: Apache-2.0
import NIOCore
import Synchronization

/// The open connections of a server and the requests that they have brought, so that all of it can be ended in order.
final class Connections: Sendable {
    struct TooMany: Error, CustomStringConvertible {
        let limit: Int
        var description: String { "\(limit) connections are open already" }
    }

    private struct State {
        var channels: [ObjectIdentifier: any Channel] = [:]
        var requests: [UInt64: Task<Void, Never>] = [:]
        var lastRequest: UInt64 = 0
        var isQuiescing = false
        var isGivenUp = false
        var whoWaits: [CheckedContinuation<Void, Never>] = []

        var isOver: Bool { isQuiescing && channels.isEmpty && requests.isEmpty }
    }

    private let state = Mutex(State())
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    /// - Parameter channel: complete: it may be told at once that it has to end.
    func add(_ channel: any Channel) throws(TooMany) {
        let isQuiescing = try state.withLock { state throws(TooMany) in
            guard state.channels.count < limit else { throw TooMany(limit: limit) }
            state.channels[ObjectIdentifier(channel)] = channel
            return state.isQuiescing
        }
        channel.closeFuture.whenComplete { [self] _ in change { $0.channels[ObjectIdentifier(channel)] = nil } }
        if isQuiescing { Self.quiesce(channel) }
    }

    /// Begins what a request asks for, in a place of its own.
    func begin(_ request: @escaping @Sendable () async -> Void) {
        let unwanted = state.withLock { state in
            state.lastRequest += 1
            let number = state.lastRequest
            let task = Blocking.task { [self] in
                await request()
                change { $0.requests[number] = nil }
            }
            state.requests[number] = task
            return state.isGivenUp ? task : nil
        }
        unwanted?.cancel()
    }

    /// Lets requests under way be answered, and closes what is idle.
    func quiesce() {
        let channels = state.withLock { state in
            state.isQuiescing = true
            return Array(state.channels.values)
        }
        for channel in channels { Self.quiesce(channel) }
    }

    /// Cancels the requests under way.
    func giveUp() {
        let requests = state.withLock { state in
            state.isGivenUp = true
            return Array(state.requests.values)
        }
        for request in requests { request.cancel() }
    }

    /// Waits until the last connection and the last request have ended, after `quiesce`.
    func ended() async {
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                if !state.isOver { state.whoWaits.append(continuation) }
                return state.isOver
            }
            if isOver { continuation.resume() }
        }
    }

    private func change<Result>(_ body: (inout sending State) -> Result) {
        let whoWaits = state.withLock { state in
            _ = body(&state)
            guard state.isOver else { return [CheckedContinuation<Void, Never>]() }
            defer { state.whoWaits = [] }
            return state.whoWaits
        }
        for continuation in whoWaits { continuation.resume() }
    }

    private static func quiesce(_ channel: any Channel) {
        channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
    }
}

// SPDX-License-Identifier: Apache-2.0
import CNetlink
package import Linux
import Synchronization
import SystemPackage

/// Something that happened to a namespace's links.
package enum LinkEvent: Hashable, Sendable {
    /// A link is new, or something about it is.
    case changed(Link)
    /// A link is gone: deleted, or moved to another namespace.
    case removed(Link)
    /// Some events were lost: whoever follows the links has to list them again.
    case overflow
}

/// What happens to the links of a namespace, from the moment this is made: who then lists the links misses nothing in
/// between.
///
/// For one reader. Events wait in the kernel until they are read, and when there are too many the reader is told with
/// `.overflow`. Cancelling the reading task closes the socket and ends the sequence.
package final class LinkEvents: Sendable {
    private let state: Mutex<State>

    fileprivate struct State: ~Copyable {
        var socket: NetlinkSocket?
        var pending: [LinkEvent] = []
    }

    /// - Parameters:
    ///   - namespace: nil is where the calling thread is now.
    ///   - onlyRemovals: nothing is told of links that are new or changed, and nobody is woken for them.
    ///   - receiveBuffer: how much the kernel keeps for a slow reader, in bytes; it has a limit of its own
    ///     (`net.core.rmem_max`).
    package init(
        in namespace: NetworkNamespace? = nil, onlyRemovals: Bool = false, receiveBuffer: Int32 = 1 << 20
    ) throws {
        let socket = try NetlinkSocket(in: namespace)
        do throws(Refusal) {
            try socket.setReceiveBuffer(receiveBuffer)
            try socket.setNonblocking()
            if onlyRemovals { try socket.ignore(RTM_NEWLINK) }
            try socket.join(RTNLGRP_LINK)
        } catch {
            throw NetlinkError("subscribe to", "link events", error)
        }
        state = Mutex(State(socket: socket))
    }

    /// Waits for the next event. Blocks the thread.
    ///
    /// - Parameter deadline: nil waits for ever; one in the past only looks.
    /// - Returns: nil when the deadline came first, or when the events were closed.
    package func next(until deadline: ContinuousClock.Instant?) throws -> LinkEvent? {
        while let descriptor {
            if let event = try take() { return event }
            guard try Readiness.wait(for: descriptor, until: deadline) else { return nil }
        }
        return nil
    }

    /// Ends the sequence.
    private func close() {
        state.withLock { $0.socket = nil }
    }

    /// nil when closed.
    private var descriptor: CInt? {
        state.withLock { $0.socket?.descriptor }
    }

    /// The next event if there is one.
    private func take() throws(NetlinkError) -> LinkEvent? {
        do throws(Refusal) {
            return try state.withLock { state throws(Refusal) in try state.take() }
        } catch {
            throw NetlinkError("read", "link events", error)
        }
    }
}

extension LinkEvents: AsyncSequence {
    package struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate let events: LinkEvents

        /// Waits for the next event without holding a thread.
        ///
        /// - Returns: nil when the task is cancelled.
        package mutating func next(
            isolation actor: isolated (any Actor)? = #isolation
        ) async throws(NetlinkError) -> LinkEvent? {
            while let descriptor = events.descriptor {
                if Task.isCancelled {
                    events.close()
                    return nil
                }
                if let event = try events.take() { return event }
                await Readiness.waitForMore(of: descriptor)
            }
            return nil
        }
    }

    package func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(events: self)
    }
}

extension LinkEvents.State {
    fileprivate mutating func take() throws(Refusal) -> LinkEvent? {
        while pending.isEmpty {
            do throws(Refusal) {
                guard try receive() else { return nil }
            } catch {
                guard error.errno == .noBufferSpace else { throw error }
                // Until it is empty the kernel drops what comes, and does not tell again.
                while try receive() {}
                pending = [.overflow]
            }
        }
        return pending.removeFirst()
    }

    /// Whether there was a datagram.
    private mutating func receive() throws(Refusal) -> Bool {
        var events: [LinkEvent] = []
        let isReceived = try socket?.receive { header in
            do throws(Refusal) {
                // Another family has its say about links, which is nothing new about the link itself.
                guard let link = try Link(header) else { return }
                events.append(Int(header.pointee.nlmsg_type) == RTM_DELLINK ? .removed(link) : .changed(link))
            } catch {
                events.append(.overflow)
            }
        }
        pending += events
        return isReceived ?? false
    }
}

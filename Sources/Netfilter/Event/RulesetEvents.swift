// SPDX-License-Identifier: Apache-2.0
import CNetfilter
package import Linux
import Synchronization
import SystemPackage

/// What anybody does to a namespace's nf_tables, this process included, from the moment this is made: who then looks at
/// them misses nothing in between.
///
/// For one reader. Events wait in the kernel until they are read, and when there are too many the reader is told with
/// `.overflow`. The corresponding C constant is `NFNLGRP_NFTABLES`.
package final class RulesetEvents: Sendable {
    private let state: Mutex<State>

    fileprivate struct State: ~Copyable {
        var socket: NetfilterSocket?
        /// Touched by the transaction whose end has not been told yet.
        var tables: Set<TableID> = []
        /// Events were lost, and what the kernel still had of them has not been read to its end.
        var hasOverflown = false
    }

    /// - Parameters:
    ///   - namespace: nil is where the calling thread is now.
    ///   - connection: what is done by it is not told.
    ///   - receiveBuffer: how much the kernel keeps for a slow reader, in KiB.
    package init(
        in namespace: NetworkNamespace? = nil, ignoring connection: NetfilterConnection? = nil,
        receiveBuffer: Int = 4096
    ) throws {
        let socket = try NetfilterSocket(in: namespace)
        do throws(Refusal) {
            socket.makeRoom(sending: 0, answers: receiveBuffer)
            if let connection { try socket.ignore(connection.socket.port) }
            try socket.join(NFNLGRP_NFTABLES)
        } catch {
            throw NetfilterError("subscribe to", "changes of the ruleset", error)
        }
        state = Mutex(State(socket: socket))
    }

    /// Waits for events without holding a thread.
    ///
    /// - Returns: at least one; nil when the task is cancelled, which closes this.
    package func next() async throws(NetfilterError) -> [RulesetEvent]? {
        while let descriptor = state.withLock({ $0.socket?.descriptor }) {
            if Task.isCancelled {
                state.withLock { $0.socket = nil }
                return nil
            }
            let events = try now()
            if !events.isEmpty { return events }
            await Readiness.wait(for: descriptor)
        }
        return nil
    }

    /// What is there by now, without waiting; not all of it where there is very much.
    package func now() throws(NetfilterError) -> [RulesetEvent] {
        do throws(Refusal) {
            return try state.withLock { state throws(Refusal) in try state.take() }
        } catch {
            throw NetfilterError("read", "changes of the ruleset", error)
        }
    }
}

extension RulesetEvents.State {
    /// Somebody who changes rules all the time must not keep the reader here.
    private static let maximumDatagrams = 256

    fileprivate mutating func take() throws(Refusal) -> [RulesetEvent] {
        var events: [RulesetEvent] = []
        var touched = tables
        for _ in 0..<Self.maximumDatagrams {
            do throws(Refusal) {
                let isReceived = try socket?.receive { header in
                    guard let message = header.rulesetMessage else { return }
                    guard message == NFT_MSG_NEWGEN.rawValue else {
                        if let table = TableID(touchedBy: header) { touched.insert(table) }
                        return
                    }
                    let transaction = RulesetTransaction(end: header, tables: touched)
                    events.append(transaction.map { .transaction($0) } ?? .overflow)
                    touched = []
                }
                if isReceived ?? false { continue }
            } catch {
                guard error.errno == .noBufferSpace else { throw error }
                hasOverflown = true
                continue
            }
            // Not before it is empty: until then the kernel drops what comes, and does not tell again.
            if hasOverflown { events.append(.overflow) }
            hasOverflown = false
            break
        }
        tables = touched
        return events
    }
}

extension UnsafePointer<nlmsghdr> {
    /// `NFT_MSG_*`; nil for another subsystem's.
    fileprivate var rulesetMessage: UInt32? {
        let type = UInt32(pointee.nlmsg_type)
        return type >> 8 == UInt32(NFNL_SUBSYS_NFTABLES) ? type & 0xff : nil
    }
}

extension TableID {
    /// The table of the object that a message is about: all kinds of objects have its name in the same place.
    fileprivate init?(touchedBy header: UnsafePointer<nlmsghdr>) {
        guard mnl_nlmsg_get_payload_len(header) >= MemoryLayout<nfgenmsg>.size,
            let general = mnl_nlmsg_get_payload(header)?.loadUnaligned(as: nfgenmsg.self),
            let family = TableFamily(constant: general.nfgen_family),
            let name = Attributes(header, offset: MemoryLayout<nfgenmsg>.size)[CInt(NFTA_RULE_TABLE.rawValue)]?.text
        else { return nil }
        self.init(family, name)
    }
}

// SPDX-License-Identifier: Apache-2.0
import ECSAPI
import Synchronization
import VPC

/// The traces of the last tasks and sandboxes, in memory alone: writing them down would cost what they measure. With the
/// daemon they are gone.
package final class TraceRecorder: Sendable {
    /// Tasks, sandboxes' ENIs and ENIs that were attached to running tasks; another one takes the place of the oldest.
    static let most = 1000

    /// Both ways of an owner's; nil for one that is not known.
    struct Ways: Sendable {
        var start: Trace?
        var stop: Trace?
    }

    /// What happened before is not known.
    let since = Timestamp.now()
    private let capacity: Int
    private let state = Mutex(State())

    private struct State {
        var ways: [String: Ways] = [:]
        /// Whose they are, in the order in which they came; round and round.
        var owners: [String] = []
        var oldest = 0
    }

    init(capacity: Int = most) { self.capacity = capacity }

    package convenience init() { self.init(capacity: Self.most) }

    subscript(owner: String) -> Ways? { state.withLock { $0.ways[owner] } }

    /// Keeps a trace as an owner's, in the place of an earlier one of the same way.
    func keep(_ trace: Trace, of owner: String) {
        state.withLock { keep(trace, of: owner, &$0) }
    }

    /// Keeps the trace that the code is in as an owner's, once it is known who that is.
    func keepCurrent(of owner: String) {
        if let trace = TracePlace.current?.trace { keep(trace, of: owner) }
    }

    /// The way that an owner is on, which begins where it has not.
    func begin(_ way: Trace.Way, of owner: String, since began: ContinuousClock.Instant = .now) -> Trace {
        state.withLock { state in
            let known = way == .start ? state.ways[owner]?.start : state.ways[owner]?.stop
            if let known, !known.isOver { return known }
            let trace = Trace(way, since: began)
            keep(trace, of: owner, &state)
            return trace
        }
    }

    /// The whole of an owner's way, from here to the body's end; where that is a part of another's way, then as such.
    func record<Result>(
        _ way: Trace.Way, of owner: String, isolation: isolated (any Actor)? = #isolation,
        _ body: () async throws -> Result
    ) async rethrows -> Result {
        guard TracePlace.current == nil else {
            keepCurrent(of: owner)
            return try await body()
        }
        return try await Trace.record(way, isolation: isolation) {
            keepCurrent(of: owner)
            return try await body()
        }
    }

    /// Nothing more comes of an owner.
    func end(_ owner: String) {
        let ways = self[owner]
        ways?.start?.end()
        ways?.stop?.end()
    }

    private func keep(_ trace: Trace, of owner: String, _ state: inout State) {
        if state.ways[owner] == nil {
            if state.owners.count < capacity {
                state.owners.append(owner)
            } else {
                let forgotten = state.ways.removeValue(forKey: state.owners[state.oldest])
                forgotten?.start?.forget()
                forgotten?.stop?.forget()
                state.owners[state.oldest] = owner
                state.oldest = (state.oldest + 1) % capacity
            }
        }
        var ways = state.ways[owner] ?? Ways()
        switch trace.way {
        case .start: ways.start = trace
        case .stop: ways.stop = trace
        }
        state.ways[owner] = ways
    }
}

// SPDX-License-Identifier: Apache-2.0
import ECSAPI
import Synchronization
import TaskNetworking
import VPC

/// One way of a task or sandbox, there or back: its steps in the order in which they began, and how long each took.
///
/// Small, because many are kept: 12 bytes for a step, of which the way of a task with one container has some forty.
/// Usable from any thread.
final class Trace: Sendable {
    enum Way: String, Sendable {
        case start, stop
    }

    struct Step: Hashable, Sendable {
        var step: TraceStep
        /// Which of several: a container's place in its definition, a requirement's in its plan.
        var subject: UInt8?
        /// The step that it is a part of, by its place in the list.
        var parent: Index?
        /// Microseconds since the beginning of the way.
        var offset: UInt32
        /// Microseconds; nil while it goes on.
        var duration: UInt32?
    }

    struct Contents: Sendable {
        var steps: [Step]
        /// Microseconds; nil while the way goes on.
        var total: UInt32?
        /// How many steps there was no place for.
        var lost: Int
    }

    typealias Index = UInt8
    /// A step that begins when there are so many is counted, and not kept.
    static let most = Int(Index.max)

    let way: Way
    let began: ContinuousClock.Instant
    let startedAt: Timestamp
    private let state = Mutex(State())

    init(_ way: Way, since began: ContinuousClock.Instant = .now) {
        self.way = way
        self.began = began
        let age = Int64(began.duration(to: .now) / .milliseconds(1))
        startedAt = Timestamp(millisecondsSince1970: Timestamp.now().millisecondsSince1970 - age)
    }

    var contents: Contents {
        state.withLock { state in
            Contents(
                steps: state.steps.map(\.step), total: state.total == .none32 ? nil : state.total,
                lost: Int(state.lost))
        }
    }

    var isOver: Bool { state.withLock { $0.total != .none32 } }

    /// - Returns: its place in the list; nil where it is not kept.
    func begin(
        _ step: TraceStep, subject: UInt8? = nil, in parent: Index? = nil, at instant: ContinuousClock.Instant = .now
    ) -> Index? {
        let packed = PackedStep(step, subject, parent, offset: microseconds(to: instant), duration: .none32)
        return state.withLock { $0.append(packed) }
    }

    func end(_ index: Index) {
        let now = microseconds(to: .now)
        state.withLock { state in
            guard state.steps.indices.contains(Int(index)) else { return }
            state.steps[Int(index)].end(at: now)
        }
    }

    /// Adds steps that were timed elsewhere.
    func add(_ timed: TimedSteps, in parent: Index?) {
        var instant = timed.began
        for (place, step) in timed.steps.enumerated() {
            let end = instant + step.duration
            add(TraceStep(step.requirement), subject: UInt8(exactly: place), in: parent, from: instant, to: end)
            instant = end
        }
    }

    /// Adds a step that is over.
    func add(
        _ step: TraceStep, subject: UInt8? = nil, in parent: Index?, from begin: ContinuousClock.Instant,
        to end: ContinuousClock.Instant
    ) {
        let offset = microseconds(to: begin)
        let packed = PackedStep(
            step, subject, parent, offset: offset, duration: max(offset, microseconds(to: end)) - offset)
        state.withLock { _ = $0.append(packed) }
    }

    /// The way is over: no step begins any more. What it had room for and does not need is given back.
    func end() {
        let now = microseconds(to: .now)
        state.withLock { state in
            guard state.total == .none32 else { return }
            state.total = min(now, .none32 - 1)
            state.trim()
        }
    }

    /// Gives the steps' room back. Whoever still follows it, as what a task has started does for its whole life, holds
    /// next to nothing then.
    func forget() {
        state.withLock { state in
            state.total = 0
            state.steps = []
        }
    }

    private func microseconds(to instant: ContinuousClock.Instant) -> UInt32 {
        let (seconds, attoseconds) = began.duration(to: instant).components
        // An hour and more is as good as for ever.
        guard seconds >= 0, seconds < 4000 else { return seconds < 0 ? 0 : .none32 - 1 }
        return UInt32(clamping: seconds * 1_000_000 + attoseconds / 1_000_000_000_000)
    }
}

extension Trace {
    private struct State {
        var steps: [PackedStep] = []
        var total = UInt32.none32
        var lost: UInt16 = 0

        mutating func append(_ step: PackedStep) -> Index? {
            guard total == .none32 else { return nil }
            guard steps.count < Trace.most else {
                lost += lost < .max ? 1 : 0
                return nil
            }
            // Room for most ways: it grows at most once.
            if steps.isEmpty { steps.reserveCapacity(40) }
            steps.append(step)
            return Index(steps.count - 1)
        }

        /// A slice of all, as an array, would be the old one.
        mutating func trim() {
            var exact: [PackedStep] = []
            exact.reserveCapacity(steps.count)
            exact += steps
            steps = exact
        }
    }

    /// A step in 12 bytes.
    private struct PackedStep {
        private let what: TraceStep
        private let subject: UInt8
        private let parent: Index
        private let offset: UInt32
        private var duration: UInt32

        init(_ step: TraceStep, _ subject: UInt8?, _ parent: Index?, offset: UInt32, duration: UInt32) {
            what = step
            self.subject = subject ?? .max
            self.parent = parent ?? .max
            self.offset = offset
            self.duration = duration
        }

        /// Only the first end counts.
        mutating func end(at now: UInt32) {
            if duration == .none32 { duration = max(now, offset) - offset }
        }

        var step: Step {
            Step(
                step: what, subject: subject == .max ? nil : subject, parent: parent == .max ? nil : parent,
                offset: offset, duration: duration == .none32 ? nil : duration)
        }
    }
}

extension UInt32 {
    /// Stands for what is not known yet.
    fileprivate static var none32: UInt32 { .max }
}

// SPDX-License-Identifier: Apache-2.0
import TaskNetworking

/// Where in a trace the code that runs is: what it begins is a part of this step. It goes with the task (Swift's) and
/// those that it starts, so that what is on the way need not pass it on.
struct TracePlace: Sendable {
    @TaskLocal static var current: TracePlace?

    let trace: Trace
    /// Nil at the top.
    let step: Trace.Index?

    /// Adds what the path's steps took in the kernel to the step that the code is in.
    static func add(_ timed: TimedSteps) {
        guard let current else { return }
        current.trace.add(timed, in: current.step)
    }

    /// Adds a step that is over to the step that the code is in.
    static func add(
        _ step: PathStep, from begin: ContinuousClock.Instant, to end: ContinuousClock.Instant = .now
    ) {
        guard let current else { return }
        current.trace.add(.path(step), in: current.step, from: begin, to: end)
    }
}

/// Does something that is a step on somebody's way, and notes how long it took. Where nobody's is traced, it is only done.
///
/// - Parameters:
///   - subject: which of several.
///   - begin: when it has begun; nil for now.
func traced<Result>(
    _ step: PathStep, subject: Int? = nil, since begin: ContinuousClock.Instant? = nil,
    isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> Result
) async rethrows -> Result {
    guard let place = TracePlace.current,
        let index = place.trace.begin(
            .path(step), subject: subject.flatMap(UInt8.init(exactly:)), in: place.step, at: begin ?? .now)
    else { return try await body() }
    defer { place.trace.end(index) }
    return try await TracePlace.$current.withValue(
        TracePlace(trace: place.trace, step: index), operation: body, isolation: isolation)
}

/// A step that begins in one place and ends in another.
struct TraceSpan: Sendable {
    private let trace: Trace
    private let step: Trace.Index

    /// Begins it as a part of the step that the code is in; nil where nobody's way is traced.
    init?(_ step: PathStep) {
        guard let place = TracePlace.current, let index = place.trace.begin(.path(step), in: place.step) else {
            return nil
        }
        trace = place.trace
        self.step = index
    }

    /// Ends it, unless it has ended.
    func end() { trace.end(step) }
}

extension Trace {
    /// Has all steps in the body be steps of this way; of nobody's, where it is nil.
    static func follow<Result>(
        _ trace: Trace?, isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> Result
    ) async rethrows -> Result {
        try await TracePlace.$current.withValue(
            trace.map { TracePlace(trace: $0, step: nil) }, operation: body, isolation: isolation)
    }

    /// Begins something that is no step of the way that the code is on, and may outlive it.
    static func leave<Result>(_ body: () throws -> Result) rethrows -> Result {
        try TracePlace.$current.withValue(nil, operation: body)
    }

    /// The whole of a way, from here to the body's end.
    static func record<Result>(
        _ way: Way, since began: ContinuousClock.Instant = .now, isolation: isolated (any Actor)? = #isolation,
        _ body: () async throws -> Result
    ) async rethrows -> Result {
        let trace = Trace(way, since: began)
        defer { trace.end() }
        return try await follow(trace, isolation: isolation, body)
    }
}

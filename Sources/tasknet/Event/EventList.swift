// SPDX-License-Identifier: Apache-2.0

import ControlClient
import ECSAPI
import ECSClient
import Glibc
import SystemPackage

/// The daemon's events, as they are and as they come.
struct EventList {
    let client: ControlClient
    /// Which ones.
    let question: TaskNetworkAPI.ListEvents.Input

    private typealias Operation = TaskNetworkAPI.ListEvents

    /// Shows what there is.
    ///
    /// - Parameter count: only the last so many; nil for all.
    /// - Returns: the number that later events come after.
    func show(last count: Int?, _ printer: inout EventPrinter) throws -> Int64 {
        guard let count else { return try showAll(&printer) }
        var question = question
        question.sort = .descending
        var found: [Event] = []
        var last: Int64?
        repeat {
            question.maxResults = max(1, min(count - found.count, Operation.largestPage))
            let page = try client.call(Operation.self, question)
            found += page.events
            last = last ?? page.lastSequence
            question.nextToken = page.nextToken
        } while question.nextToken != nil && found.count < count
        try printer.show(found.prefix(count).reversed())
        return last ?? 0
    }

    private func showAll(_ printer: inout EventPrinter) throws -> Int64 {
        var question = question
        question.maxResults = Operation.largestPage
        var found: [Event] = []
        while true {
            let page = try client.call(Operation.self, question)
            found += page.events
            question.nextToken = page.nextToken
            if page.nextToken == nil {
                // As one table.
                try printer.show(found)
                return page.lastSequence
            }
        }
    }

    /// Waits for events after a number and shows them. A daemon that does not answer is being restarted, and is waited
    /// for; what it was told meanwhile is in the list, too.
    ///
    /// - Returns: the number that later events come after.
    func show(after sequence: Int64, _ printer: inout EventPrinter) throws -> Int64 {
        var question = question
        question.afterSequence = sequence
        question.waitSeconds = Operation.longestWait
        question.maxResults = Operation.largestPage
        let page = try waitForDaemon { () throws(ControlError) in try client.call(Operation.self, question) }
        if page.lastSequence < sequence {
            Output.note("tasknetd has a new state: its list of events begins anew")
            return 0
        }
        if page.firstSequence > sequence + 1 {
            let count = page.firstSequence - sequence - 1
            Output.note("\(count) event\(count == 1 ? " was" : "s were") dropped from the list before being shown")
        }
        try printer.show(page.events)
        return page.lastSequence
    }

    /// What there is to do again when a daemon ends in the middle of it.
    private func waitForDaemon<Answer>(_ body: () throws(ControlError) -> Answer) throws(ControlError) -> Answer {
        var isNoted = false
        while true {
            do throws(ControlError) {
                return try body()
            } catch {
                guard Self.isOfRestart(error) else { throw error }
            }
            // One that ends in order hangs up, and another answers at once, or soon.
            usleep(Self.pauseMicroseconds)
            if !isNoted, (try? client.call(TaskNetworkAPI.DescribeHost.self, .init())) == nil {
                Output.note("tasknetd does not answer; waiting for it")
                isNoted = true
            }
        }
    }

    private static let pauseMicroseconds: UInt32 = 200_000

    private static func isOfRestart(_ error: ControlError) -> Bool {
        switch error {
        case .unavailable(_, let errno): errno != .permissionDenied && errno != .notPermitted
        case .interrupted, .timedOut, .notHTTP(_, _, .closedEarly): true
        default: false
        }
    }
}

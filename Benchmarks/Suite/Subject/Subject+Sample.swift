// SPDX-License-Identifier: Apache-2.0
import Glibc

/// What one network cost.
struct SampleTimes: Sendable {
    let add: Duration
    let delete: Duration
    /// From then on until the kernel had nothing left of it that can be seen.
    let gone: Duration
}

extension Subject {
    /// One network added and deleted, and all of it gone.
    func sample(_ slot: Slot) throws -> SampleTimes {
        let links = try linkCount()
        try prepare(slot)
        let add = try add(slot)
        // What the links' coming up makes the kernel and the daemon do is over.
        usleep(5000)
        let delete = try delete(slot)
        let end = ContinuousClock.now
        try discard(slot)
        let discarded = end.duration(to: .now)
        return SampleTimes(add: add, delete: delete, gone: discarded + (try settle(to: links)))
    }
}

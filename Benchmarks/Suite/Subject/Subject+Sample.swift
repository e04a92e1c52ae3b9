// SPDX-License-Identifier: Apache-2.0
import Glibc

extension Subject {
    /// One network added and deleted, and all of it gone.
    func sample(_ slot: Slot) throws -> (add: Duration, delete: Duration) {
        let links = try linkCount()
        try prepare(slot)
        let add = try add(slot)
        // What the links' coming up makes the kernel and the daemon do is over.
        usleep(5000)
        let delete = try delete(slot)
        try discard(slot)
        try settle(to: links)
        return (add, delete)
    }
}

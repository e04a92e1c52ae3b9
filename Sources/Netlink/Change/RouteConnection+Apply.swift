// SPDX-License-Identifier: Apache-2.0

extension RouteConnection {
    /// Makes one change.
    package func apply(_ change: NetworkChange) throws(NetlinkError) {
        try apply([change])
    }

    /// Makes several changes, sent to the kernel together, in order: an index that one of them chooses can be used by the
    /// next.
    ///
    /// - Throws: the first that failed. The kernel goes on after a failure, so later ones may have been made: whoever
    ///   undoes has to undo all of them.
    package func apply(_ changes: [NetworkChange]) throws(NetlinkError) {
        if let failure = try perform(changes).first { throw failure.error }
    }

    /// Makes as many of the changes as can be made, and tells about the others. For taking down, where going on is better
    /// than stopping.
    ///
    /// - Returns: the failures, each with its place among the changes, in order.
    package func attempt(_ changes: [NetworkChange]) -> [(place: Int, error: NetlinkError)] {
        do throws(NetlinkError) {
            return try perform(changes, skippingUnsendable: true)
        } catch {
            return [(0, error)]
        }
    }

    /// - Parameter skippingUnsendable: whether a change of which no request can be made is told about with the others, and
    ///   not before anything is sent.
    private func perform(
        _ changes: [NetworkChange], skippingUnsendable: Bool = false
    ) throws(NetlinkError) -> [(place: Int, error: NetlinkError)] {
        var messages: [NetlinkMessage] = []
        var places: [Int] = []
        var failures: [(place: Int, error: NetlinkError)] = []
        for (place, change) in changes.enumerated() {
            do throws(Refusal) {
                let more = try change.messages()
                messages += more
                places += repeatElement(place, count: more.count)
            } catch {
                let failure = NetlinkError(change.operation, change.object, error)
                guard skippingUnsendable else { throw failure }
                failures.append((place, failure))
            }
        }
        do throws(Refusal) {
            for (place, refusal) in try send(messages) {
                let change = changes[places[place]]
                failures.append((places[place], NetlinkError(change.operation, change.object, refusal)))
            }
        } catch {
            throw NetlinkError("send to the kernel", changes.map(\.description).joined(separator: ", "), error)
        }
        return failures.sorted { $0.place < $1.place }
    }
}

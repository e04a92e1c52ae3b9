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
        var messages: [NetlinkMessage] = []
        var places: [Int] = []
        for (place, change) in changes.enumerated() {
            do throws(Refusal) {
                let more = try change.messages()
                messages += more
                places += repeatElement(place, count: more.count)
            } catch {
                throw NetlinkError(change.operation, change.object, error)
            }
        }
        let refused: (place: Int, refusal: Refusal)?
        do throws(Refusal) {
            refused = try send(messages).min { $0.place < $1.place }
        } catch {
            throw NetlinkError("send to the kernel", changes.map(\.description).joined(separator: ", "), error)
        }
        guard let refused else { return }
        let change = changes[places[refused.place]]
        throw NetlinkError(change.operation, change.object, refused.refusal)
    }
}

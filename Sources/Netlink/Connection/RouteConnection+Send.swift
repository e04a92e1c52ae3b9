// SPDX-License-Identifier: Apache-2.0
import CNetlink
import SystemPackage

extension RouteConnection {
    /// Sends requests in one go and collects what the kernel says to them. The kernel takes them in order, and goes on
    /// after one that it refuses.
    ///
    /// Only the last one asks for an acknowledgement: refusals come without being asked for, so silence about the others
    /// is success, and one answer serves for all.
    ///
    /// - Returns: the refusals, by the request's place.
    func send(_ messages: [NetlinkMessage]) throws(Refusal) -> [(place: Int, refusal: Refusal)] {
        var refusals: [(place: Int, refusal: Refusal)] = []
        var start = 0
        while start < messages.count {
            let end = Self.endOfGroup(messages, from: start)
            refusals += try exchange(messages, start..<end)
            start = end
        }
        return refusals
    }

    /// How many requests go at once: what they could all answer has to fit into the socket's receive buffer, and they
    /// themselves into its send buffer (both 32 KiB by libnl's defaults).
    private static func endOfGroup(_ messages: [NetlinkMessage], from start: Int) -> Int {
        var bytes = 0
        var end = start
        while end < messages.count, end - start < 32 {
            bytes += aligned(messages[end].bytes.count)
            if bytes > 16 << 10, end > start { break }
            end += 1
        }
        return end
    }

    /// The corresponding C macro is `NLMSG_ALIGN`.
    private static func aligned(_ length: Int) -> Int {
        let unit = Int(NLMSG_ALIGNTO)
        return (length + unit - 1) / unit * unit
    }

    private func exchange(
        _ messages: [NetlinkMessage], _ places: Range<Int>
    ) throws(Refusal) -> [(place: Int, refusal: Refusal)] {
        var bytes: [UInt8] = []
        var firstSequence: UInt32?
        for place in places {
            let message = messages[place]
            let sequence = socket.nextSequence()
            if firstSequence == nil { firstSequence = sequence }
            message.header.pointee.nlmsg_seq = sequence
            message.header.pointee.nlmsg_pid = socket.port
            message.header.pointee.nlmsg_flags |= UInt16(
                place == places.last ? NLM_F_REQUEST | NLM_F_ACK : NLM_F_REQUEST)
            bytes += message.bytes
            bytes += repeatElement(0, count: Self.aligned(bytes.count) - bytes.count)
        }
        try send(&bytes)

        var refusals: [(place: Int, refusal: Refusal)] = []
        var isDone = false
        while !isDone {
            _ = try socket.receive { header in
                guard header.pointee.nlmsg_type == NLMSG_ERROR else { return }
                let verdict = Verdict(header)
                // The numbers follow each other. Any other is of an answer to something that was given up before.
                let place = places.lowerBound + Int(verdict.sequence &- (firstSequence ?? 0))
                guard places.contains(place) else { return }
                if verdict.code != 0 { refusals.append((place, Refusal(verdict))) }
                if place == places.last { isDone = true }
            }
        }
        return refusals
    }

    private func send(_ bytes: inout [UInt8]) throws(Refusal) {
        try bytes.withUnsafeMutableBytes { buffer in
            Result { () throws(Refusal) in try socket.send(buffer) }
        }.get()
    }
}

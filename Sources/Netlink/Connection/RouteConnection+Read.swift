// SPDX-License-Identifier: Apache-2.0
import CNetlink
import SystemPackage

extension RouteConnection {
    /// A table that changes while it is read is read again, this often at most.
    static let maximumReadings = 8

    /// Reads one thing.
    ///
    /// - Parameters:
    ///   - answer: the message type (`RTM_NEW*`) of the answer.
    ///   - object: what is read, for the error.
    ///   - parse: what to make of the answer.
    func get<Value>(
        answer: Int, _ object: @autoclosure () -> String, _ request: () throws(Refusal) -> NetlinkMessage,
        parse: (UnsafeMutablePointer<nlmsghdr>) throws(Refusal) -> Value
    ) throws(NetlinkError) -> Value {
        do throws(Refusal) {
            var value: Result<Value, Refusal>?
            let verdict = try read(request(), flags: 0, answer: answer) { header in
                value = Result { () throws(Refusal) in try parse(header) }
            }
            guard verdict.code == 0, let value else { throw Refusal(verdict) }
            return try value.get()
        } catch {
            throw NetlinkError("read", object(), error)
        }
    }

    /// Reads a whole table. A reading that was interrupted by a change, so that entries may be missing or there twice,
    /// is done again.
    ///
    /// - Parameters:
    ///   - answer: the message type (`RTM_NEW*`) of the entries.
    ///   - object: what is read, for the error.
    ///   - request: its filters are the kernel's; what the kernel cannot filter `parse` leaves out by returning nil.
    func list<Value>(
        answer: Int, _ object: @autoclosure () -> String, _ request: () throws(Refusal) -> NetlinkMessage,
        parse: (UnsafeMutablePointer<nlmsghdr>) throws(Refusal) -> Value?
    ) throws(NetlinkError) -> [Value] {
        do throws(Refusal) {
            let request = try request()
            for _ in 0..<Self.maximumReadings {
                let reading = try listOnce(request, answer: answer, parse: parse)
                if !reading.isInterrupted { return reading.values }
            }
            throw Refusal(.resourceTemporarilyUnavailable, "it changed during each of \(Self.maximumReadings) readings")
        } catch {
            throw NetlinkError("list", object(), error)
        }
    }

    /// Of a reading that was interrupted entries may be missing, or there twice.
    func listOnce<Value>(
        _ request: NetlinkMessage, answer: Int, parse: (UnsafeMutablePointer<nlmsghdr>) throws(Refusal) -> Value?
    ) throws(Refusal) -> (values: [Value], isInterrupted: Bool) {
        var values: [Value] = []
        var refusal: Refusal?
        var isInterrupted = false
        let verdict = try read(request, flags: NLM_F_DUMP, answer: answer) { header in
            if header.pointee.nlmsg_flags & UInt16(NLM_F_DUMP_INTR) != 0 { isInterrupted = true }
            // Even when one cannot be used the rest has to be received.
            guard refusal == nil else { return }
            do throws(Refusal) {
                if let value = try parse(header) { values.append(value) }
            } catch {
                refusal = error
            }
        }
        if let refusal { throw refusal }
        guard verdict.code == 0 else { throw Refusal(verdict) }
        return (values, isInterrupted || verdict.isInterrupted)
    }

    /// Sends a request and hands the answers to a body: a single one, or all of a dump.
    private func read(
        _ request: NetlinkMessage, flags: CInt, answer: Int, _ body: (UnsafeMutablePointer<nlmsghdr>) -> Void
    ) throws(Refusal) -> Verdict {
        let sequence = socket.nextSequence()
        request.header.pointee.nlmsg_seq = sequence
        request.header.pointee.nlmsg_pid = socket.port
        request.header.pointee.nlmsg_flags |= UInt16(NLM_F_REQUEST | flags)
        var verdict: Verdict?
        try socket.send(request.bytes)
        while true {
            if let verdict { return verdict }
            _ = try socket.receive { header in
                guard header.pointee.nlmsg_seq == sequence, verdict == nil else { return }
                switch CInt(header.pointee.nlmsg_type) {
                case NLMSG_ERROR, NLMSG_DONE:
                    verdict = Verdict(header)
                case CInt(answer):
                    body(header)
                    if flags & NLM_F_DUMP == 0 { verdict = Verdict(answering: header) }
                default:
                    break
                }
            }
        }
    }
}

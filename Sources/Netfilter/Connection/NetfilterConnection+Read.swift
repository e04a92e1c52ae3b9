// SPDX-License-Identifier: Apache-2.0
import CNetfilter
import SystemPackage

extension NetfilterConnection {
    /// A table that changes while it is read is read again, this often at most.
    private static let maximumReadings = 8

    /// Reads one thing.
    ///
    /// - Parameters:
    ///   - request: made with the sequence number that it is given.
    ///   - parse: what to make of the answer.
    func get<Value>(
        _ request: (UInt32) throws(Refusal) -> NetfilterMessage,
        parse: (UnsafePointer<nlmsghdr>) throws(Refusal) -> Value?
    ) throws(Refusal) -> Value {
        var value: Result<Value?, Refusal>?
        try read(request(nextSequence())) { header in
            value = Result { () throws(Refusal) in try parse(header) }
        }
        guard let found = try value?.get() else { throw Refusal(.badMessage, "the kernel gave no answer") }
        return found
    }

    /// Sends a request that is answered with an acknowledgement alone.
    func perform(_ request: (UInt32) throws(Refusal) -> NetfilterMessage) throws(Refusal) {
        try read(request(nextSequence())) { _ in }
    }

    /// Reads a whole table. A reading that was interrupted by a change, so that entries may be missing or there twice,
    /// is done again.
    ///
    /// - Parameters:
    ///   - request: made with the sequence number that it is given; `NLM_F_DUMP` is added.
    ///   - parse: what of it to add to the values.
    func list<Value>(
        _ request: (UInt32) throws(Refusal) -> NetfilterMessage,
        parse: (UnsafePointer<nlmsghdr>, inout [Value]) throws(Refusal) -> Void
    ) throws(Refusal) -> [Value] {
        for _ in 0..<Self.maximumReadings {
            let message = try request(nextSequence())
            message.header.pointee.nlmsg_flags |= UInt16(NLM_F_DUMP)
            if let values = try listOnce(message, parse: parse) { return values }
        }
        throw Refusal(.resourceTemporarilyUnavailable, "it changed during each of \(Self.maximumReadings) readings")
    }

    /// nil when the reading was interrupted.
    private func listOnce<Value>(
        _ request: NetfilterMessage, parse: (UnsafePointer<nlmsghdr>, inout [Value]) throws(Refusal) -> Void
    ) throws(Refusal) -> [Value]? {
        var values: [Value] = []
        var refusal: Refusal?
        var isInterrupted = false
        var generation: UInt16?
        do throws(Refusal) {
            try read(request) { header in
                if header.pointee.nlmsg_flags & UInt16(NLM_F_DUMP_INTR) != 0 { isInterrupted = true }
                // nf_tables tells the generation of its tables in each message; not every dump has the flag as well.
                if let seen = Self.generation(header), header.pointee.nlmsg_type != NLMSG_DONE {
                    if let generation, generation != seen { isInterrupted = true }
                    generation = seen
                }
                // Even when one cannot be used the rest has to be received.
                guard refusal == nil, header.pointee.nlmsg_type != NLMSG_DONE else { return }
                do throws(Refusal) {
                    try parse(header, &values)
                } catch {
                    refusal = error
                }
            }
        } catch {
            switch error.errno {
            // The kernel ends some dumps so when they are interrupted.
            case .interrupted: return nil
            // nfnetlink's answer when nobody has taken the request's subsystem.
            case .invalidArgument where error.message == nil:
                throw Refusal(.notSupported, "the kernel does not know the request")
            default: throw error
            }
        }
        if isInterrupted { return nil }
        if let refusal { throw refusal }
        return values
    }

    private static func generation(_ header: UnsafePointer<nlmsghdr>) -> UInt16? {
        guard mnl_nlmsg_get_payload_len(header) >= MemoryLayout<nfgenmsg>.size else { return nil }
        return mnl_nlmsg_get_payload(header)?.loadUnaligned(as: nfgenmsg.self).res_id
    }

    /// Sends a request and hands the answers to a body: a single one, or all of a dump with its end.
    private func read(
        _ request: NetfilterMessage, _ body: (UnsafePointer<nlmsghdr>) -> Void
    ) throws(Refusal) {
        let isDump = request.header.pointee.nlmsg_flags & UInt16(NLM_F_DUMP) == UInt16(NLM_F_DUMP)
        if !isDump { request.header.pointee.nlmsg_flags |= UInt16(NLM_F_ACK) }
        let sequence = request.header.pointee.nlmsg_seq
        var end: Acknowledgement?
        try socket.send(request.bytes)
        while end == nil {
            let isAnswered = try socket.receive { header in
                guard header.pointee.nlmsg_seq == sequence, end == nil else { return }
                if let acknowledgement = Acknowledgement(header) {
                    end = acknowledgement
                    if acknowledgement.code == 0, isDump { body(header) }
                } else {
                    body(header)
                }
            }
            guard isAnswered else { throw Refusal(.badMessage, "the kernel gave no answer") }
        }
        if let refusal = end?.refusal { throw refusal }
    }
}

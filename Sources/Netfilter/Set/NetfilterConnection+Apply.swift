// SPDX-License-Identifier: Apache-2.0
import CNetfilter
import Glibc
import SystemPackage

extension NetfilterConnection {
    /// Makes the changes of a batch, all of them or none.
    ///
    /// What is to be destroyed and is not there is left out, and the rest is tried again: the kernel's own way of
    /// saying so is younger than the kernels that this runs on, and undoes the whole transaction for it.
    ///
    /// - Throws: the first change that was refused, with its set and element.
    package func apply(_ batch: ElementBatch) throws(NetfilterError) {
        try batch.check()
        var rest = batch
        // Each round is there because somebody else took elements away in between.
        for _ in 0..<Self.maximumRounds {
            if rest.isEmpty { return }
            let refusals = try send(rest)
            if refusals.isEmpty { return }
            let absent = refusals.filter { place, refusal in
                rest.entries[place].change == .destroy && refusal.errno == .noSuchFileOrDirectory
            }
            if let (place, refusal) = refusals.first(where: { absent[$0.key] == nil }) {
                throw Self.error(rest.entries[place], refusal)
            }
            // The same errno is the answer when there is no such set.
            for set in Set(absent.keys.map { rest.entries[$0].set }) { try requireSet(set.name, in: set.table) }
            rest = rest.without(Set(absent.keys))
        }
        throw NetfilterError(
            "change", "elements of sets", .resourceTemporarilyUnavailable,
            "elements that were to be destroyed vanished in each of \(Self.maximumRounds) tries")
    }

    private static let maximumRounds = 8

    private static func error(_ entry: ElementBatch.Entry, _ refusal: Refusal) -> NetfilterError {
        NetfilterError(
            entry.change.rawValue, entry.object, refusal.errno, refusal.message ?? reason(entry, refusal.errno))
    }

    /// What the kernel's errno means here, where it does not say so itself.
    private static func reason(_ entry: ElementBatch.Entry, _ errno: Errno) -> String? {
        switch (entry.change, errno) {
        case (.add, .noSuchFileOrDirectory), (.create, .noSuchFileOrDirectory):
            "there is no such table, set or chain"
        case (.delete, .noSuchFileOrDirectory), (.destroy, .noSuchFileOrDirectory):
            "there is no such table, set or element"
        case (.add, .fileExists), (_, Errno(rawValue: ENOTEMPTY)): "it overlaps with an element that is there"
        case (_, .resourceBusy): "it is there with another value"
        case (_, .invalidArgument): "the set's keys or values are of another kind"
        case (_, Errno(rawValue: ENFILE)): "the set is full"
        default: nil
        }
    }

    /// Sends a batch as one transaction.
    ///
    /// - Returns: the refusals, by the change's place. With any, nothing was changed.
    private func send(_ batch: ElementBatch) throws(NetfilterError) -> [Int: Refusal] {
        let begin = nextSequence()
        var bytes = Self.border(NFNL_MSG_BATCH_BEGIN, begin)
        bytes.reserveCapacity(batch.count * 160)
        var placeOfSequence: [UInt32: Int] = [:]
        placeOfSequence.reserveCapacity(batch.count)
        for (place, entry) in batch.entries.enumerated() {
            let sequence = nextSequence()
            placeOfSequence[sequence] = place
            do throws(Refusal) {
                let message = try entry.message(sequence: sequence)
                // Refusals come without being asked for, so silence about the others is success.
                if place == batch.count - 1 { message.header.pointee.nlmsg_flags |= UInt16(NLM_F_ACK) }
                bytes += message.bytes
            } catch {
                throw Self.error(entry, error)
            }
        }
        bytes += Self.border(NFNL_MSG_BATCH_END, nextSequence())
        do throws(Refusal) {
            socket.makeRoom(sending: bytes.count, answers: batch.count)
            try bytes.withUnsafeBytes { buffer in Result { () throws(Refusal) in try socket.send(buffer) } }.get()
            return try receiveAnswers(begin, placeOfSequence, last: batch.count - 1)
        } catch {
            throw NetfilterError("change", "\(batch.count) elements of sets", error)
        }
    }

    private func receiveAnswers(
        _ begin: UInt32, _ placeOfSequence: [UInt32: Int], last: Int
    ) throws(Refusal) -> [Int: Refusal] {
        var refusals: [Int: Refusal] = [:]
        var whole: Refusal?
        var isDone = false
        while !isDone, whole == nil {
            let isAnswered = try socket.receive { header in
                guard let answer = Acknowledgement(header) else { return }
                // What concerns the transaction as a whole is told of its beginning.
                if answer.sequence == begin, whole == nil { whole = answer.refusal }
                // Any other sequence is an answer to something that was given up before.
                guard let place = placeOfSequence[answer.sequence] else { return }
                if let refusal = answer.refusal, refusals[place] == nil { refusals[place] = refusal }
                if place == last { isDone = true }
            }
            guard isAnswered else { throw Refusal(.badMessage, "the kernel gave no answer") }
        }
        if let whole { throw whole }
        return refusals
    }

    /// The message that a transaction begins or ends with.
    private static func border(_ type: CInt, _ sequence: UInt32) -> [UInt8] {
        let message = NetfilterMessage(0, 0, family: UInt8(AF_UNSPEC), sequence: sequence)
        message.header.pointee.nlmsg_type = UInt16(type)
        let general = mnl_nlmsg_get_payload(message.header)
        general?.storeBytes(
            of: nfgenmsg(
                nfgen_family: UInt8(AF_UNSPEC), version: UInt8(NFNETLINK_V0),
                res_id: UInt16(NFNL_SUBSYS_NFTABLES).bigEndian),
            as: nfgenmsg.self)
        return Array(message.bytes)
    }
}

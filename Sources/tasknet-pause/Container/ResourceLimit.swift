// SPDX-License-Identifier: Apache-2.0
import CLinux

extension Specification.ResourceLimit {
    /// `NAME:SOFT:HARD`
    init(parsing text: Text) throws(Failure) {
        let parts = text.buffer.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        guard parts.count == 3 else { throw Failure("ulimit", text, reason: "not of the form name:soft:hard") }
        guard let resource = Self.resource(named: UnsafeRawBufferPointer(rebasing: parts[0])) else {
            throw Failure("ulimit", text, reason: "no limit of that name")
        }
        guard let soft = Self.value(parts[1]), let hard = Self.value(parts[2]) else {
            throw Failure("ulimit", text, reason: "not a number")
        }
        guard soft <= hard else { throw Failure("ulimit", text, reason: "the soft limit is above the hard one") }
        self.init(resource: resource, soft: soft, hard: hard, text: text)
    }

    func apply() throws(Failure) {
        guard tasknet_set_rlimit(resource, soft, hard) != 0 else { return }
        if lastError == EPERM {
            throw Failure(
                "ulimit", text, reason: "above the hard limit of this machine, which may not be raised", number: EPERM)
        }
        throw Failure("ulimit", text)
    }

    private static func value(_ digits: Slice<UnsafeRawBufferPointer>) -> UInt64? {
        // RLIM_INFINITY
        digits.elementsEqual("-1".utf8) ? UInt64.max : parseNumber(digits)
    }

    private static func resource(named name: UnsafeRawBufferPointer) -> Int32? {
        func isNamed(_ word: String) -> Bool { name.elementsEqual(word.utf8) }
        if isNamed("core") { return Int32(RLIMIT_CORE.rawValue) }
        if isNamed("cpu") { return Int32(RLIMIT_CPU.rawValue) }
        if isNamed("data") { return Int32(RLIMIT_DATA.rawValue) }
        if isNamed("fsize") { return Int32(RLIMIT_FSIZE.rawValue) }
        if isNamed("locks") { return Int32(__RLIMIT_LOCKS.rawValue) }
        if isNamed("memlock") { return Int32(__RLIMIT_MEMLOCK.rawValue) }
        if isNamed("msgqueue") { return Int32(__RLIMIT_MSGQUEUE.rawValue) }
        if isNamed("nice") { return Int32(__RLIMIT_NICE.rawValue) }
        if isNamed("nofile") { return Int32(RLIMIT_NOFILE.rawValue) }
        if isNamed("nproc") { return Int32(__RLIMIT_NPROC.rawValue) }
        if isNamed("rss") { return Int32(__RLIMIT_RSS.rawValue) }
        if isNamed("rtprio") { return Int32(__RLIMIT_RTPRIO.rawValue) }
        if isNamed("rttime") { return Int32(__RLIMIT_RTTIME.rawValue) }
        if isNamed("sigpending") { return Int32(__RLIMIT_SIGPENDING.rawValue) }
        if isNamed("stack") { return Int32(RLIMIT_STACK.rawValue) }
        return nil
    }
}

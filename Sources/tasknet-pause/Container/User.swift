// SPDX-License-Identifier: Apache-2.0
import CLinux

/// Who a process runs as, by the container's own /etc/passwd and /etc/group.
struct User {
    private(set) var uid: uid_t = 0
    private(set) var gid: gid_t = 0
    private(set) var groups: [gid_t] = []
    private(set) var home = Bytes("/")

    /// `text` is a uid or a name, with `:` and a gid or a group's name behind it or not.
    init(_ text: Text?) throws(Failure) {
        let parts = text?.buffer.split(separator: UInt8(ascii: ":"), maxSplits: 1, omittingEmptySubsequences: false)
        let wanted = parts?.first.map { Bytes($0) } ?? []
        let name = try find(wanted.isEmpty ? Bytes("0") : wanted, in: User.rows(of: "/etc/passwd"), text)
        if let parts, parts.count > 1, let text {
            gid = try User.group(named: Bytes(parts[1]), text)
        } else if let name {
            // Only then: who names a group wants that one alone.
            for row in User.rows(of: "/etc/group") where row.count > 3 {
                guard row[3].split(separator: UInt8(ascii: ",")).contains(where: { $0.elementsEqual(name) }) else {
                    continue
                }
                if let group = User.number(row[2]), !groups.contains(group) { groups.append(group) }
            }
        }
    }

    /// Sets uid, gid and home, and returns the user's name if it has one.
    private mutating func find(_ wanted: Bytes, in passwd: [[Bytes]], _ text: Text?) throws(Failure) -> Bytes? {
        let number = User.number(wanted)
        for row in passwd where row.count > 5 {
            guard let rowUID = User.number(row[2]), row[0] == wanted || rowUID == number else { continue }
            uid = rowUID
            gid = User.number(row[3]) ?? 0
            if !row[5].isEmpty { home = row[5] }
            return row[0]
        }
        guard let number else {
            throw Failure("user", text?.bytes ?? wanted, reason: "not in the container's /etc/passwd", number: ENOENT)
        }
        uid = number
        return nil
    }

    private static func group(named wanted: Bytes, _ text: Text) throws(Failure) -> gid_t {
        for row in rows(of: "/etc/group") where row.count > 2 && row[0] == wanted {
            if let group = number(row[2]) { return group }
        }
        guard let group = number(wanted) else {
            throw Failure("user", text, reason: "the group is not in the container's /etc/group", number: ENOENT)
        }
        return group
    }

    /// The largest number means "leave as it is" to the kernel.
    private static func number(_ digits: Bytes) -> UInt32? {
        parseNumber(digits).flatMap { UInt32(exactly: $0) }.flatMap { $0 < UInt32.max ? $0 : nil }
    }

    private static func rows(of path: CText) -> [[Bytes]] {
        guard let content = try? readFile(path) else { return [] }
        return content.split(separator: UInt8(ascii: "\n")).map { line in
            line.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false).map { Bytes($0) }
        }
    }

    /// For good: nothing of root's identity is kept.
    func assume() throws(Failure) {
        try check(setgroups(groups.count, groups), "setgroups")
        try check(setresgid(gid, gid, gid), "setresgid")
        try check(setresuid(uid, uid, uid), "setresuid")
    }
}

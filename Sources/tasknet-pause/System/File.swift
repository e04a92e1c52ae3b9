// SPDX-License-Identifier: Apache-2.0
import CLinux

/// The content of a small file, at most `limit` bytes of it.
func readFile(_ path: CText, limit: Int = 1 << 20) throws(Failure) -> Bytes {
    // An image may have anything in the place of a file; a pipe must not make its reader wait.
    let file = try Descriptor.open(path, O_RDONLY | O_NOCTTY | O_NONBLOCK, "read")
    var content = Bytes()
    var piece = Bytes(repeating: 0, count: 4096)
    while content.count < limit {
        let count = read(file.raw, &piece, piece.count)
        if count < 0 && lastError == EINTR { continue }
        guard count >= 0 else { throw Failure("read", Text(path)) }
        if count == 0 { break }
        content += piece[..<count]
    }
    return content
}

/// A path below /proc with a number in it: `/proc/<pid>/stat`.
func procPath(_ before: String, _ number: Int32, _ after: String) -> Bytes {
    var path = Bytes("/proc/")
    path.append(before)
    path.append(decimal: number)
    path.append(after)
    return path.terminated
}

extension Array where Element == UInt8 {
    /// Calls `body` with these NUL-terminated bytes as a C text.
    func withCText<Result: ~Copyable, E: Error>(_ body: (CText) throws(E) -> Result) throws(E) -> Result {
        let copy = permanent
        defer { copy.deallocate() }
        return try body(copy)
    }
}

/// Closes every descriptor from 3 on that is not in `kept`.
func closeDescriptors(except kept: [Int32]) {
    var first: UInt32 = 3
    for descriptor in kept.sorted() where descriptor >= 3 {
        let number = UInt32(descriptor)
        if number > first { close_range(first, number - 1, 0) }
        first = number + 1
    }
    close_range(first, UInt32.max, 0)
}

extension stat {
    var isDirectory: Bool { st_mode & mode_t(S_IFMT) == mode_t(S_IFDIR) }
    var isRegularFile: Bool { st_mode & mode_t(S_IFMT) == mode_t(S_IFREG) }
}

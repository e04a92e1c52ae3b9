// SPDX-License-Identifier: Apache-2.0
import Glibc
import Linux
import SystemPackage

/// Small files of ours that everybody may read. A symbolic link in place of one is never followed.
enum PlainFile {
    private static let mode: mode_t = 0o644

    /// The text; nil when there is no file.
    static func read(_ path: AbsolutePath) throws(LinuxError) -> String? {
        let file: OwnedDescriptor
        do throws(LinuxError) {
            file = try .open(FilePath(path.text), O_RDONLY | O_NOFOLLOW | O_NONBLOCK, operation: "read")
        } catch {
            if error.errno == .noSuchFileOrDirectory { return nil }
            throw error
        }
        return String(decoding: try file.readToEnd(of: path.text), as: UTF8.self)
    }

    static func write(_ text: String, to path: AbsolutePath) throws(LinuxError) {
        let file = try OwnedDescriptor.open(
            FilePath(path.text), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_NONBLOCK, mode: mode,
            operation: "write")
        // Whatever the daemon's umask is: users in containers look names up, too.
        guard file.withRaw({ fchmod($0, mode) }) == 0 else { throw .last("set the mode of", path.text) }
        try file.writeAll(Array(text.utf8), to: path.text)
    }

    /// Already gone is success.
    static func remove(_ path: AbsolutePath) throws(LinuxError) {
        guard unlink(path.text) == 0 || Errno.last == .noSuchFileOrDirectory else {
            throw .last("remove", path.text)
        }
    }
}

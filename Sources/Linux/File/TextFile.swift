// SPDX-License-Identifier: Apache-2.0
import Glibc
package import SystemPackage

/// Small files of text, as the kernel offers them in /proc and /sys.
package enum TextFile {
    /// The whole text, without the newline at its end.
    package static func read(_ path: FilePath) throws(LinuxError) -> String {
        try read(path.string)
    }

    /// Writes a text to a file that exists, in one write, as kernel files want it.
    package static func write(_ text: String, to path: FilePath) throws(LinuxError) {
        try write(text, to: path.string)
    }

    static func read(_ path: String) throws(LinuxError) -> String {
        let file = try OwnedDescriptor.open(path, O_RDONLY, operation: "read")
        var bytes = try file.readToEnd(of: path)
        if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
        return String(decoding: bytes, as: UTF8.self)
    }

    static func write(_ text: String, to path: String) throws(LinuxError) {
        let file = try OwnedDescriptor.open(path, O_WRONLY, operation: "write")
        try file.writeAll(Array(text.utf8), to: path)
    }
}

/// The kernel's name for the time since the last start: a random UUID. What lived in the kernel under another one is gone.
package enum BootID {
    package static func current() throws(LinuxError) -> String { try known.get() }

    /// No process outlives it.
    private static let known = Result { () throws(LinuxError) in
        try TextFile.read("/proc/sys/kernel/random/boot_id")
    }
}

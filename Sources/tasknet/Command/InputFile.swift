// SPDX-License-Identifier: Apache-2.0

import ControlClient
import Glibc
import JSON
import Linux
import SystemPackage

/// A file that is named on the command line, "-" for standard input.
struct InputFile {
    var path: String

    /// As it stands in messages.
    var shownName: String { path == "-" ? "standard input" : EscapedText.of(path) }

    /// "web" of "dir/web.json".
    var baseName: String? {
        guard path != "-", let name = FilePath(path).lastComponent else { return nil }
        return name.stem
    }

    /// All of it, but not more than `limit` bytes and one.
    func read(limit: Int) throws -> [UInt8] {
        if path == "-" {
            if Terminal.isTerminal(STDIN_FILENO) { Output.note("reading from the terminal; end with Ctrl-D") }
            return try Self.read(limit: limit, of: shownName) { try FileDescriptor.standardInput.read(into: $0) }
        }
        do {
            // A named pipe that nobody writes to is not waited for. Once there is a writer, as of a shell's <(command),
            // what it has to say is.
            let file = try OwnedDescriptor.open(FilePath(path), O_RDONLY | O_NONBLOCK, operation: "read")
            try Self.makeBlocking(file, name: path)
            return try Self.read(limit: limit, of: shownName) { buffer in
                let count = file.withRaw { Glibc.read($0, buffer.baseAddress, buffer.count) }
                guard count >= 0 else { throw Errno.last }
                return count
            }
        } catch let error as LinuxError where error.errno == .noSuchFileOrDirectory {
            throw CommandFailure("there is no file \(shownName)", .notFound)
        }
    }

    private static func makeBlocking(_ file: borrowing OwnedDescriptor, name: String) throws(LinuxError) {
        let flags = file.withRaw { fcntl($0, F_GETFL) }
        guard flags >= 0, file.withRaw({ fcntl($0, F_SETFL, flags & ~O_NONBLOCK) }) == 0 else {
            throw .last("read", name)
        }
    }

    private static func read(
        limit: Int, of name: String, piece: (UnsafeMutableRawBufferPointer) throws -> Int
    ) throws -> [UInt8] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while bytes.count <= limit {
            do {
                let count = try buffer.withUnsafeMutableBytes { try piece($0) }
                if count == 0 { break }
                bytes += buffer[..<count]
            } catch Errno.isDirectory {
                throw CommandFailure("\(name) is a directory; name a file", .badData)
            } catch Errno.interrupted {
                continue
            } catch {
                throw CommandFailure("cannot read \(name): \(error)", .badData)
            }
        }
        return bytes
    }
}

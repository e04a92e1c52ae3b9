// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import Linux
import Testing

@testable import tasknet

@Suite("Files named on the command line")
struct InputFileTests {
    @Test("A pipe is read to its end, also when its writer is slow")
    func slowWriter() throws {
        let pipe = try PipeEnds()
        try pipe.writing.writeAll(Array("first".utf8), to: "pipe")
        let writer = pipe.writing.withRaw { fcntl($0, F_DUPFD_CLOEXEC, 0) }
        let text = try pipe.intoReading().withRaw { number in
            let written = DispatchSemaphore(value: 0)
            // The rest comes when the reader has taken the first part and asks for more.
            Thread.detachNewThread {
                let end = OwnedDescriptor(writer)
                var unread: CInt = 1
                while ioctl(number, UInt(FIONREAD), &unread) == 0, unread > 0 { sched_yield() }
                try? end.writeAll(Array(", second".utf8), to: "pipe")
                written.signal()
            }
            defer { written.wait() }
            return try InputFile(path: "/dev/fd/\(number)").read(limit: 100)
        }
        #expect(String(decoding: text, as: UTF8.self) == "first, second")
    }

    @Test("A named pipe that nobody writes to is not waited for")
    func pipeWithoutWriter() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "pipe-\(UUID().uuidString)").path
        try #require(mkfifo(path, 0o600) == 0)
        defer { unlink(path) }
        #expect(try InputFile(path: path).read(limit: 100) == [])
    }
}

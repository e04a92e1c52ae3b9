// SPDX-License-Identifier: Apache-2.0
import Glibc
import Linux
import SystemPackage
import TestSupport
import Testing

struct MemoryTests {
    /// Of a file, as a program is mapped.
    private final class Mapping {
        let start: UnsafeMutableRawPointer
        static let size = 16 * Int(getpagesize())

        init(_ path: FilePath) throws {
            let file = try OwnedDescriptor.open(path, O_RDONLY)
            let mapped = file.withRaw { mmap(nil, Self.size, PROT_READ | PROT_EXEC, MAP_PRIVATE, $0, 0) }
            start = try #require(mapped != MAP_FAILED ? mapped : nil)
            touch()
        }

        deinit { munmap(start, Self.size) }

        private func touch() {
            for page in stride(from: 0, to: Self.size, by: Int(getpagesize())) {
                _ = start.load(fromByteOffset: page, as: UInt8.self)
            }
        }

        /// In KiB.
        func resident() throws -> Int {
            let address = String(UInt(bitPattern: start), radix: 16)
            let lines = try TextFile.read(FilePath("/proc/self/smaps")).split(separator: "\n")
            let header = try #require(lines.firstIndex { $0.hasPrefix(address + "-") })
            let words = try #require(lines[header...].first { $0.hasPrefix("Rss:") }).split(separator: " ")
            return try #require(Int(words[1]))
        }

        func change(at offset: Int, to value: UInt8) {
            mprotect(start, Self.size, PROT_READ | PROT_WRITE)
            start.storeBytes(of: value, toByteOffset: offset, as: UInt8.self)
            mprotect(start, Self.size, PROT_READ | PROT_EXEC)
        }
    }

    @Test("Pages of programs go, and are there again when they are read; those that were changed stay", .requiresRoot)
    func programPages() throws {
        try TestHost.with { host in
            let path = host.directory.appending("program")
            try OwnedDescriptor.open(path, O_WRONLY | O_CREAT, mode: 0o600)
                .writeAll([UInt8](repeating: 7, count: Mapping.size), to: path.string)
            let whole = try Mapping(path)
            let changed = try Mapping(path)
            changed.change(at: 100, to: 9)
            #expect(try whole.resident() == Mapping.size / 1024)
            try Memory.releaseProgramPages()
            #expect(try whole.resident() == 0)
            #expect(whole.start.load(fromByteOffset: 100, as: UInt8.self) == 7)
            #expect(changed.start.load(fromByteOffset: 100, as: UInt8.self) == 9)
            #expect(changed.start.load(fromByteOffset: 101, as: UInt8.self) == 7)
        }
    }
}

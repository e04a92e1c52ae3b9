// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import Linux
import Pause
import SystemPackage
import TestSupport
import Testing

@Suite(.requiresRoot, .serialized, .timeLimit(.minutes(2)))
struct LogTests {
    /// Runs `script` in the host's root and gives the lines of its log, which stays.
    private func lines(
        _ task: PausedTask, _ script: String, maximumSize: UInt64? = nil, maximumFiles: Int? = nil
    ) async throws -> [LogLine] {
        var command = task.shell(script)
        command.log = .jsonFile(task.logPath("main"), maximumSize: maximumSize, maximumFiles: maximumFiles)
        try await task.pause.start(ContainerLaunch(command, root: .host))
        #expect(try await task.exit(of: "main").exitStatus == .exited(0))
        return try task.log("main")
    }

    @Test func isInDockersForm() async throws {
        try await PausedTask.with { (task) async throws in
            let lines = try await lines(task, "echo one; printf 'two\\n\\nthree\\n'; echo wrong >&2")
            #expect(lines.filter { $0.stream == "stdout" }.map(\.log) == ["one\n", "two\n", "\n", "three\n"])
            #expect(lines.filter { $0.stream == "stderr" }.map(\.log) == ["wrong\n"])
            let form = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z/
            let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
            for line in lines {
                #expect(line.time.wholeMatch(of: form) != nil)
                let time = try Date(String(line.time.prefix(23)) + "Z", strategy: style)
                #expect(abs(time.timeIntervalSinceNow) < 120)
            }
            let keys = try String(contentsOfFile: task.logPath("main").string, encoding: .utf8).prefix(40)
            #expect(keys.hasPrefix("{\"log\":\"one\\n\",\"stream\":\"stdout\",\"time\""))
        }
    }

    @Test func allBytesSurviveAsJSON() async throws {
        try await PausedTask.with { (task) async throws in
            var bytes: [UInt8] = []
            for byte in UInt8(1)...0x7F where byte != UInt8(ascii: "\n") { bytes.append(byte) }
            bytes += Array("äöü€😀\u{2028}\u{FFFD}".utf8)
            let path = task.host.directory.appending("bytes")
            try Data(bytes + [0, 10]).write(to: URL(filePath: path.string))
            let lines = try await lines(task, "cat \(path)")
            #expect(lines.map(\.log) == [String(decoding: bytes, as: UTF8.self) + "\0\n"])
        }
    }

    @Test(
        arguments: [
            ("\\377", 1), ("\\300\\200", 2), ("\\355\\240\\200", 3), ("\\364\\220\\200\\200", 4), ("\\303", 1),
            ("\\342\\202", 2), ("\\360\\237\\230", 3), ("\\200", 1), ("\\370\\210\\200\\200\\200", 5),
        ]
    )
    func whatIsNotUTF8IsReplaced(octal: String, count: Int) async throws {
        try await PausedTask.with { (task) async throws in
            let lines = try await lines(task, "printf '<\(octal)>\\n'")
            #expect(lines.map(\.log) == ["<" + String(repeating: "\u{FFFD}", count: count) + ">\n"])
        }
    }

    @Test func aLongLineComesInPieces() async throws {
        try await PausedTask.with { (task) async throws in
            let lines = try await lines(task, "head -c 40000 /dev/zero | tr '\\0' x; echo; echo end")
            #expect(lines.map(\.log.count) == [16384, 16384, 7233, 4])
            #expect(lines.map { $0.log.hasSuffix("\n") } == [false, false, true, true])
        }
    }

    @Test func aCharacterIsNotCutInTwo() async throws {
        try await PausedTask.with { (task) async throws in
            // The piece would end within the second character.
            let lines = try await lines(task, "head -c 16383 /dev/zero | tr '\\0' x; printf 'ä€😀\\n'")
            #expect(lines.map(\.log).joined() == String(repeating: "x", count: 16383) + "ä€😀\n")
            #expect(lines.count == 2)
        }
    }

    @Test func whatComesInPiecesIsOneLine() async throws {
        try await PausedTask.with { (task) async throws in
            let lines = try await lines(task, "printf 'a'; sleep 0.02; printf 'b\\303'; sleep 0.02; printf '\\244\\nc'")
            #expect(lines.map(\.log) == ["abä\n", "c"])
        }
    }

    @Test func isRotatedBySize() async throws {
        try await PausedTask.with { (task) async throws in
            _ = try await lines(
                task, "for i in 1 2 3 4 5 6 7 8 9 10 11 12 13; do echo line $i; done", maximumSize: 300, maximumFiles: 3
            )
            func numbers(_ suffix: String) throws -> [Int] {
                try task.log("main", suffix: suffix).compactMap { Int($0.log.dropFirst(5).dropLast()) }
            }
            // Three lines fit into a file; the oldest are gone.
            #expect(try numbers("") == [13])
            #expect(try numbers(".1") == [10, 11, 12])
            #expect(try numbers(".2") == [7, 8, 9])
            #expect(access(task.logPath("main").string + ".3", F_OK) != 0)
        }
    }

    @Test func aSingleFileIsEmptied() async throws {
        try await PausedTask.with { (task) async throws in
            let lines = try await lines(
                task, "for i in 1 2 3 4; do echo line $i; done", maximumSize: 250, maximumFiles: 1)
            #expect(lines.map(\.log) == ["line 4\n"] || lines.map(\.log) == ["line 3\n", "line 4\n"])
            #expect(access(task.logPath("main").string + ".1", F_OK) != 0)
        }
    }

    @Test func aLineLargerThanTheFileIsKept() async throws {
        try await PausedTask.with { (task) async throws in
            let lines = try await lines(
                task, "echo \(String(repeating: "x", count: 500))", maximumSize: 100, maximumFiles: 2)
            #expect(lines.map(\.log.count) == [501])
        }
    }

    @Test func nothingGrowsWithoutBound() async throws {
        try await PausedTask.with { (task) async throws in
            // Without any option: 10 MiB, three files.
            _ = try await lines(task, "head -c 500000 /dev/zero | tr '\\0' '\\n'; echo end")
            let sizes = try ["", ".1", ".2", ".3"].map { suffix in
                try FileManager.default.fileExists(atPath: task.logPath("main").string + suffix)
                    ? Data(contentsOf: URL(filePath: task.logPath("main").string + suffix)).count : 0
            }
            #expect(sizes[0] > 0 && sizes[0] <= 10 << 20)
            #expect(sizes[1] > 10_400_000 && sizes[1] <= 10 << 20)
            #expect(sizes[2] > 10_400_000 && sizes[2] <= 10 << 20)
            #expect(sizes[3] == 0)
            #expect(try task.log("main").last?.log == "end\n")
        }
    }

    @Test func aFloodDoesNotStarveTheOthers() async throws {
        try await PausedTask.with { (task) async throws in
            for name in ["flood1", "flood2"] {
                var command = task.shell("exec yes", name: name)
                command.log = .jsonFile(task.logPath(name), maximumSize: 1 << 20, maximumFiles: 2)
                try await task.pause.start(ContainerLaunch(command, root: .host))
            }
            for _ in 0..<20 { #expect(try await task.pause.status().count == 2) }
            #expect(try await task.run("echo quiet").output == "quiet\n")
            try await task.pause.signal(SIGTERM, to: "flood1")
            #expect(try await task.exit(of: "flood1").exitStatus == .signaled(SIGTERM))
        }
    }

    @Test func aFullDiskLosesLinesAndNothingElse() async throws {
        try await PausedTask.with { (task) async throws in
            let disk = task.host.directory.appending("disk")
            mkdir(disk.string, 0o755)
            try run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", disk.string])
            let done = task.host.directory.appending("done")
            var command = task.shell("for i in $(seq 2000); do echo line $i; done; touch \(done); sleep 1000")
            command.log = .jsonFile(disk.appending("log"))
            try await task.pause.start(ContainerLaunch(command, root: .host))
            while access(done.string, F_OK) != 0 { try await Task.sleep(for: .milliseconds(1)) }
            // Every container goes on.
            #expect(try await task.run("echo other", name: "other").output == "other\n")
            try await task.pause.signal(SIGTERM, to: "main")
            #expect(try await task.exit(of: "main").exitStatus == .signaled(SIGTERM))
            let text = try String(contentsOfFile: disk.appending("log").string, encoding: .utf8)
            // What is there is whole lines.
            #expect(text.hasSuffix("\"}\n"))
            for line in text.split(separator: "\n") {
                _ = try JSONDecoder().decode(LogLine.self, from: Data(line.utf8))
            }
        }
    }

    @Test func noLogIsTheNullDevice() async throws {
        try await PausedTask.with { (task) async throws in
            let script = "[ \"$(readlink /proc/self/fd/1)$(readlink /proc/self/fd/2)\" = /dev/null/dev/null ]"
            try await task.pause.start(
                ContainerLaunch(CommandLaunch(name: "main", arguments: ["test", "-c", "/proc/self/fd/1"]), root: .host))
            #expect(try await task.exit(of: "main").exitStatus == .exited(0))
            try await task.pause.start(
                ContainerLaunch(
                    CommandLaunch(name: "second", arguments: ["sh", "-c", "exec 3>&1; " + script]), root: .host))
            _ = try await task.exit(of: "second")
        }
    }

    @Test func aLogIsContinued() async throws {
        try await PausedTask.with { (task) async throws in
            _ = try await lines(task, "echo first")
            try await task.pause.forget("main")
            #expect(try await lines(task, "echo second").map(\.log) == ["first\n", "second\n"])
        }
    }

    @Test func twoContainersInOneLog() async throws {
        try await PausedTask.with { (task) async throws in
            for name in ["a", "b"] {
                var command = task.shell("for i in 1 2 3 4 5; do echo \(name) $i; done", name: name)
                command.log = .jsonFile(task.logPath("shared"))
                try await task.pause.start(ContainerLaunch(command, root: .host))
            }
            for name in ["a", "b"] { _ = try await task.exit(of: name) }
            #expect(try task.log("shared").count == 10)
        }
    }
}

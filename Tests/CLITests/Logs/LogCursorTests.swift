// SPDX-License-Identifier: Apache-2.0

import SystemPackage
import Testing

@testable import tasknet

@Suite("Log cursors")
struct LogCursorTests {
    @Test("Read what is there, oldest file first, and go on with what comes")
    func reading() throws {
        try LogFixture.with { log in
            var expected = try log.write(3)
            log.rotate()
            expected += try log.write(3)
            log.rotate()
            expected += try log.write(3)
            let cursor = LogCursor(path: log.path.string)
            #expect(try LogFixture.rest(cursor) == expected)
            #expect(try LogFixture.rest(cursor) == [])
            let more = try log.write(2)
            #expect(try LogFixture.rest(cursor) == more)
        }
    }

    @Test("Wait for a file that is not there yet")
    func missing() throws {
        try LogFixture.with { log in
            let cursor = LogCursor(path: log.path.string)
            #expect(try cursor.next() == nil)
            let expected = try log.write(1)
            #expect(try LogFixture.rest(cursor) == expected)
        }
    }

    @Test("A line counts when it has ended")
    func tornLine() throws {
        try LogFixture.with { log in
            let entry = LogFixture.entry("x\n")
            try log.append(String(entry.prefix(10)))
            let cursor = LogCursor(path: log.path.string)
            #expect(try cursor.next() == nil)
            try log.append(String(entry.dropFirst(10)))
            #expect(try LogFixture.rest(cursor) == ["x\n"])
        }
    }

    @Test("Nothing is lost or told twice across rotations", arguments: 1...3)
    func rotations(number: Int) throws {
        try LogFixture.with { log in
            var expected = try log.write(2)
            let cursor = LogCursor(path: log.path.string)
            var seen = try LogFixture.rest(cursor)
            // Written after the last look and before the rotation.
            expected += try log.write(1)
            for _ in 0..<number {
                log.rotate(keeping: 3)
                expected += try log.write(2)
            }
            seen += try LogFixture.rest(cursor)
            #expect(seen == expected)
            log.rotate(keeping: 3)
            // Between renaming and the first line of the new file.
            #expect(try LogFixture.rest(cursor) == [])
            let more = try log.write(1)
            #expect(try LogFixture.rest(cursor) == more)
        }
    }

    @Test("What was rotated away unread is lost, the rest is read")
    func lost() throws {
        try LogFixture.with { log in
            try log.write(1)
            let cursor = LogCursor(path: log.path.string)
            #expect(try LogFixture.rest(cursor).count == 1)
            var kept: [String] = []
            for round in 0..<4 {
                log.rotate(keeping: 2)
                let lines = try log.write(1)
                if round > 0 { kept += lines }
            }
            #expect(try LogFixture.rest(cursor) == kept)
        }
    }

    @Test("Lines of any length")
    func longLines() throws {
        try LogFixture.with { log in
            let texts = [String(repeating: "a", count: 200_000) + "\n", "b\n", String(repeating: "c", count: 70_000)]
            for text in texts { try log.append(LogFixture.entry(text)) }
            #expect(try LogFixture.rest(LogCursor(path: log.path.string)) == texts)
        }
    }
}

@Suite("Log sources")
struct LogSourceTests {
    private func rest(_ sources: [LogSource]) throws -> [String] {
        var seen: [String] = []
        while let (source, line) = try LogSource.oldest(of: sources) {
            source.drop()
            seen.append("\(source.container): \(line.text)")
        }
        return seen
    }

    @Test("The last lines, across rotated files", arguments: [0, 1, 3, 5, 100])
    func tail(count: Int) throws {
        try LogFixture.with { log in
            var expected = try log.write(3)
            log.rotate()
            expected += try log.write(2)
            let source = LogSource(container: "a", path: log.path.string)
            try source.skip(toLast: count)
            #expect(try rest([source]) == expected.suffix(count).map { "a: \($0)" })
            let more = try log.write(1)
            #expect(try rest([source]) == more.map { "a: \($0)" })
        }
    }

    @Test("Several containers are put in order of time")
    func merging() throws {
        try LogFixture.with { first in
            try LogFixture.with { second in
                for (log, text, time) in [
                    (first, "1", "10:00:00.1Z"), (second, "2", "10:00:00.11Z"), (second, "3", "10:00:00.2Z"),
                    (first, "4", "10:00:00.3Z"), (first, "5", "10:00:01Z"), (second, "6", "10:00:01Z"),
                ] {
                    try log.append(LogFixture.entry(text, time: "2025-11-02T" + time))
                }
                let sources = [
                    LogSource(container: "a", path: first.path.string),
                    LogSource(container: "b", path: second.path.string),
                ]
                #expect(try rest(sources) == ["a: 1", "b: 2", "b: 3", "a: 4", "a: 5", "b: 6"])
            }
        }
    }

    @Test("Older entries than asked for and torn lines are passed over")
    func filtering() throws {
        try LogFixture.with { log in
            try log.append(LogFixture.entry("old", time: "2025-11-02T09:59:59.999Z"))
            try log.append("{\"log\": \"torn\n")
            try log.append("\n")
            try log.append(LogFixture.entry("new", time: "2025-11-02T10:00:00Z"))
            let since = try #require(LogTime("2025-11-02T10:00:00Z"))
            let source = LogSource(container: "a", path: log.path.string, since: since)
            #expect(try rest([source]) == ["a: new"])
        }
    }
}

@Suite("Log printer")
struct LogPrinterTests {
    private func line(_ text: String, stream: String = "stdout") throws -> LogLine {
        try #require(LogLine(Array(LogFixture.entry(text, stream: stream).utf8)))
    }

    @Test("One container: its text as it is")
    func single() throws {
        var printer = LogPrinter(form: .text(timestamps: false), containers: ["app"], styled: true)
        #expect(printer.text(of: try line("a\u{1b}[1m\n"), container: "app").text == "a\u{1b}[1m\n")
        #expect(printer.text(of: try line("b", stream: "stderr"), container: "app") == ("b", true))
    }

    @Test("Several containers: names in a column, with times when asked for")
    func several() throws {
        var printer = LogPrinter(form: .text(timestamps: true), containers: ["app", "sidecar"], styled: false)
        #expect(
            printer.text(of: try line("a\n"), container: "app").text == "app     | 2025-11-02T10:11:12.5Z a\n")
        #expect(
            printer.text(of: try line("b"), container: "sidecar").text == "sidecar | 2025-11-02T10:11:12.5Z b\n")
    }

    @Test("A line in pieces gets its time once")
    func pieces() throws {
        var printer = LogPrinter(form: .text(timestamps: true), containers: ["app"], styled: false)
        let texts = try ["a", "b", "c\n", "d\n"].map { printer.text(of: try line($0), container: "app").text }
        #expect(texts.joined() == "2025-11-02T10:11:12.5Z abc\n2025-11-02T10:11:12.5Z d\n")
    }

    @Test("JSON: one object a line")
    func json() throws {
        var printer = LogPrinter(form: .json, containers: ["app"], styled: false)
        #expect(
            printer.text(of: try line("a\n", stream: "stderr"), container: "app")
                == (#"{"container":"app","stream":"stderr","time":"2025-11-02T10:11:12.5Z","log":"a\n"}"# + "\n", false)
        )
    }
}

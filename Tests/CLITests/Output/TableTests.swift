// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import tasknet

@Suite("Tables")
struct TableTests {
    @Test("Columns are aligned, lines have no spaces at their ends, empty cells show")
    func alignment() {
        var table = Table("TASK", ">CPU", "STATUS", "NOTE")
        table.add("1f", "5", "RUNNING", "")
        table.add("2abc", "1024", "PENDING", "x")
        table.add("3")
        #expect(
            table.lines() == [
                "TASK   CPU  STATUS   NOTE",
                "1f       5  RUNNING  -",
                "2abc  1024  PENDING  x",
                "3        -  -        -",
            ])
        #expect(table.lines(indentation: 2)[2] == "  2abc  1024  PENDING  x")
    }

    @Test("Without rows there are the titles")
    func empty() {
        #expect(Table("A", "B").lines() == ["A  B"])
    }

    @Test("Colours change nothing about the alignment")
    func styles() {
        var table = Table("STATUS", "NAME")
        table.add(Table.Cell("OK", .good), "a")
        #expect(table.lines(styled: true)[1] == "\u{1b}[32mOK\u{1b}[0m      a")
        #expect(table.lines()[1] == "OK      a")
    }

    @Test("What could steer a terminal or tear a line is escaped")
    func controlCharacters() {
        var table = Table("NAME", "NEXT")
        table.add(Table.Cell("a\u{1b}[31m\nb\u{202e}c\u{9b}"), "x")
        #expect(table.lines()[1] == #"a\u{1b}[31m\nb\u{202e}c\u{9b}  x"#)
    }

    @Test("A character of several scalars takes one place")
    func graphemes() {
        var table = Table("NAME", "N")
        table.add("e\u{301}", "1")
        table.add("abcde", "2")
        #expect(table.lines()[1] == "e\u{301}      1")
    }
}

@Suite("Elapsed time")
struct ElapsedTimeTests {
    @Test(
        "Is said in the largest unit",
        arguments: [
            (0.0, "0 seconds"), (1.9, "1 second"), (59.9, "59 seconds"), (60, "1 minute"), (3599, "59 minutes"),
            (3600, "1 hour"), (86_399, "23 hours"), (172_800, "2 days"), (-5, "0 seconds"), (.infinity, "0 seconds"),
        ])
    func text(seconds: Double, text: String) {
        #expect(ElapsedTime.text(seconds: seconds) == text)
    }

    @Test(
        "Is read in several forms",
        arguments: [
            ("90", 90.0), ("90s", 90), ("10m", 600), ("1h30m", 5400), ("2d", 172_800), ("250ms", 0.25), ("1.5h", 5400),
            ("", nil), ("m", nil), ("-5", nil), ("5x", nil), ("5m3", nil), ("1..5s", nil), (".5s", nil),
        ] as [(String, Double?)])
    func seconds(text: String, seconds: Double?) {
        #expect(ElapsedTime.seconds(text) == seconds)
    }
}

@Suite("Numbers of free addresses")
struct FreeAddressTests {
    @Test(
        "Large ones are said as powers of two",
        arguments: [
            (0, "0"), (251, "251"), (1 << 32, "4294967296"), ((1 << 48) - 5, "~2^48"), ((1 << 48) + 5, "~2^48"),
            (UInt64.max - 4, "~2^64"), (UInt64.max, "~2^64"),
        ] as [(UInt64, String)])
    func counts(count: UInt64, text: String) {
        #expect(SubnetCommand.List.count(count) == text)
    }
}

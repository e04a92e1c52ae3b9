// SPDX-License-Identifier: Apache-2.0

import JSON
import Testing

@testable import ControlClient

@Suite("HTTP responses")
struct HTTPResponseParserTests {
    private func parse(
        _ text: String, pieces: Int = .max, limits: HTTPResponseParser.Limits = .init()
    ) throws(HTTPError) -> HTTPResponse {
        let bytes = Array(text.utf8)
        var parser = HTTPResponseParser(limits: limits)
        var rest = bytes[...]
        while !rest.isEmpty {
            let piece = rest.prefix(pieces)
            if let response = try parser.receive(piece) { return response }
            rest = rest.dropFirst(piece.count)
        }
        return try parser.finish()
    }

    struct Sample: Sendable, CustomTestStringConvertible {
        var text: String
        var status = 200
        var body: String
        var testDescription: String { text.debugDescription }
    }

    static let samples = [
        Sample(text: "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", body: "{}"),
        Sample(text: "HTTP/1.1 200 OK\r\ncontent-length:2\r\n\r\n{}trailing", body: "{}"),
        Sample(text: "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n", status: 400, body: ""),
        Sample(text: "HTTP/1.0 200 OK\r\n\r\nuntil the end", body: "until the end"),
        Sample(text: "HTTP/1.1 200\r\nContent-Length: 1\r\n\r\nx", body: "x"),
        Sample(text: "HTTP/1.1 200 OK\nContent-Length: 1\n\nx", body: "x"),
        Sample(text: "HTTP/1.1 204 No Content\r\n\r\n", status: 204, body: ""),
        Sample(text: "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx", body: "x"),
        Sample(
            text:
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\nA;x=\"y\"\r\n0123456789\r\n0\r\n\r\n",
            body: "abcd0123456789"),
        Sample(
            text:
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\nContent-Length: 99\r\n\r\n1\r\nx\r\n0\r\nT: v\r\n\r\n",
            body: "x"),
        Sample(text: "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\nA:  \t b \t\r\n\r\nx", body: "x"),
    ]

    @Test("Are read from pieces of any size", arguments: samples, [1, 2, 3, 7, Int.max])
    func pieces(sample: Sample, size: Int) throws {
        let response = try parse(sample.text, pieces: size)
        #expect(response.status == sample.status)
        #expect(String(decoding: response.body, as: UTF8.self) == sample.body)
    }

    @Test("Fields are trimmed and named in lower case")
    func fields() throws {
        let response = try parse("HTTP/1.1 200 Fine enough\r\nX-Amzn-RequestId:  a b \r\nContent-Length: 0\r\n\r\n")
        #expect(response.reason == "Fine enough")
        #expect(response.values(of: "x-amzn-requestid") == ["a b"])
    }

    @Test(
        "Garbage is refused, and shown harmlessly",
        arguments: [
            ("SSH-2.0-OpenSSH_9.2\r\n", "it begins with \"SSH-2.0-OpenSSH_9.2\""),
            ("HTTP/2 200\r\n\r\n", "it begins with"),
            ("HTTP/1.1 2000 OK\r\n\r\n", "it begins with"),
            ("HTTP/1.1 +20 OK\r\n\r\n", "it begins with"),
            ("HTTP/1.1 099 OK\r\n\r\n", "it begins with"),
            ("\r\n", "it begins with an empty line"),
            ("\u{1b}[2J\n", "\"\\u{1b}[2J\""),
            ("HTTP/1.1 200 OK\r\nno colon\r\n\r\n", "a header line reads \"no colon\""),
            ("HTTP/1.1 200 OK\r\nA: b\r\n folded\r\n\r\n", "a header line reads"),
            ("HTTP/1.1 200 OK\r\nA : b\r\n\r\n", "a header line reads"),
            ("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "its Content-Length is \"-1\""),
            ("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", "its Content-Length is \"1, 2\""),
            ("HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n", "its Content-Length is"),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", "its Transfer-Encoding is"),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", "a chunk's size reads \"xyz\""),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n", "a chunk's size reads"),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nxy\r\n", "a chunk is longer"),
        ])
    func garbage(text: String, expected: String) throws {
        let error = #expect(throws: HTTPError.self) { try parse(text) }
        #expect(error?.description.contains(expected) == true, "\(String(describing: error))")
    }

    @Test("Sizes are bounded before anything is kept")
    func limits() throws {
        let limits = HTTPResponseParser.Limits(head: 100, body: 10)
        let head = "HTTP/1.1 200 OK\r\n"
        for (text, part, limit) in [
            (head + "Content-Length: 11\r\n\r\n", "body", 10),
            (head + "Transfer-Encoding: chunked\r\n\r\n6\r\n012345\r\n5\r\n", "body", 10),
            (head + "\r\n0123456789a", "body", 10),
            (head + "A: " + String(repeating: "x", count: 100), "head", 100),
            (String(repeating: "H", count: 101), "head", 100),
            (head + "Transfer-Encoding: chunked\r\n\r\n0\r\n" + String(repeating: "T: v\r\n", count: 100), "head", 100),
        ] {
            #expect(throws: HTTPError.tooLarge(part: part, limit: limit)) { try parse(text, limits: limits) }
            #expect(throws: HTTPError.tooLarge(part: part, limit: limit)) { try parse(text, pieces: 1, limits: limits) }
        }
        #expect(try parse(head + "Content-Length: 10\r\n\r\n0123456789", limits: limits).body.count == 10)
    }

    @Test("A body of very many small chunks is read")
    func manyChunks() throws {
        let text =
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + String(repeating: "1\r\nx\r\n", count: 50_000)
            + "0\r\n\r\n"
        #expect(try parse(text, pieces: 4096).body.count == 50_000)
    }

    @Test("Random bytes are read or refused, nothing else")
    func randomBytes() {
        var state: UInt64 = 7
        let next = { () -> UInt64 in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state >> 33
        }
        for sample in Self.samples {
            for _ in 0..<300 {
                var bytes = Array(sample.text.utf8)
                for _ in 0...(next() % 4) { bytes[Int(next()) % bytes.count] = UInt8(truncatingIfNeeded: next()) }
                var parser = HTTPResponseParser(limits: .init(head: 1000, body: 1000))
                do throws(HTTPError) {
                    if try parser.receive(bytes[...]) == nil { _ = try parser.finish() }
                } catch {
                    #expect(!error.description.isEmpty)
                }
            }
        }
    }

    @Test(
        "An early end is told from a whole response",
        arguments: [
            "", "HTTP/1.1 200", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n1234",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", "HTTP/1.1 100 Continue\r\n\r\n",
        ])
    func earlyEnd(text: String) {
        #expect(throws: HTTPError.closedEarly(receivedBytes: text.utf8.count)) { try parse(text) }
    }
}

@Suite("Escaped text")
struct EscapedTextTests {
    @Test("Ordinary text is left alone")
    func plain() {
        #expect(EscapedText.of("web-1 é 你好 😀") == "web-1 é 你好 😀")
    }

    @Test("Control, format and separator characters become visible")
    func control() {
        #expect(
            EscapedText.of("a\u{1b}[0m\r\n\t\u{7f}\u{85}\u{200b}\u{2028}")
                == #"a\u{1b}[0m\r\n\t\u{7f}\u{85}\u{200b}\u{2028}"#)
    }

    @Test("Excerpts are bounded")
    func quoted() {
        #expect(EscapedText.quoted([0x61, 0xff]) == "\"a\u{fffd}\"")
        #expect(EscapedText.quoted(Array(repeating: 0x61, count: 61)) == "\"\(String(repeating: "a", count: 60))…\"")
    }
}

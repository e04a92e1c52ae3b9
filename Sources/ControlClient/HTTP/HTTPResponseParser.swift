// SPDX-License-Identifier: Apache-2.0

import JSON

/// Reads one HTTP/1.1 response out of bytes that come in pieces of any size. It does no input or output.
///
/// Bodies are taken by `Content-Length`, by `Transfer-Encoding: chunked`, or until the connection closes.
struct HTTPResponseParser {
    struct Limits: Equatable, Sendable {
        /// Status line and fields together (and the trailer of a chunked body), in bytes.
        var head = 64 << 10
        /// The decoded body, in bytes.
        var body = 64 << 20
    }

    private enum State {
        case statusLine
        case fields
        case body(remaining: Int)
        case bodyUntilClose
        case chunkSize
        case chunk(remaining: Int)
        case chunkEnd
        case trailer
        case complete
    }

    private let limits: Limits
    private var state = State.statusLine
    private var response = HTTPResponse(status: 0, reason: "")
    /// A line that has begun and not ended.
    private var line: [UInt8] = []
    private var headBytes = 0
    private var receivedBytes = 0

    init(limits: Limits = Limits()) {
        self.limits = limits
    }

    /// Takes the next bytes. The response, once it is whole; bytes behind it are not looked at.
    mutating func receive(_ bytes: ArraySlice<UInt8>) throws(HTTPError) -> HTTPResponse? {
        receivedBytes += bytes.count
        var rest = bytes
        while !rest.isEmpty {
            switch state {
            case .body(let remaining):
                let count = try takeBody(&rest, atMost: remaining)
                state = count == remaining ? .complete : .body(remaining: remaining - count)
            case .chunk(let remaining):
                let count = try takeBody(&rest, atMost: remaining)
                state = count == remaining ? .chunkEnd : .chunk(remaining: remaining - count)
            case .bodyUntilClose:
                _ = try takeBody(&rest, atMost: rest.count)
            case .complete:
                return response
            case .statusLine, .fields, .chunkSize, .chunkEnd, .trailer:
                if let line = try takeLine(&rest) { try read(line: line) }
            }
        }
        if case .complete = state { return response }
        return nil
    }

    /// Tells that no more bytes will come.
    mutating func finish() throws(HTTPError) -> HTTPResponse {
        switch state {
        case .complete, .bodyUntilClose:
            return response
        default:
            throw .closedEarly(receivedBytes: receivedBytes)
        }
    }

    private mutating func takeBody(_ rest: inout ArraySlice<UInt8>, atMost limit: Int) throws(HTTPError) -> Int {
        let piece = rest.prefix(limit)
        guard response.body.count + piece.count <= limits.body else {
            throw .tooLarge(part: "body", limit: limits.body)
        }
        response.body.append(contentsOf: piece)
        rest = rest.dropFirst(piece.count)
        return piece.count
    }

    /// The next line without its end, if it has ended.
    private mutating func takeLine(_ rest: inout ArraySlice<UInt8>) throws(HTTPError) -> [UInt8]? {
        let end = rest.firstIndex(of: UInt8(ascii: "\n"))
        let piece = rest[..<(end ?? rest.endIndex)]
        headBytes += piece.count + 1
        guard headBytes <= limits.head else { throw .tooLarge(part: "head", limit: limits.head) }
        line.append(contentsOf: piece)
        guard let end else {
            rest = rest[rest.endIndex...]
            return nil
        }
        rest = rest[(end + 1)...]
        defer { line.removeAll(keepingCapacity: true) }
        if line.last == UInt8(ascii: "\r") { line.removeLast() }
        return line
    }
}

extension HTTPResponseParser {
    private mutating func read(line: [UInt8]) throws(HTTPError) {
        switch state {
        case .statusLine:
            try readStatusLine(line)
            state = .fields
        case .fields where line.isEmpty:
            state = try stateAfterHead()
        case .fields:
            response.fields.append(try field(line))
        case .chunkSize:
            let size = try chunkSize(line)
            guard response.body.count + size <= limits.body else { throw .tooLarge(part: "body", limit: limits.body) }
            // A body of very many very small chunks costs time, not memory: their size lines are no part of the head.
            headBytes = 0
            state = size == 0 ? .trailer : .chunk(remaining: size)
        case .chunkEnd:
            guard line.isEmpty else { throw .malformed("a chunk is longer than its size says") }
            state = .chunkSize
        case .trailer:
            if line.isEmpty { state = .complete }
        case .body, .bodyUntilClose, .chunk, .complete:
            break
        }
    }

    private mutating func readStatusLine(_ line: [UInt8]) throws(HTTPError) {
        let parts = line.split(separator: UInt8(ascii: " "), maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count >= 2, parts[0].starts(with: "HTTP/1.".utf8), parts[0].count == 8,
            parts[1].count == 3, let status = decimal(parts[1]), (100...599).contains(status)
        else {
            throw .malformed("it begins with \(quoted(line))")
        }
        response = HTTPResponse(
            status: status, reason: parts.count == 3 ? String(decoding: parts[2], as: UTF8.self) : "")
    }

    private func field(_ line: [UInt8]) throws(HTTPError) -> HTTPResponse.Field {
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > 0,
            line[..<colon].allSatisfy({ $0 > 0x20 && $0 < 0x7f })
        else {
            throw .malformed("a header line reads \(quoted(line))")
        }
        // Bytes that lie in a row: of any other collection, Swift asks its runtime what it can do.
        var value = line[(colon + 1)...]
        while let first = value.first, isBlank(first) { value.removeFirst() }
        while let last = value.last, isBlank(last) { value.removeLast() }
        return HTTPResponse.Field(
            name: String(decoding: line[..<colon], as: UTF8.self).lowercased(),
            value: String(decoding: value, as: UTF8.self))
    }

    private func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }

    private mutating func stateAfterHead() throws(HTTPError) -> State {
        if response.status < 200 {
            // 100 Continue and its like announce the real response.
            return .statusLine
        }
        if response.status == 204 || response.status == 304 { return .complete }
        let codings = response.values(of: "transfer-encoding")
        if !codings.isEmpty {
            guard codings.count == 1, codings[0].lowercased() == "chunked" else {
                throw .malformed("its Transfer-Encoding is \(quoted(Array(codings.joined(separator: ", ").utf8)))")
            }
            return .chunkSize
        }
        let lengths = response.values(of: "content-length")
        guard let first = lengths.first else { return .bodyUntilClose }
        guard lengths.allSatisfy({ $0 == first }), let length = decimal(first.utf8) else {
            throw .malformed("its Content-Length is \(quoted(Array(lengths.joined(separator: ", ").utf8)))")
        }
        guard length <= limits.body else { throw .tooLarge(part: "body", limit: limits.body) }
        return length == 0 ? .complete : .body(remaining: length)
    }

    private func chunkSize(_ line: [UInt8]) throws(HTTPError) -> Int {
        let digits = line.prefix { $0 != UInt8(ascii: ";") && $0 != UInt8(ascii: " ") }
        guard !digits.isEmpty, digits.count <= 15, digits.allSatisfy({ isHexDigit($0) }),
            let size = Int(String(decoding: digits, as: UTF8.self), radix: 16)
        else {
            throw .malformed("a chunk's size reads \(quoted(line))")
        }
        return size
    }

    private func isHexDigit(_ byte: UInt8) -> Bool {
        Character(Unicode.Scalar(byte)).isHexDigit && byte < 0x80
    }

    /// The value of at most 15 decimal digits, and of nothing else.
    private func decimal(_ digits: some Collection<UInt8>) -> Int? {
        guard (1...15).contains(digits.count), digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }

    private func quoted(_ bytes: [UInt8]) -> String {
        bytes.isEmpty ? "an empty line" : EscapedText.quoted(bytes)
    }
}

// SPDX-License-Identifier: Apache-2.0

import Addressing
import JSON
import VPC

/// Where a path goes to, as it is typed: `DESTINATION[:PORT][/PROTOCOL]`. Where it begins has neither.
struct PathArgument: Equatable, Sendable {
    /// A task, an ENI, an address, `internet` or `host`.
    var name: String
    var port: Int?
    /// As EC2 writes it.
    var ipProtocol: String?

    init(name: String, port: Int? = nil, ipProtocol: String? = nil) {
        self.name = name
        self.port = port
        self.ipProtocol = ipProtocol
    }

    /// - Throws: `CommandFailure` of usage that says what is wrong with it.
    init(_ text: String) throws(CommandFailure) {
        var rest = text[...]
        if let slash = rest.lastIndex(of: "/") {
            let suffix = String(rest[rest.index(after: slash)...])
            if let ipProtocol = IPProtocol(suffix), ipProtocol != .all {
                self.ipProtocol = ipProtocol.description
                rest = rest[..<slash]
            } else if !Self.isARN(rest) {
                throw Self.wrong(text, "\(EscapedText.quoted(suffix.utf8)) is no protocol: tcp, udp, icmp or a number")
            }
        }
        if rest.hasPrefix("[") {
            guard let end = rest.firstIndex(of: "]") else { throw Self.wrong(text, "the bracket is not closed") }
            name = String(rest[rest.index(after: rest.startIndex)..<end])
            guard IPv6Address(name) != nil else {
                throw Self.wrong(text, "between brackets there is an IPv6 address")
            }
            let tail = rest[rest.index(after: end)...]
            guard tail.isEmpty || tail.hasPrefix(":") else {
                throw Self.wrong(text, "behind the bracket there is :PORT")
            }
            port = tail.isEmpty ? nil : try Self.port(tail.dropFirst(), of: text)
        } else if IPv6Address(String(rest)) != nil {
            // A port would need brackets around the address.
            name = String(rest)
        } else {
            // An ARN has colons too, all of them before its last slash.
            let from = Self.isARN(rest) ? rest.lastIndex(of: "/") ?? rest.startIndex : rest.startIndex
            if let colon = rest[from...].lastIndex(of: ":") {
                name = String(rest[..<colon])
                port = try Self.port(rest[rest.index(after: colon)...], of: text)
            } else {
                name = String(rest)
            }
        }
        if name.isEmpty { throw Self.wrong(text, "it names nothing") }
        if port != nil, let ipProtocol, IPProtocol(ipProtocol)?.hasPorts != true {
            throw Self.wrong(text, "\(ipProtocol) has no ports")
        }
        if port == nil, let ipProtocol, IPProtocol(ipProtocol)?.hasPorts == true {
            throw Self.wrong(text, "\(ipProtocol) needs a port: \(name):80/\(ipProtocol)")
        }
    }

    private static func isARN(_ text: Substring) -> Bool { text.hasPrefix("arn:") }

    private static func port(_ text: Substring, of argument: String) throws(CommandFailure) -> Int {
        guard text.utf8.allSatisfy((UInt8(ascii: "0")...UInt8(ascii: "9")).contains), let port = UInt16(text), port > 0
        else {
            throw wrong(argument, "\(EscapedText.quoted(text.utf8)) is no port: 1 to 65535")
        }
        return Int(port)
    }

    private static func wrong(_ text: String, _ reason: String) -> CommandFailure {
        CommandFailure("\(EscapedText.quoted(text.utf8, limit: 120)): \(reason)", .usage)
    }
}

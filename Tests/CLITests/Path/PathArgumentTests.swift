// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import tasknet

@Suite("Ends of paths on the command line")
struct PathArgumentTests {
    private static let arn = SampleTasks.arn(SampleTasks.id("1f"))

    @Test(
        arguments: [
            ("1f3c", "1f3c", nil, nil), ("1f3c:80", "1f3c", 80, nil), ("1f3c:53/udp", "1f3c", 53, "udp"),
            ("internet", "internet", nil, nil), ("host:22/TCP", "host", 22, "tcp"),
            ("eni-1/icmp", "eni-1", nil, "icmp"),
            ("10.0.1.4", "10.0.1.4", nil, nil), ("10.0.1.4:80/tcp", "10.0.1.4", 80, "tcp"),
            ("10.0.1.4/50", "10.0.1.4", nil, "50"), ("10.0.1.4/1", "10.0.1.4", nil, "icmp"),
            ("fd00::1:80", "fd00::1:80", nil, nil), ("[fd00::1]:80", "fd00::1", 80, nil),
            ("[fd00::1]", "fd00::1", nil, nil), ("[fd00::1]:53/udp", "fd00::1", 53, "udp"),
            ("fd00::1/icmpv6", "fd00::1", nil, "icmpv6"),
            (arn, arn, nil, nil), (arn + ":80", arn, 80, nil), (arn + ":80/udp", arn, 80, "udp"),
            (arn + "/icmp", arn, nil, "icmp"),
        ] as [(String, String, Int?, String?)])
    func parses(text: String, name: String, port: Int?, ipProtocol: String?) throws {
        #expect(try PathArgument(text) == PathArgument(name: name, port: port, ipProtocol: ipProtocol))
    }

    @Test(arguments: [
        ("", "names nothing"), (":80", "names nothing"), ("a:", "is no port"), ("a:0", "is no port"),
        ("a:65536", "is no port"), ("a:+1", "is no port"), ("a:http", "is no port"), ("a/sctp", "is no protocol"),
        ("a/all", "is no protocol"), ("10.0.0.0/256", "is no protocol"), ("[fd00::1", "not closed"),
        ("[10.0.0.1]:80", "an IPv6 address"), ("[fd00::1]80", "there is :PORT"), ("a:80/icmp", "icmp has no ports"),
        ("a/tcp", "tcp needs a port: a:80/tcp"), ("\u{1b}:x", "\\u{1b}"), ("arn:", "is no port"),
    ])
    func refuses(text: String, part: String) {
        let failure = #expect(throws: CommandFailure.self) { try PathArgument(text) }
        #expect(failure?.status == .usage)
        #expect(failure?.message.contains(part) == true, "\(failure?.message ?? "")")
    }
}

// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Testing

@testable import tasknet

@Suite("Rules on the command line")
struct RuleArgumentTests {
    private func message(_ words: String) -> String {
        do {
            return "accepted: \(try Tasknet.parseAsRoot(words.split(separator: " ").map(String.init)))"
        } catch {
            #expect(Tasknet.exitCode(for: error).rawValue == 64)
            return Tasknet.message(for: error)
        }
    }

    @Test(arguments: [
        ("sg authorize web", "say --protocol, or give --ip-permissions"),
        ("sg authorize web --protocol tcp --cidr ::/0", "--port is needed with tcp"),
        ("sg authorize web --protocol icmp --port 80 --cidr ::/0", "--port goes with tcp and udp"),
        ("sg authorize web --protocol udp --port 1 --icmp-type 8 --cidr ::/0", "--icmp-type goes with icmp"),
        ("sg authorize web --protocol all", "say who"),
        ("sg authorize web --protocol sctp --cidr ::/0", "a protocol is tcp"),
        ("sg authorize web --protocol tcp --port 90-80 --cidr ::/0", "a port is 0 to 65535"),
        ("sg authorize web --protocol tcp --port 65536 --cidr ::/0", "a port is 0 to 65535"),
        ("sg authorize web --protocol tcp --port 80- --cidr ::/0", "a port is 0 to 65535"),
        ("sg authorize web --protocol tcp --port +80 --cidr ::/0", "a port is 0 to 65535"),
        ("sg authorize web --protocol icmp --icmp-type 8/0/0 --cidr 10.0.0.0/8", "a type is 0 to 255"),
        ("sg authorize web --protocol icmp --icmp-type 256 --cidr 10.0.0.0/8", "a type is 0 to 255"),
        ("sg authorize web --protocol all --cidr 10.0.0.0/33", "the prefix length 33 is over 32"),
        ("sg authorize web --ip-permissions f --protocol all", "--ip-permissions says all"),
        ("sg authorize web --ip-permissions f --description x", "--description goes with --protocol"),
        ("sg revoke web", "say which rules"),
        ("sg revoke web --rule sgr-1 --protocol all", "leave the other options out"),
        ("sg revoke web --rule sgr-1 --egress", "leave the other options out"),
        ("sg create", "Missing expected argument"),
        ("eni modify eni-1", "Missing expected argument '--security-group"),
        ("why 1f", "Missing expected argument '<destination"),
    ])
    func refusals(words: String, expected: String) {
        let text = message(words)
        #expect(text.contains(expected), "\(text)")
    }
}

// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import TaskNetworking

@Suite struct NameTests {
    @Test(arguments: ["eth0", "tn-0123456789ab", "a", "br.100", "x@y", "fifteen-letters"])
    func namesThatALinkCanHave(text: String) throws {
        #expect(try InterfaceName(text).text == text)
    }

    @Test(arguments: [
        ("", "empty"), ("sixteen-letters!", "16 bytes"), ("a/b", "'/'"), ("a:b", "':'"), (".", "directory"),
        ("..", "directory"), ("eth 0", "printable"), ("eth0\n", "printable"), ("eth\u{0}", "printable"),
        ("ethé", "printable"), ("eth%d", "'%'"),
    ])
    func namesThatALinkCannotHave(text: String, reason: String) {
        let error = #expect(throws: NameError.self) { try InterfaceName(text) }
        #expect(error?.description.contains(reason) == true)
    }

    @Test(arguments: ["/run/netns/x", "/a", "/run/netns/a..b", "/proc/1/ns/net"])
    func pathsThatAreTaken(text: String) throws {
        #expect(try AbsolutePath(text).text == text)
    }

    @Test(arguments: [
        "", "/", "run/netns", "/run/../etc/passwd", "/run/./x", "/run//x", "/run/x/", "/run/a\u{0}b", "/..",
        "/" + String(repeating: "a", count: 256), String(repeating: "/abc", count: 1100),
    ])
    func pathsThatAreRefused(text: String) {
        #expect(throws: NameError.self) { try AbsolutePath(text) }
    }

    @Test func fileNamesDoNotLeadOutOfADirectory() throws {
        let directory = try AbsolutePath("/run/tasknet")
        #expect(try directory.appending("hosts").text == "/run/tasknet/hosts")
        for name in ["..", ".", "", "a/b", "../x"] {
            #expect(throws: NameError.self) { try directory.appending(name) }
        }
    }
}

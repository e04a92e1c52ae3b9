// SPDX-License-Identifier: Apache-2.0
import Foundation
import Linux
import SystemPackage
import TestSupport
import Testing

@testable import AWSPlugins

/// IPAM plugins that are programs of their own.
@Suite(.requiresRoot) struct DelegationTests {
    private static let hostLocalPath = "/usr/lib/cni/host-local"

    @Test(.requirement(unmet: FileManager.default.fileExists(atPath: hostLocalPath) ? nil : "needs host-local"))
    func hostLocal() throws {
        try BridgeHost.with { host in
            let data = host.directory.appending("host-local").string
            let ipam = #"""
                {"type":"host-local","dataDir":"\#(data)","subnet":"10.3.0.0/24","routes":[{"dst":"10.4.0.0/16"}]}
                """#
            let path = ["CNI_PATH": "/none:/usr/lib/cni"]
            let answer = try host.call("ADD", ipam: ipam, environment: path)
            try #require(answer.succeeded, "\(answer)")
            #expect(answer.document["ips"][0]["address"].text == "10.3.0.2/24")
            let routes = try host.ip("route", in: host.task).elements.map { $0["dst"].text }
            #expect(routes == ["10.3.0.1", "10.4.0.0/16"])
            let previous = #","prevResult":\#(answer.output)"#
            let check = try host.call("CHECK", ipam: ipam, more: previous, environment: path)
            #expect(check.succeeded, "\(check)")
            #expect(try host.call("DEL", ipam: ipam, environment: path).succeeded)
            #expect(try FileManager.default.contentsOfDirectory(atPath: "\(data)/net").contains("10.3.0.2") == false)
            try host.expectNothingLeft(["ecs-bridge"])
        }
    }

    /// What it is given, and where what it says goes.
    @Test func calledAsWeWere() throws {
        try BridgeHost.with { host in
            let record = host.directory.appending("record").string
            try host.script(
                "fake",
                #"""
                { echo "$CNI_COMMAND $CNI_CONTAINERID $CNI_NETNS $CNI_IFNAME $CNI_PATH $OTHER"; cat; echo; } >>\#(record)
                echo words >&2
                test $CNI_COMMAND != ADD || echo '{"ips":[{"address":"10.1.0.2/24","gateway":"10.1.0.1"}],"dns":{"domain":"d"}}'
                """#)
            let ipam = #"{"type":"fake","key":[1.50,"\u00e9"]}"#
            let answer = try host.call("ADD", ipam: ipam, environment: ["OTHER": "more"])
            try #require(answer.succeeded, "\(answer)")
            #expect(answer.errors == "words\n" && answer.document["dns"]["domain"].text == "d")
            #expect(try host.call("DEL", ipam: ipam).succeeded)
            let lines = try String(contentsOfFile: record, encoding: .utf8).split(separator: "\n")
            #expect(lines[0] == "ADD c1 \(host.path()) ecs-eth0 \(host.ipam.runtime.directory) more")
            #expect(lines[1].contains(#""ipam":{"type":"fake","key":[1.50,"é"]}"#) && lines[1].contains("ecs-bridge"))
            #expect(lines[2].hasPrefix("DEL c1 "))
        }
    }

    @Test func itsErrorsAreOurs() throws {
        try BridgeHost.with { host in
            try host.script("fake", #"cat >/dev/null; echo '{"code":42,"msg":"no luck","details":"today"}'; exit 3"#)
            let answer = try host.call("ADD", ipam: #"{"type":"fake"}"#)
            #expect(answer.code == 42 && answer.message == "no luck: today", "\(answer)")
            try host.expectNothingLeft()
        }
        for (script, text) in [
            ("exit 2", "exit code 2"), ("echo garbage; exit 1", "garbage"), ("kill -9 $$", "killed by signal 9"),
            ("echo garbage", "answered no JSON"), ("true", "answered nothing"),
            (#"echo '{"ips":7}'"#, "ips in the answer of "), ("echo '[]'", "a result is a list"),
            ("head -c 70000000 /dev/zero | tr '\\0' ' '", "the answer of "),
            ("echo '{}'", "expected 1 or 2 IP configs, got 0"),
            (#"echo '{"ips":[{"address":"10.1.0.2/24"}]}'"#, "Gateway not set for IP[0]"),
            (#"echo '{"ips":[{"address":"10.1.0.2","gateway":"10.1.0.1"}]}'"#, "invalid IP[0]"),
            (#"echo '{"ips":[{"address":"10.1.0.2/24","gateway":"::1"}]}'"#, "invalid Gateway ::1 for IP[0]"),
            (
                #"echo '{"ips":[{"address":"10.1.0.2/24","gateway":"10.1.0.1"}],"routes":[{"dst":"x"}]}'"#,
                "invalid route x"
            ),
        ] {
            try BridgeHost.with { host in
                let calls = host.directory.appending("calls").string
                try host.script("fake", "echo $CNI_COMMAND >>\(calls)\ntest $CNI_COMMAND = DEL && exit 0\n\(script)")
                let answer = try host.call("ADD", ipam: #"{"type":"fake"}"#)
                #expect(!answer.succeeded && answer.message.contains(text), "\(script): \(answer)")
                try host.expectNothingLeft()
                // What it gave out is given back, whatever it said of it; what it refused is not.
                let refused = script.contains("exit") || script.contains("kill")
                #expect(try String(contentsOfFile: calls, encoding: .utf8) == (refused ? "ADD\n" : "ADD\nDEL\n"))
            }
        }
    }

    @Test func anAnswerThatIsNoneAndADELThatFails() throws {
        try BridgeHost.with { host in
            try host.script("fake", "test $CNI_COMMAND = ADD || exit 9; echo garbage")
            let answer = try host.call("ADD", ipam: #"{"type":"fake"}"#)
            #expect(answer.message.contains("answered no JSON"), "\(answer)")
            #expect(answer.message.contains("what it gave out stays given out"), "\(answer)")
            #expect(answer.message.contains("exit code 9"), "\(answer)")
        }
    }

    @Test func aFailingDELKeepsNoLink() throws {
        try BridgeHost.with { host in
            let ips = #"{"ips":[{"address":"10.1.0.2/24","gateway":"10.1.0.1"}]}"#
            try host.script("fake", "test $CNI_COMMAND = DEL && exit 9; echo '\(ips)'")
            let ipam = #"{"type":"fake"}"#
            #expect(try host.call("ADD", ipam: ipam).succeeded)
            let answer = try host.call("DEL", ipam: ipam)
            #expect(answer.code == 100 && answer.message.contains("exit code 9"), "\(answer)")
            try host.expectNothingLeft(["ecs-bridge"])
            let missing = try host.call("DEL", ipam: #"{"type":"none"}"#)
            #expect(missing.message.contains("failed to find plugin"), "\(missing)")
            #expect(try host.call("DEL", ipam: nil).succeeded)
        }
    }

    @Test func bothHalvesOfADELThatFail() throws {
        try BridgeHost.with { host in
            let answer = try host.call("DEL", ipam: #"{"type":"none"}"#, interface: "averyveryverylongname")
            #expect(answer.code == 7 && answer.message.contains("failed to find plugin"), "\(answer)")
            #expect(answer.message.contains("CNI_IFNAME"), "\(answer)")
        }
    }

    /// A plugin of our own plugin's name that is another program is started.
    @Test func anotherECSIPAM() throws {
        try BridgeHost.with { host in
            let path = host.directory.appending("other").string
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            let script = "#!/bin/sh\necho '{\"ips\":[{\"address\":\"10.1.0.9/24\",\"gateway\":\"10.1.0.1\"}]}'\n"
            try Data(script.utf8).write(to: URL(filePath: "\(path)/ecs-ipam"))
            try TestSupport.run(["chmod", "755", "\(path)/ecs-ipam"])
            let answer = try host.call("ADD", environment: ["CNI_PATH": path])
            #expect(answer.document["ips"][0]["address"].text == "10.1.0.9/24", "\(answer)")
            #expect(try host.leases() == [])
        }
    }

    @Test func garbageAndStatus() throws {
        try BridgeHost.with { host in
            for name in ["a", "b"] {
                _ = try host.ipam.test.makeNamespace(name)
                let ipam = #"{"type":"ecs-ipam",\#(BridgeHost.four)}"#
                let answer = try host.call("ADD", ipam: ipam, namespace: host.path(name), container: name)
                try #require(answer.succeeded, "\(answer)")
            }
            let valid = #","cni.dev/valid-attachments":[{"containerID":"b","ifname":"ecs-eth0"}]"#
            let nameless = try host.call("GC", version: "1.1.0", more: #","name":"""# + valid)
            #expect(nameless.code == 7 && nameless.message.contains("missing network name"), "\(nameless)")
            #expect(try host.leases().count == 2)
            let answer = try host.call("GC", version: "1.1.0", more: valid)
            #expect(answer.succeeded, "\(answer)")
            #expect(try host.leases() == ["169.254.172.3"])
            #expect(
                try host.ip("link show type veth").elements.map { $0["ifalias"].text } == ["ecs-bridge net b ecs-eth0"])
            #expect(try host.call("STATUS", version: "1.1.0").succeeded)
            try host.script("fake", #"echo '{"code":51,"msg":"'$CNI_COMMAND'"}'; exit 1"#)
            for command in ["GC", "STATUS"] {
                let answer = try host.call(command, ipam: #"{"type":"fake"}"#, version: "1.1.0", more: valid)
                #expect(answer.code == 51 && answer.message.hasPrefix(command), "\(answer)")
            }
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
import Linux
import SystemPackage
import TestSupport
import Testing

struct SysctlTests {
    @Test func namesAreAsSysctlWritesThem() throws {
        let sysctl = try Sysctl.ipv4(interface: "eth0.5", "proxy_arp")
        #expect(sysctl.description == "net.ipv4.conf.eth0/5.proxy_arp")
        #expect(sysctl.path == "/proc/sys/net/ipv4/conf/eth0.5/proxy_arp")
    }

    @Test(arguments: ["..", ".", "", "a/b", "a\0b"])
    func namesThatLeadElsewhereAreRefused(name: String) {
        #expect(throws: LinuxError.self) { try Sysctl.ipv4(interface: name, "forwarding") }
    }

    @Test func missingOnesAreNamed() throws {
        let error = try #require(
            #expect(throws: LinuxError.self) { try Sysctl.ipv4(interface: "nosuch0", "forwarding").read() })
        #expect(
            error.description == "read sysctl net.ipv4.conf.nosuch0.forwarding: No such file or directory (ENOENT)")
    }

    @Test(.requiresRoot) func eachNamespaceHasItsOwn() throws {
        let one = try NetworkNamespace.create()
        let two = try NetworkNamespace.create()
        let sysctl = try Sysctl("net", "ipv4", "ip_forward")
        try sysctl.write("1", in: one)
        #expect(try sysctl.read(in: one) == "1")
        #expect(try sysctl.read(in: two) == "0")
        #expect(try run(["cat", "/proc/sys/net/ipv4/ip_forward"], in: one).output == "1\n")
        let error = #expect(throws: LinuxError.self) { try sysctl.write("many", in: one) }
        #expect(error?.description == "set sysctl to many: net.ipv4.ip_forward: Invalid argument (EINVAL)")
    }

    @Test func bootIDIsAUUID() throws {
        #expect(try BootID.current().count == 36)
    }
}

// SPDX-License-Identifier: Apache-2.0
import Addressing
import Testing
import VPC

@testable import TaskNetworking

@Suite struct TaskFilesTests {
    @Test func filesOfATaskWithTwoInterfaces() throws {
        var first = try Sample.eni(5, .dual)
        first.privateDNSName = "ip-10-0-1-5.example.internal"
        first.domainNames = ["example.internal", "internal"]
        first.domainNameServers = [.v4(try IPv4Address(parsing: "10.0.1.2"))]
        var second = try Sample.eni(7, subnet: 2, index: 1)
        second.privateDNSName = nil
        second.domainNames = ["internal", "other.internal"]
        second.domainNameServers = [
            .v4(try IPv4Address(parsing: "10.0.1.2")), .v6(try IPv6Address(parsing: "2001:db8::2")),
        ]
        let files = try TaskFiles(hostname: "ip-10-0-1-5.example.internal", interfaces: [second, first])
        #expect(
            files.hosts == """
                127.0.0.1\tlocalhost
                ::1\tlocalhost ip6-localhost ip6-loopback
                ff02::1\tip6-allnodes
                ff02::2\tip6-allrouters
                10.0.1.5\tip-10-0-1-5.example.internal
                2001:db8:0:1::5\tip-10-0-1-5.example.internal

                """)
        #expect(
            files.resolvConf == """
                search example.internal internal other.internal
                nameserver 10.0.1.2
                nameserver 2001:db8::2

                """)
        #expect(files.hostname == "ip-10-0-1-5.example.internal")
    }

    @Test func aHostNameOfOnesOwnResolvesToo() throws {
        let eni = try Sample.eni()
        let files = try TaskFiles(hostname: "web", interfaces: [eni])
        #expect(files.hosts.hasSuffix("10.0.1.5\t\(eni.privateDNSName ?? "") web\n"))
    }

    @Test func aNameThatIsTooLongForAHostStaysInHosts() throws {
        var eni = try Sample.eni()
        let name = "ip-10-0-1-5" + String(repeating: ".abc", count: 60)
        eni.privateDNSName = name
        let files = try TaskFiles(hostname: try #require(eni.hostname), interfaces: [eni])
        #expect(files.hostname == "ip-10-0-1-5")
        #expect(files.hosts.hasSuffix("10.0.1.5\t\(name) ip-10-0-1-5\n"))
    }

    @Test func noServersAndNoDomainsIsAnEmptyFile() throws {
        var eni = try Sample.eni()
        eni.domainNames = []
        eni.domainNameServers = []
        #expect(try TaskFiles(hostname: "web", interfaces: [eni]).resolvConf == "")
    }
}

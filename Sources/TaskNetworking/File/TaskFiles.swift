// SPDX-License-Identifier: Apache-2.0
import Addressing
package import VPC

/// The texts that every container of a task finds in `/etc`: they belong to the task, not to an image, as with ECS,
/// where all containers share the pause container's.
package struct TaskFiles: Hashable, Sendable {
    package let hostname: String
    package let hosts: String
    package let resolvConf: String

    /// - Throws: `NameError` for a name that would add a line or a word of its own to one of the files.
    package init(hostname: String, interfaces: [NetworkInterface]) throws(NameError) {
        try Self.check(hostname, is: "host name")
        let most = NetworkInterface.maximumHostnameLength
        if hostname.utf8.count > most {
            let problem = "it has \(hostname.utf8.count) bytes, and a host name has at most \(most)"
            throw NameError(kind: "host name", text: hostname, problem: problem)
        }
        let ordered = interfaces.sorted { $0.index < $1.index }
        for interface in ordered {
            if let name = interface.privateDNSName { try Self.check(name, is: "private DNS name") }
            for domain in interface.domainNames { try Self.check(domain, is: "domain name") }
        }
        self.hostname = hostname
        self.hosts = Self.hosts(hostname: hostname, interfaces: ordered)
        self.resolvConf = Self.resolvConf(
            servers: ordered.flatMap(\.domainNameServers), searchDomains: ordered.flatMap(\.domainNames))
    }

    /// `/etc/hosts`: localhost, and each ENI's addresses under its private DNS name. The task's own host name resolves
    /// to its primary ENI, whatever it is called.
    static func hosts(hostname: String, interfaces: [NetworkInterface]) -> String {
        var text = """
            127.0.0.1\tlocalhost
            ::1\tlocalhost ip6-localhost ip6-loopback
            ff02::1\tip6-allnodes
            ff02::2\tip6-allrouters

            """
        for (position, interface) in interfaces.enumerated() {
            var names = [interface.privateDNSName].compactMap(\.self)
            if position == 0, !names.contains(hostname) { names.append(hostname) }
            if names.isEmpty { continue }
            let line = names.joined(separator: " ")
            for address in interface.addresses { text += "\(address)\t\(line)\n" }
        }
        return text
    }

    /// `/etc/resolv.conf`: each server and each search domain once, in the order of the ENIs.
    static func resolvConf(servers: [IPAddress], searchDomains: [String]) -> String {
        var text = ""
        let domains = unique(searchDomains)
        if !domains.isEmpty { text += "search \(domains.joined(separator: " "))\n" }
        for server in unique(servers) { text += "nameserver \(server)\n" }
        return text
    }

    private static func unique<Element: Hashable>(_ elements: [Element]) -> [Element] {
        var seen: Set<Element> = []
        return elements.filter { seen.insert($0).inserted }
    }

    private static func check(_ name: String, is kind: String) throws(NameError) {
        if name.isEmpty { throw NameError(kind: kind, text: name, problem: "it is empty") }
        for byte in name.utf8 where !(0x21...0x7e).contains(byte) || byte == UInt8(ascii: "#") {
            throw NameError(kind: kind, text: name, problem: "it has a character that a host name cannot have")
        }
    }
}

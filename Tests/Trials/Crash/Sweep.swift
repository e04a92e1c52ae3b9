// SPDX-License-Identifier: Apache-2.0
import Addressing
import Foundation
import Glibc
import Linux
import Netfilter
import Netlink
import SystemPackage

/// Takes everything away by force: processes, namespaces, links, routes, tables, files.
struct Sweep {
    let host: TrialHost

    init(_ host: TrialHost) { self.host = host }

    func run() throws {
        for pid in try ProcessSurvey().pauses.values.joined() { kill(pid, SIGKILL) }
        let survey = try HostSurvey(host)
        for name in survey.namespaces { try? NetworkNamespace.remove(at: host.namespaceDirectory.appending(name)) }
        let connection = try RouteConnection()
        for table in HostSurvey.filterTables where !survey.elements.isEmpty {
            try? Ruleset().apply("delete table \(table)")
        }
        // A device that was lent comes back when its namespace is gone, which is not at once.
        for _ in 0..<100 {
            let links = try connection.links().filter { $0.name != "lo" }
            if links.isEmpty { break }
            for link in links { try? connection.apply(.deleteLink(.index(link.index))) }
            usleep(10_000)
        }
        for route in survey.routes where route.routeProtocol == HostSurvey.routeProtocol {
            try? connection.apply(.removeRoute(route))
        }
        // The gateways' addresses.
        for address in survey.addresses where !["127.0.0.1", "::1"].contains("\(address.address.address)") {
            try? connection.apply(.removeAddress(address))
        }
        try? FileManager.default.removeItem(atPath: host.runtimeDirectory.string)
    }
}

extension TrialHost {
    /// The next daemon is to know nothing.
    func forgetState() throws {
        if access(stateDirectory.string, F_OK) == 0 { try DirectoryTree.remove(stateDirectory) }
        unlink(logPath.string)
    }

    /// In bytes.
    var logSize: Int {
        var status = stat()
        return stat(logPath.string, &status) == 0 ? Int(status.st_size) : 0
    }

    /// The daemon's log from a place on.
    func log(from start: Int) -> [Substring] {
        guard let data = FileManager.default.contents(atPath: logPath.string) else { return [] }
        return String(decoding: data.dropFirst(start), as: UTF8.self).split(separator: "\n")
    }

    /// Nothing of the trial's may be found when it has ended.
    func remove() {
        try? Sweep(self).run()
        try? FileManager.default.removeItem(atPath: directory.string)
    }
}

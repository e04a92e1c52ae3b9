// SPDX-License-Identifier: Apache-2.0
import Foundation
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import AWSPlugins

/// A host with the built plugins and a database of its own.
struct IPAMHost {
    let test: TestHost
    let runtime: PluginRuntime
    let database: String

    static func with(_ body: (IPAMHost) throws -> Void) throws {
        try TestHost.with { test in
            let runtime = try PluginRuntime(test, plugins: ["ecs-ipam", "ecs-bridge"])
            try body(IPAMHost(test: test, runtime: runtime, database: test.directory.appending("ipam.db").string))
        }
    }

    static let subnet = #""ipv4-subnet":"10.7.0.0/24""#

    /// One call of ecs-ipam.
    ///
    /// - Parameter ipam: members of the object `ipam`.
    func call(
        _ command: String, _ ipam: String, version: String = "1.0.0", container: String? = "c1", more: String = "",
        namespace: String = "/run/netns/none", environment: [String: String] = [:]
    ) throws -> PluginRuntime.Answer {
        let rest = ipam.isEmpty ? "" : ",\(ipam)"
        var call = PluginRuntime.Call(
            "ecs-ipam", command, containerID: container, networkNamespace: namespace,
            configuration: #"""
                {"cniVersion":"\#(version)","name":"net"\#(more),"ipam":{"type":"ecs-ipam"\#(rest)}}
                """#)
        call.environment = self.environment.merging(environment) { $1 }
        return try runtime.run(call)
    }

    var environment: [String: String] {
        ["IPAM_DB_PATH": database, "ECS_CNI_LOG_FILE": test.directory.appending("log").string]
    }

    /// The address that an ADD gives.
    @discardableResult
    func add(_ ipam: String, container: String? = "c1") throws -> String {
        let answer = try call("ADD", ipam, container: container)
        try #require(answer.succeeded, "\(answer)")
        return try #require(answer.document["ips"][0]["address"].text)
    }

    func del(_ ipam: String, container: String? = "c1") throws {
        let answer = try call("DEL", ipam, container: container)
        try #require(answer.succeeded && answer.output.isEmpty, "\(answer)")
    }

    /// Addresses that are given out, without gateways.
    func leases() throws -> [String] {
        let database = try SQLiteDatabase(path: database, patience: .seconds(5))
        return try database.rows("SELECT address FROM address WHERE NOT is_gateway ORDER BY family, address") {
            $0.blob(0).map(String.init).joined(separator: ".")
        }
    }
}

/// Runs a body once for each number, in as many threads: the tests' own are as few as there are processors.
func inThreads(_ count: Int, _ body: @escaping @Sendable (Int) throws -> Void) throws {
    let failures = Mutex<[any Error]>([])
    let group = DispatchGroup()
    for number in 0..<count {
        group.enter()
        Thread.detachNewThread {
            do { try body(number) } catch { failures.withLock { $0.append(error) } }
            group.leave()
        }
    }
    group.wait()
    if let failure = failures.withLock({ $0.first }) { throw failure }
}

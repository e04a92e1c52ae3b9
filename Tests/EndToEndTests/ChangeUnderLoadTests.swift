// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import Linux
import Synchronization
import SystemPackage
import TestSupport
import Testing

@Suite("Security groups that change under load", .requiresRoot)
struct ChangeUnderLoadTests {
    @Test("100 changes while connections are made: not one is wrongly allowed or refused")
    func hundredChanges() async throws {
        try await Machine.with { machine in
            func group(_ name: String) throws -> String {
                try #require(
                    try machine.ask(
                        "CreateSecurityGroup", #"{"GroupName": "\#(name)", "Description": "of a test"}"#,
                        service: "TaskNetwork")["GroupId"].text)
            }
            let friends = try group("friends")
            let strangers = try group("strangers")
            func permission(_ ports: ClosedRange<Int>, from group: String) -> String {
                """
                [{"IpProtocol": "tcp", "FromPort": \(ports.lowerBound), "ToPort": \(ports.upperBound),
                  "UserIdGroupPairs": [{"GroupId": "\(group)"}]}]
                """
            }
            func change(_ operation: String, _ group: String, _ permissions: String) throws {
                _ = try machine.ask(
                    operation, #"{"GroupId": "\#(group)", "IpPermissions": \#(permissions)}"#, service: "TaskNetwork")
            }
            // Both let the friends in, and nobody else.
            let servers = [try group("one"), try group("two")]
            for server in servers {
                try change("AuthorizeSecurityGroupIngress", server, permission(7000...7999, from: friends))
            }
            let server = try await machine.place("server", subnet: Machine.subnet, group: servers[0])
            let friend = try await machine.place("friend", subnet: Machine.subnet, group: friends)
            let stranger = try await machine.place("stranger", subnet: Machine.subnet, group: strangers)
            let eni = try #require(
                try machine.ask("ListNetworkInterfaces", service: "TaskNetwork")["networkInterfaces"].elements.first {
                    $0["privateIpv4Addresses"].texts == [server.addresses[.v4]]
                }?["networkInterfaceId"].text)

            let load = try Load(server: server, friend: friend, stranger: stranger)
            load.start()
            defer { load.stop() }
            // Each keeps what is allowed as it is, by another rule, other rules beside it, or another group.
            for round in 0..<25 {
                let other = servers[(round + 1) % 2]
                try change("AuthorizeSecurityGroupIngress", other, permission(7777...7777, from: friends))
                _ = try machine.ask(
                    "ModifyNetworkInterfaceAttribute", #"{"NetworkInterfaceId": "\#(eni)", "Groups": ["\#(other)"]}"#,
                    service: "TaskNetwork")
                try change("AuthorizeSecurityGroupIngress", other, permission(8000...8001, from: strangers))
                try change("RevokeSecurityGroupIngress", other, permission(7777...7777, from: friends))
                try change("RevokeSecurityGroupIngress", other, permission(8000...8001, from: strangers))
            }
            load.stop()
            let seen = load.seen
            #expect(seen.failed == 0 && seen.wronglyAllowed == 0, "\(seen)")
            // What left was let in, or was a stranger's: a SYN that is sent again would make up for a refusal.
            let rules = try machine.ask("DescribeSecurityGroupRules", service: "TaskNetwork")["SecurityGroupRules"]
                .elements
            func packets(_ groups: [String], isEgress: Bool) -> Int {
                rules.filter { groups.contains($0["GroupId"].text ?? "") && $0["IsEgress"] == .flag(isEgress) }
                    .compactMap { $0["Packets"].integer }.reduce(0, +)
            }
            let drops = try machine.ask("ListNetworkInterfaces", service: "TaskNetwork")["networkInterfaces"].elements
                .first { $0["networkInterfaceId"].text == eni }?["drops"]["deniedIngress"]["packets"].integer
            #expect(packets([friends], isEgress: true) == packets(servers, isEgress: false))
            #expect(packets([strangers], isEgress: true) == drops)
            #expect(seen.allowed > 100 && seen.tried > 100, "\(seen)")
        }
    }
}

/// Connections without a pause: a friend's, that must all be made at the first try, and a stranger's, of which none may be.
private final class Load: Sendable {
    struct Seen {
        var allowed = 0
        /// A friend's that was not made.
        var failed = 0
        /// A stranger's.
        var tried = 0
        var wronglyAllowed = 0
    }

    private let server, friend, stranger: Place
    private let listener: OwnedDescriptor
    private let state = Mutex(Seen())
    private let isOver = Atomic(false)
    private let threads = DispatchGroup()

    var seen: Seen { state.withLock { $0 } }

    init(server: Place, friend: Place, stranger: Place) throws {
        self.server = server
        self.friend = friend
        self.stranger = stranger
        let address = server.addresses[.v4] ?? ""
        listener = try NetworkNamespace(path: server.namespace).enter { try Traffic.receiver(.tcp, on: address) }
    }

    func start() {
        for work in [accept, connectFriend, connectStranger] {
            threads.enter()
            Thread { [threads] in
                do { try work() } catch { Issue.record(error) }
                threads.leave()
            }.start()
        }
    }

    func stop() {
        isOver.store(true, ordering: .relaxed)
        threads.wait()
    }

    private func accept() throws {
        while !isOver.load(ordering: .relaxed) {
            guard try listener.waitUntilReadable(until: .now + .milliseconds(20)) else { continue }
            let (connection, peer) = try Self.accept(listener)
            if peer == stranger.addresses[.v4] { state.withLock { $0.wronglyAllowed += 1 } }
            close(connection)
        }
    }

    private func connect(from place: Place) throws -> OwnedDescriptor {
        let to = server.addresses[.v4] ?? ""
        let descriptor = try NetworkNamespace(path: place.namespace).enter { try Traffic.open(to, SOCK_STREAM, 0) }
        try descriptor.withRaw { raw in
            // A reset at the end: no port waits for its time to pass.
            var linger = linger(l_onoff: 1, l_linger: 0)
            setsockopt(raw, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout.size(ofValue: linger)))
            try Traffic.withAddress(to, Traffic.port) { address, length in
                guard Glibc.connect(raw, address, length) == 0 || errno == EINPROGRESS else {
                    throw Errno(rawValue: errno)
                }
            }
        }
        return descriptor
    }

    private func connectFriend() throws {
        while !isOver.load(ordering: .relaxed) {
            let connection = try connect(from: friend)
            // Until the server has taken and closed it: one who is faster fills the server's queue, which drops as well.
            let isMade = try Self.waitUntilMade(connection) && connection.waitUntilReadable(until: .now + .seconds(10))
            state.withLock { seen in
                if isMade { seen.allowed += 1 } else { seen.failed += 1 }
            }
        }
    }

    /// Who comes through is seen by the server.
    private func connectStranger() throws {
        // Kept open for a while: what is closed answers nobody.
        var open: [CInt] = []
        while !isOver.load(ordering: .relaxed) {
            open.append(try connect(from: stranger).take())
            state.withLock { $0.tried += 1 }
            if open.count > 64 { close(open.removeFirst()) }
        }
        for descriptor in open { close(descriptor) }
    }

    /// The next connection, and where it comes from.
    private static func accept(_ listener: borrowing OwnedDescriptor) throws -> (CInt, String) {
        var address = sockaddr_in()
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let connection = withUnsafeMutablePointer(to: &address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                listener.withRaw { Glibc.accept($0, address, &size) }
            }
        }
        guard connection >= 0 else { throw Errno(rawValue: errno) }
        var text = [CChar](repeating: 0, count: Int(INET_ADDRSTRLEN))
        inet_ntop(AF_INET, &address.sin_addr, &text, socklen_t(text.count))
        return (connection, String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self))
    }

    /// Whether a connection is made.
    private static func waitUntilMade(_ connection: borrowing OwnedDescriptor) throws -> Bool {
        connection.withRaw { raw in
            var entry = pollfd(fd: raw, events: Int16(POLLOUT), revents: 0)
            var problem: CInt = 0
            var size = socklen_t(MemoryLayout<CInt>.size)
            guard poll(&entry, 1, 10_000) > 0 else { return false }
            getsockopt(raw, SOL_SOCKET, SO_ERROR, &problem, &size)
            return problem == 0
        }
    }
}

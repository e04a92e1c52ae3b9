// SPDX-License-Identifier: Apache-2.0
import Addressing
import Linux
import Netlink
import SystemPackage
import TestSupport
import Testing

/// Questions about one thing, which cost the same however many there are.
@Suite(.requiresRoot)
struct SingleReadTests {
    @Test(arguments: ["10.0.1.1", "fe80::1"])
    func oneNeighbour(address: String) throws {
        let pair = try Pair()
        try pair.makeVeth()
        let neighbour = Neighbour(try ip(address), linkIndex: 102, macAddress: try mac("0a:00:00:00:00:01"))
        #expect(try pair.inTask.neighbour(neighbour.address, linkIndex: 102) == nil)
        try pair.inTask.apply(.addNeighbour(neighbour))
        #expect(try pair.inTask.neighbour(neighbour.address, linkIndex: 102) == neighbour)
        #expect(try pair.inTask.neighbour(neighbour.address, linkIndex: 1) == nil)
    }

    /// A list of all links is never whole then.
    @Test func aLinkByItsMACWhileOthersComeAndGo() async throws {
        let pair = try Pair()
        try pair.makeVeth()
        let address = try #require(try pair.onHost.link(index: 101).macAddress)
        let host = pair.host
        try await withThrowingTaskGroup(of: Void.self) { group in
            for churn in 0..<2 {
                group.addTask {
                    let connection = try RouteConnection(in: host)
                    while !Task.isCancelled {
                        let spec = LinkSpec(name: "a\(churn)", kind: .veth(peer: PeerSpec(name: "b\(churn)")))
                        try connection.apply([.createLink(spec)])
                        try connection.apply([.deleteLink(.name("a\(churn)"))])
                    }
                }
            }
            let connection = try RouteConnection(in: host)
            for _ in 0..<200 { #expect(try connection.links(macAddress: address).map(\.index) == [101]) }
            group.cancelAll()
        }
    }

    @Test func aForwardedPacketsWay() throws {
        let pair = try Pair()
        try pair.makeVeth()
        let out = LinkSpec(
            name: "out0", kind: .veth(peer: PeerSpec(name: "far0", index: 104, isUp: true)), index: 103, isUp: true)
        try pair.onHost.apply([
            .createLink(out),
            .addRoute(Route(try block("10.0.1.5/32"), linkIndex: 101)),
            .addRoute(Route(try block("192.0.2.0/24"), linkIndex: 103)),
        ])
        let (source, destination) = (try ip("10.0.1.5"), try ip("192.0.2.1"))
        func way() throws -> Route { try pair.onHost.route(to: destination, from: source, arrivingOn: 101) }
        let off = #expect(throws: NetlinkError.self) { try way() }
        #expect(off?.errno == .noRouteToHost)
        try Sysctl.ipv4(interface: "tn-host", "forwarding").write("1", in: pair.host)
        #expect(try way().linkIndex == 103)
        // The same address on another link is somebody who pretends.
        try Sysctl.ipv4(interface: "out0", "rp_filter").write("1", in: pair.host)
        try Sysctl.ipv4(interface: "out0", "forwarding").write("1", in: pair.host)
        let forged = #expect(throws: NetlinkError.self) {
            try pair.onHost.route(to: destination, from: source, arrivingOn: 103)
        }
        #expect(forged?.errno == .improperLink || forged?.errno == .invalidArgument)
    }
}

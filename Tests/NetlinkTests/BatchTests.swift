// SPDX-License-Identifier: Apache-2.0
import Addressing
import Linux
import Netlink
import SystemPackage
import TestSupport
import Testing

@Suite(.requiresRoot)
struct BatchTests {
    @Test func aWholeTaskNetworkIsTwoSends() throws {
        let pair = try Pair()
        let address = try interfaceAddress("10.0.1.5/24")
        let peer = PeerSpec(name: "tn-host", index: 1001, alias: "tasknet", isUp: true, group: 84)
        try pair.onHost.apply([
            .createLink(LinkSpec(name: "eth0", kind: .veth(peer: peer), index: 102, isUp: true, namespace: pair.task)),
            .addAddress(Address(try interfaceAddress("10.0.1.1/32"), linkIndex: 1001)),
            .addRoute(Route(try block("10.0.1.5/32"), linkIndex: 1001)),
        ])
        try pair.inTask.apply([
            .changeLink(.index(1), LinkChange(isUp: true)),
            .addAddress(Address(address, linkIndex: 102)),
            .addRoute(Route(try block("0.0.0.0/0"), gateway: try ip("10.0.1.1"), linkIndex: 102)),
        ])
        try run(["ping", "-c", "1", "-W", "5", "10.0.1.1"], in: pair.task)
    }

    @Test func theFirstFailureIsTold() throws {
        let pair = try Pair()
        try pair.makeVeth()
        let error = #expect(throws: NetlinkError.self) {
            try pair.inTask.apply([
                .addAddress(Address(try interfaceAddress("10.0.1.5/24"), linkIndex: 102)),
                .addRoute(Route(try block("10.9.0.0/16"), gateway: try ip("10.99.0.1"), linkIndex: 102)),
                .addAddress(Address(try interfaceAddress("10.0.1.6/24"), linkIndex: 77)),
            ])
        }
        #expect(error?.operation == "add route")
        #expect(error?.object == "10.9.0.0/16 via 10.99.0.1 dev 102")
        #expect(try pair.inTask.addresses(.v4).count == 1)
    }

    @Test func whatCannotBeSentIsToldBeforeAnythingIs() throws {
        let connection = try RouteConnection(in: .create())
        #expect(throws: NetlinkError.self) {
            try connection.apply([
                .createLink(LinkSpec(name: "br0", kind: .bridge)), .createLink(LinkSpec(name: "a/b", kind: .bridge)),
            ])
        }
        #expect(try linkNames(connection) == ["lo"])
    }

    @Test func moreThanOneSendTakesIsSentInParts() throws {
        let namespace = try NetworkNamespace.create()
        let connection = try RouteConnection(in: namespace)
        try connection.apply(.createLink(LinkSpec(name: "br0", kind: .bridge, index: 102, isUp: true)))
        let routes = try (0..<1000).map { number in
            Route(try block("10.\(number / 250).\(number % 250).0/24"), linkIndex: 102)
        }
        try connection.apply(routes.map { .addRoute($0) })
        #expect(try runJSON(["ip", "-j", "route"], in: namespace).elements.count == 1000)
        // All refused: as many answers, and none is left for the next question.
        let error = #expect(throws: NetlinkError.self) { try connection.apply(routes.map { .addRoute($0) }) }
        #expect(error?.isAlreadyExists == true)
        #expect(error?.description.contains("10.0.0.0/24") == true)
        #expect(try connection.routes(RouteFilter(family: .v4, table: .main)).count == 1000)
        try connection.apply(routes.map { .removeRoute($0) })
        #expect(try connection.routes(RouteFilter(family: .v4, table: .main)).isEmpty)
    }

    @Test func aTableThatKeepsChangingIsReadWhole() async throws {
        let namespace = try NetworkNamespace.create()
        let connection = try RouteConnection(in: namespace)
        try connection.apply((0..<100).map { .createLink(LinkSpec(name: "br\($0)", kind: .bridge)) })
        let changing = Task {
            let other = try RouteConnection(in: namespace)
            var number = 0
            while !Task.isCancelled {
                number += 1
                try other.apply(.createLink(LinkSpec(name: "new\(number)", kind: .bridge)))
                await Task.yield()
            }
        }
        for _ in 0..<20 {
            switch Result(catching: { () throws(NetlinkError) in try connection.links() }) {
            case .success(let links):
                let names = links.map(\.name)
                #expect(Set(names).count == names.count)
                #expect(names.filter { $0.hasPrefix("br") }.count == 100)
            case .failure(let error):
                // Given up rather than wrong.
                #expect(error.errno == .resourceTemporarilyUnavailable)
            }
        }
        changing.cancel()
        try await changing.value
    }
}

// SPDX-License-Identifier: Apache-2.0
import Addressing
import Linux
import Netlink
import SystemPackage
import TestSupport
import Testing
import VPC

@testable import TaskNetworking

/// What is the daemon's is found and can be removed; what looks like it is somebody else's and stays.
@Suite(.requiresRoot) struct SurveyTests {
    private static let taskIDs = ["0123456789abcdef0123456789abcdef", "fedcba9876543210fedcba9876543210"]
    private static let foreignID = "00000000000000000000000000000000"

    private func directory(_ host: PathHost) throws -> AbsolutePath {
        try AbsolutePath(host.test.directory.string + "/netns")
    }

    /// Links, routes and a namespace that have one thing or the other in common with the daemon's.
    private func addForeign(_ host: PathHost) throws {
        for command in [
            "ip link add tn-0123456789ab type veth peer name theirs0", "ip link add tn-dummy type bridge",
            "ip link set tn-dummy alias tasknet-of-old", "ip link add veth1234abcd type veth peer name theirs1",
            "ip link add veth5678abcd type veth peer name theirs2", "ip link set veth5678abcd up",
            "ip link add theirs3 type bridge", "ip link set theirs3 up", "ip addr add 192.0.2.1/24 dev theirs3",
            "ip route add 198.51.100.1 dev theirs3 proto 84", "ip route add 198.51.100.0/24 via 192.0.2.9 proto 84",
            "ip route add unreachable 203.0.113.0/24", "ip route add 198.51.100.7 dev veth5678abcd",
        ] { try host.run(command) }
        let aliases = [
            ("veth1234abcd", "tasknet released"), ("veth5678abcd", "ecs-bridge net 0123456789abcdef eth0"),
            ("theirs3", "tasknet 0123456789abcdef eni-0123456789abcdef0"),
            ("theirs0", "tasknet borrowed eth1 02:11:22:33:44:55 1500 up 6"),
        ]
        for (name, alias) in aliases {
            try TestSupport.run(["ip", "link", "set", name, "alias", alias], in: host.namespace)
        }
        let foreign = try host.test.makeNamespace(Self.foreignID)
        try TestSupport.run(["ip", "link", "set", "lo", "alias", "tasknet \(Self.taskIDs[0])"], in: foreign)
        try TestSupport.run(["touch", host.test.namespacePath("11111111111111111111111111111111").string])
        _ = try host.test.makeNamespace("22222222222222222222222222222222")
    }

    private func foreignState(_ host: PathHost) throws -> [String] {
        try host.state().filter { !$0.hasPrefix("10.0.1.") }
            + host.hostLinks().filter { !$0.hasPrefix("tn-") || $0 == "tn-dummy" || $0 == "tn-0123456789ab" }
    }

    @Test func oursIsFoundAndGoesAndTheirsStays() throws {
        try PathHost.with { host in
            try addForeign(host)
            let before = try foreignState(host)
            var plans: [TaskNetworkPlan] = []
            var enis: [NetworkInterface] = []
            for (number, id) in Self.taskIDs.enumerated() {
                let eni = try Sample.eni(5 + number, .dual)
                plans.append(try host.plan(id, eni))
                enis.append(eni)
                _ = try host.network.apply(plans[number])
            }
            let survey = try host.network.survey(namespaceDirectory: directory(host))
            #expect(survey.links.map(\.name).sorted() == enis.map(\.hostLink).sorted())
            #expect(Set(survey.links.compactMap(\.mark?.taskID)) == Set(Self.taskIDs))
            #expect(Set(survey.links.compactMap(\.mark?.networkInterfaceID)) == Set(enis.map(\.id)))
            #expect(
                Set(survey.routes.map { "\($0.route.destination)" })
                    == ["10.0.1.5/32", "10.0.1.6/32", "2001:db8:0:1::5/128", "2001:db8:0:1::6/128"])
            #expect(
                survey.subnets.map { "\($0.block) \($0.gateway.map(\.description) ?? "")" }.sorted() == [
                    "10.0.1.0/24 10.0.1.1/32", "10.0.2.0/24 10.0.2.1/32",
                    "2001:db8:0:1::/64 2001:db8:0:1::1/128", "2001:db8:0:2::/64 2001:db8:0:2::1/128",
                ])
            #expect(survey.namespaces.map(\.taskID).sorted() == Self.taskIDs)

            // Only the second task's.
            let orphan = Self.taskIDs[1]
            let objects =
                survey.routes.filter { $0.link?.mark?.taskID == orphan }.map(OwnedObject.route)
                + survey.links.filter { $0.mark?.taskID == orphan }.map(OwnedObject.link)
                + survey.namespaces.filter { $0.taskID == orphan }.map(OwnedObject.namespace)
            #expect(objects.count == 4)
            #expect(host.network.remove(objects).errors.isEmpty)
            #expect(host.network.remove(objects).errors.isEmpty, "gone already")
            #expect(try host.network.check(plans[0]) == [])
            #expect(throws: LinuxError.self) { try host.namespace(orphan) }
            let left = try host.network.survey(namespaceDirectory: directory(host))
            #expect(left.links.map(\.name) == [enis[0].hostLink])
            #expect(left.namespaces.map(\.taskID) == [Self.taskIDs[0]])

            let all: [OwnedObject] =
                left.routes.map(OwnedObject.route) + left.links.map(OwnedObject.link)
                + left.namespaces.map(OwnedObject.namespace)
            #expect(host.network.remove(all).errors.isEmpty)
            #expect(try foreignState(host) == before)
            #expect(host.network.remove(left.subnets.map(OwnedObject.subnet)).errors.isEmpty)
            #expect(try host.network.survey(namespaceDirectory: directory(host)) == NetworkSurvey())
        }
    }

    @Test func manyLinksGoAtOnceAndOnesThatChangedHandsStay() throws {
        try PathHost.with { host in
            let plans = try (0..<20).map { try host.plan("task\($0)", try Sample.eni(5 + $0)) }
            for plan in plans { _ = try host.network.apply(plan) }
            let survey = try host.network.survey()
            #expect(survey.links.count == 20)
            #expect(survey.namespaces.isEmpty)
            let taken = survey.links[3]
            try TestSupport.run(["ip", "link", "set", taken.name, "alias", "mine"], in: host.namespace)
            #expect(host.network.remove(survey.links.map(OwnedObject.link)).errors.isEmpty)
            #expect(try host.hostLinks() == [taken.name])
            #expect(try host.ip("link", "show", taken.name)[0]["group"].text == "default")
        }
    }

    @Test func whatIsReleasedIsFoundUntilItIsGone() throws {
        try PathHost.with { host in
            let eni = try Sample.eni(5)
            let plan = try host.plan("task", eni)
            _ = try host.network.apply(plan)
            // Somebody stays in the namespace.
            let living = try host.namespace("task")
            #expect(host.network.teardown(plan).errors.isEmpty)
            let survey = try host.network.survey()
            #expect(survey.links.map(\.name) == [eni.hostLink])
            #expect(survey.links.map(\.mark) == [nil])
            #expect(host.network.remove(survey.links.map(OwnedObject.link)).errors.isEmpty)
            #expect(try host.hostLinks() == [])
            _ = living
        }
    }

    @Test func aNamespaceThatIsAnotherOneByNowStays() throws {
        try PathHost.with { host in
            let id = Self.taskIDs[0]
            let plan = try host.plan(id, try Sample.eni(5))
            _ = try host.network.apply(plan)
            let survey = try host.network.survey(namespaceDirectory: directory(host))
            try host.run("umount -l \(try host.path(id))")
            let other = try NetworkNamespace.create()
            try other.bind(at: host.test.namespacePath(id))
            try TestSupport.run(["ip", "link", "set", "lo", "alias", "tasknet \(id)"], in: other)
            #expect(host.network.remove(survey.namespaces.map(OwnedObject.namespace)).errors.isEmpty)
            #expect(try host.namespace(id) == other)
        }
    }

    @Test func aPlanFromBeforeHasNoMarkOnItsLoopbackLink() throws {
        let plan = try TaskNetworkPlanner.plan(Sample.request(try Sample.eni()), on: Sample.facts)
        let marks = plan.requirements.compactMap { requirement -> String? in
            guard case .link(let link) = requirement, link.name == .loopback else { return nil }
            return link.alias
        }
        #expect(marks == ["tasknet \(Sample.taskID)"])
        var request = try Sample.request(try Sample.eni())
        request.ownsNamespace = false
        let sandbox = try TaskNetworkPlanner.plan(request, on: Sample.facts)
        #expect(
            !sandbox.requirements.contains {
                if case .link(let link) = $0 { link.name == .loopback && link.alias != nil } else { false }
            })
    }
}

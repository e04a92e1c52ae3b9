// SPDX-License-Identifier: Apache-2.0
import Addressing
import Netfilter
import Netlink
import VPC

/// What both addresses of a path are, by the model.
struct PathPlaces: Hashable, Sendable {
    let source: JudgementStep.Place
    let destination: JudgementStep.Place
    let blocksMetadata: Bool

    init(_ judgement: Judgement, _ network: VPCNetwork) {
        source = network.place(of: judgement.flow.source)
        destination = network.place(of: judgement.flow.destination)
        blocksMetadata = judgement.codes.contains(.instanceMetadataBlocked)
    }

    /// Whether there is anybody for whom it would be let through.
    var isExpected: Bool {
        if case .nobody = destination { return false }
        return !blocksMetadata
    }
}

extension KernelFacts {
    /// Adds what the kernel's links, routes and neighbours are on a path.
    mutating func add(
        _ kernel: PathKernel, _ places: PathPlaces, _ path: PathAddresses, _ source: PathEnd, _ destination: PathEnd
    ) throws {
        if places.source == .unroutable || places.destination == .unroutable { return }
        // What an ENI says to itself stays inside.
        if case .networkInterface = places.source, places.source == places.destination { return }
        if let record = source.record {
            let facts = try kernel.check(source: record, path, isExpected: places.isExpected)
            for fact in facts { add(.source, fact) }
        }
        if let record = destination.record {
            for fact in try kernel.check(destination: record, path) { add(.destination, fact) }
        }
        let incoming = try kernel.incomingLink(path, source, places.source)
        // An ENI that does not cross the host's stack goes its own way.
        let isHosts = places.source == .host || source.judged != nil || destination.judged != nil
        guard isHosts, !places.blocksMetadata, let expected = Self.expected(places.destination, destination) else {
            return
        }
        if places.source == .host {
            add(.source, try kernel.checkRoute(path, arrivingOn: nil, to: expected))
            if places.destination != .host { strangers = try kernel.strangers(at: .output, path.family) }
            return
        }
        // Whatever is missing of a link is told of where the link is.
        guard let incoming else { return }
        if places.destination == .host {
            add(.destination, try kernel.checkRoute(path, arrivingOn: incoming, to: .here))
            strangers = try kernel.strangers(at: .input, path.family)
            return
        }
        // What nobody has is refused before it matters who forwards.
        if expected != .nowhere {
            add(.forward, try kernel.checkForwarding(path.family, from: incoming))
        }
        add(.forward, try kernel.checkRoute(path, arrivingOn: incoming, to: expected))
        if expected == .outside, let outgoing = try kernel.link(towards: path.destination), outgoing != incoming {
            // Answers come in there.
            add(.forward, try kernel.checkForwarding(path.family, from: outgoing))
        }
        strangers = try kernel.strangers(at: .forward, path.family)
    }

    private static func expected(_ place: JudgementStep.Place, _ end: PathEnd) -> ExpectedWay? {
        switch place {
        case .networkInterface:
            // Another kind is on a network of its own, behind whatever link of the host's.
            end.judged.flatMap(\.hostName).map { .link($0) } ?? .outside
        case .host: .here
        case .outside: .outside
        case .nobody: .nowhere
        case .unroutable: nil
        }
    }
}

extension PathKernel {
    /// The host's link that a packet comes in by.
    fileprivate func incomingLink(
        _ path: PathAddresses, _ source: PathEnd, _ place: JudgementStep.Place
    ) throws -> Link? {
        if let hostName = source.judged?.hostName { return try host.link(hostName) }
        return place == .host ? nil : try link(towards: path.source)
    }
}

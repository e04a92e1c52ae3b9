// SPDX-License-Identifier: Apache-2.0
import ECSAPI

/// One thing that the kernel has about a step of a path.
struct KernelFact: Hashable, Sendable {
    var text: String
    /// What to do about it; nil where it is what the model says.
    var mend: String?

    /// It is what the model says.
    static func asItShould(_ text: String) -> KernelFact { KernelFact(text: text) }

    static func differs(_ text: String, mend: String) -> KernelFact { KernelFact(text: text, mend: mend) }

    var agrees: Bool { mend == nil }
}

/// What the kernel has of a path, by the step that it is about.
struct KernelFacts: Sendable {
    /// The order is that of the way.
    enum Part: Hashable, Sendable {
        case source
        case instanceMetadata
        /// The host's own routing, between both ends.
        case forward
        case egress
        case route
        case ingress
        case destination
    }

    private(set) var facts: [Part: [KernelFact]] = [:]
    var packets: [Part: UInt64] = [:]
    /// Chains of others that may stop it.
    var strangers: [String] = []

    mutating func add(_ part: Part, _ fact: KernelFact) { facts[part, default: []].append(fact) }

    func kernel(_ part: Part) -> NetworkPath.Kernel? {
        guard let facts = facts[part] else { return nil }
        return NetworkPath.Kernel(
            agrees: facts.allSatisfy(\.agrees), text: facts.map(\.text).joined(separator: "; "), packets: packets[part])
    }

    func drift(_ part: Part, sequenceNumber: Int) -> [NetworkPath.Drift] {
        (facts[part] ?? []).filter { !$0.agrees }.map {
            NetworkPath.Drift(sequenceNumber: sequenceNumber, text: $0.text, mend: $0.mend)
        }
    }
}

/// What puts right what differs.
enum Mend {
    static let restart = "systemctl restart tasknetd"

    /// - Parameter record: whose network differs.
    static func network(of record: NetworkInterfaceRecord) -> String {
        // What a sandbox does to its own network is its runtime's affair: a daemon that starts leaves it alone.
        record.sandbox == nil ? restart : "have the runtime remove \(record.id) and add it again (CNI's DEL and ADD)"
    }
}

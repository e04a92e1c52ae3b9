// SPDX-License-Identifier: Apache-2.0

/// The parts of an analysis of a network path, in the words of EC2's Reachability Analyzer.
package enum NetworkPath {
    /// What a packet passes.
    package struct Component: Hashable, Sendable, Codable {
        package enum Kind: String, Hashable, Sendable, Codable {
            case networkInterface = "network-interface"
            case securityGroup = "security-group"
            case subnet
            case host
            /// Somebody else's chain in the host's packet filter: `ip filter FORWARD`.
            case packetFilter = "packet-filter"
            case instanceMetadata = "instance-metadata"
            case internet
            /// An address of the VPC that nobody has, or one that no router passes on.
            case address
        }

        package var kind: Kind
        /// `eni-...`, `sg-...`, `subnet-...`, or the address.
        package var id: String
        package var name: String?

        package init(_ kind: Kind, id: String, name: String? = nil) {
            self.kind = kind
            self.id = id
            self.name = name
        }

        private enum CodingKeys: String, CodingKey {
            case kind = "Kind"
            case id = "Id"
            case name = "Name"
        }
    }

    /// Where a path begins or ends.
    package struct End: Hashable, Sendable, Codable {
        package var component: Component
        package var address: String
        /// As the request had it: `web`, `internet`.
        package var text: String?

        package init(component: Component, address: String, text: String? = nil) {
            self.component = component
            self.address = address
            self.text = text
        }

        private enum CodingKeys: String, CodingKey {
            case component = "Component"
            case address = "Address"
            case text = "Text"
        }
    }

    package enum Verdict: String, Hashable, Sendable, Codable {
        case passes
        case stops
        /// It would stop here, but the host does not enforce it.
        case notEnforced = "not-enforced"
        /// It is somebody else's to say, and what they say is not known.
        case mayStop = "may-stop"
    }

    /// What the kernel has of a step.
    package struct Kernel: Hashable, Sendable, Codable {
        /// Whether it is what the model says.
        package var agrees: Bool
        /// The route, the neighbour, the rule.
        package var text: String
        /// What its rule has counted.
        package var packets: UInt64?

        package init(agrees: Bool, text: String, packets: UInt64? = nil) {
            self.agrees = agrees
            self.text = text
            self.packets = packets
        }

        private enum CodingKeys: String, CodingKey {
            case agrees = "Agrees"
            case text = "Text"
            case packets = "Packets"
        }
    }

    package struct Step: Hashable, Sendable, Codable {
        /// From 1.
        package var sequenceNumber: Int
        package var component: Component
        package var verdict: Verdict
        package var text: String
        /// The rule that let it through.
        package var securityGroupRule: SecurityGroupRuleDescription?
        /// Missing where there was nothing to ask the kernel.
        package var kernel: Kernel?

        package init(
            sequenceNumber: Int, component: Component, verdict: Verdict, text: String,
            securityGroupRule: SecurityGroupRuleDescription? = nil, kernel: Kernel? = nil
        ) {
            self.sequenceNumber = sequenceNumber
            self.component = component
            self.verdict = verdict
            self.text = text
            self.securityGroupRule = securityGroupRule
            self.kernel = kernel
        }

        private enum CodingKeys: String, CodingKey {
            case sequenceNumber = "SequenceNumber"
            case component = "Component"
            case verdict = "Verdict"
            case text = "Text"
            case securityGroupRule = "SecurityGroupRule"
            case kernel = "Kernel"
        }
    }

    /// Why it is not reachable.
    package struct Explanation: Hashable, Sendable, Codable {
        /// EC2's, or ours where EC2 has none: `ExplanationCode`.
        package var explanationCode: String
        package var text: String
        /// What to do about it, as a command where there is one.
        package var mend: String?
        /// Rules that came near.
        package var nearest: [String]?

        package init(explanationCode: String, text: String, mend: String? = nil, nearest: [String]? = nil) {
            self.explanationCode = explanationCode
            self.text = text
            self.mend = mend
            self.nearest = nearest
        }

        private enum CodingKeys: String, CodingKey {
            case explanationCode = "ExplanationCode"
            case text = "Text"
            case mend = "Mend"
            case nearest = "Nearest"
        }
    }

    /// A difference between the model and the kernel.
    package struct Drift: Hashable, Sendable, Codable {
        /// Of the step that it is about.
        package var sequenceNumber: Int?
        package var text: String
        package var mend: String?

        package init(sequenceNumber: Int? = nil, text: String, mend: String? = nil) {
            self.sequenceNumber = sequenceNumber
            self.text = text
            self.mend = mend
        }

        private enum CodingKeys: String, CodingKey {
            case sequenceNumber = "SequenceNumber"
            case text = "Text"
            case mend = "Mend"
        }
    }

    /// What became of a real connection.
    package struct Probe: Hashable, Sendable, Codable {
        package enum Result: String, Hashable, Sendable, Codable {
            /// An answer came.
            case reached
            /// The other side was reached and said no: nothing listens there.
            case refused
            /// A router on the way said no.
            case unreachable
            /// Nothing came back in time.
            case timedOut = "timed-out"
            /// It could not be sent.
            case failed
        }

        package var result: Result
        package var text: String

        package init(result: Result, text: String) {
            self.result = result
            self.text = text
        }

        private enum CodingKeys: String, CodingKey {
            case result = "Result"
            case text = "Text"
        }
    }
}

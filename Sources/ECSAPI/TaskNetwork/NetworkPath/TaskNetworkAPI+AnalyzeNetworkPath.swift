// SPDX-License-Identifier: Apache-2.0
package import VPC

extension TaskNetworkAPI {
    /// Tells whether one end reaches the other, through what, and what stops it: by the model that the kernel's rules
    /// are made from, and by the kernel itself.
    package enum AnalyzeNetworkPath: APIOperation {
        package static let target = "\(APITarget.taskNetwork).AnalyzeNetworkPath"

        package struct Input: Hashable, Sendable, Codable {
            /// A task (the beginning of its id, its ARN), an ENI (id), an address, `internet` or `host`.
            @OrEmpty package var source: String
            /// The same.
            @OrEmpty package var destination: String
            /// 1 to 65535, for `tcp` and `udp`.
            package var destinationPort: Int?
            /// `tcp`, `udp`, `icmp` (of either IP version) or a number; nil is `tcp` with a port and `icmp` without.
            package var `protocol`: String?
            /// Whether a real connection is tried as well, from inside the source's network namespace; only from a
            /// task's ENI or from the host.
            package var probe: Bool?
            /// Of the tasks; nil is this host's.
            package var cluster: String?

            package init(
                source: String, destination: String, destinationPort: Int? = nil, protocol: String? = nil,
                probe: Bool? = nil, cluster: String? = nil
            ) {
                self.source = source
                self.destination = destination
                self.destinationPort = destinationPort
                self.protocol = `protocol`
                self.probe = probe
                self.cluster = cluster
            }

            private enum CodingKeys: String, CodingKey {
                case source = "Source"
                case destination = "Destination"
                case destinationPort = "DestinationPort"
                case `protocol` = "Protocol"
                case probe = "Probe"
                case cluster = "Cluster"
            }
        }

        package struct Output: Hashable, Sendable, Codable {
            /// Whether the destination is reachable by the model.
            package var networkPathFound: Bool
            package var source: NetworkPath.End?
            package var destination: NetworkPath.End?
            /// `tcp`, `udp`, ...
            package var `protocol`: String?
            package var destinationPort: Int?
            package var forwardPathComponents: [NetworkPath.Step]?
            /// Empty where it is reachable.
            package var explanations: [NetworkPath.Explanation]?
            /// Where the model and the kernel disagree; empty is as it should be.
            package var drift: [NetworkPath.Drift]?
            /// Only when asked for.
            package var probe: NetworkPath.Probe?
            /// What else is worth knowing: that nothing on the way is enforced.
            package var remarks: [String]?

            package init(networkPathFound: Bool) { self.networkPathFound = networkPathFound }

            private enum CodingKeys: String, CodingKey {
                case networkPathFound = "NetworkPathFound"
                case source = "Source"
                case destination = "Destination"
                case `protocol` = "Protocol"
                case destinationPort = "DestinationPort"
                case forwardPathComponents = "ForwardPathComponents"
                case explanations = "Explanations"
                case drift = "Drift"
                case probe = "Probe"
                case remarks = "Remarks"
            }
        }
    }
}

extension TaskNetworkAPI.AnalyzeNetworkPath.Input {
    /// What the path is analysed for, when the addresses are known.
    ///
    /// - Parameter isIPv6: Of the addresses; `icmp` is a ping of either IP version.
    package func transport(isIPv6: Bool) throws(ValidationFailure) -> Flow.Transport {
        let ping = isIPv6 ? Flow.Transport.icmpv6(type: 128, code: 0) : .icmp(type: 8, code: 0)
        let text = self.protocol ?? (destinationPort == nil ? "icmp" : "tcp")
        guard let ipProtocol = IPProtocol(text), ipProtocol != .all else {
            throw ValidationFailure(
                .parameterValue, "Invalid value '\(text.shortened)' for Protocol",
                detail: "it is tcp, udp, icmp or a number"
            )
        }
        guard ipProtocol.hasPorts else {
            if destinationPort != nil {
                throw ValidationFailure(
                    .parameterCombination, "The parameter DestinationPort may not be used with \(text.shortened)",
                    detail: "ports are tcp's and udp's")
            }
            switch ipProtocol {
            case .icmp, .icmpv6: return ping
            default: return .other(ipProtocol.number ?? 0)
            }
        }
        guard let destinationPort else {
            throw ValidationFailure(
                .missingParameter, "The request must contain the parameter DestinationPort",
                detail: "\(text) needs a port")
        }
        guard let port = UInt16(exactly: destinationPort), port > 0 else {
            throw ValidationFailure(
                .parameterValue, "Invalid value '\(destinationPort)' for DestinationPort", detail: "it is 1 to 65535")
        }
        return ipProtocol == .tcp ? .tcp(destinationPort: port) : .udp(destinationPort: port)
    }

    /// Checks what can be checked before the ends are looked up.
    package func validate() throws(ValidationFailure) {
        for (text, member) in [(source, "Source"), (destination, "Destination")] where text.isEmpty {
            throw ValidationFailure(
                .missingParameter, "The request must contain the parameter \(member)",
                detail: "it is a task, an ENI, an address, internet or host")
        }
        _ = try transport(isIPv6: false)
    }
}

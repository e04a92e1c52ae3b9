// SPDX-License-Identifier: Apache-2.0
import VPC

extension TaskDefinition {
    /// No two mappings may want the same port of the host; in `awsvpc` mode the "host" is the task's own interface.
    func validatePorts() throws(ValidationFailure) {
        var seen: Set<Port> = []
        var ranges: [(ports: ClosedRange<Int>, protocol: TransportProtocol)] = []
        for container in containerDefinitions {
            for mapping in container.portMappings ?? [] {
                let `protocol` = mapping.protocol ?? .tcp
                if let range = mapping.containerPortRange.flatMap(PortMapping.ports(inRange:)) {
                    if effectiveNetworkMode == .awsvpc { ranges.append((range, `protocol`)) }
                } else if let port = hostPort(of: mapping) {
                    if !seen.insert(Port(number: port, protocol: `protocol`)).inserted {
                        throw mappedTwice(port, `protocol`)
                    }
                }
            }
        }
        for (index, range) in ranges.enumerated() {
            for port in seen where port.protocol == range.protocol && range.ports.contains(port.number) {
                throw mappedTwice(port.number, range.protocol)
            }
            for other in ranges[..<index] where other.protocol == range.protocol && other.ports.overlaps(range.ports) {
                throw mappedTwice(max(other.ports.lowerBound, range.ports.lowerBound), range.protocol)
            }
        }
    }

    /// What a service is told to connect to is a name of the whole task, not of one container.
    func validatePortNames() throws(ValidationFailure) {
        var owners: [String: String] = [:]
        for container in containerDefinitions {
            for mapping in container.portMappings ?? [] {
                guard let name = mapping.name, !name.isEmpty,
                    let owner = owners.updateValue(container.name, forKey: name)
                else { continue }
                let other = owner == container.name ? "" : " The other one is in container '\(owner)'."
                throw container.invalid("Two port mappings of the task are named '\(name)'.\(other)")
            }
        }
    }

    private struct Port: Hashable {
        var number: Int
        var `protocol`: TransportProtocol
    }

    /// The port that a mapping takes for itself; nil when it takes any that is free, or none.
    private func hostPort(of mapping: PortMapping) -> Int? {
        switch effectiveNetworkMode {
        case .awsvpc, .host: mapping.containerPort
        case .bridge: mapping.hostPort == 0 ? nil : mapping.hostPort
        case .none: nil
        }
    }

    private func mappedTwice(_ port: Int, _ protocol: TransportProtocol) -> ValidationFailure {
        client("\(`protocol`.rawValue.uppercased()) host port '\(port)' is mapped multiple times in task.")
    }
}

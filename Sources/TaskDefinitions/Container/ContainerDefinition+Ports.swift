// SPDX-License-Identifier: Apache-2.0
import VPC

extension ContainerDefinition {
    private static let mostPortMappings = 100

    func validatePortMappings(mode: NetworkMode) throws(ValidationFailure) {
        guard let portMappings, !portMappings.isEmpty else { return }
        if mode == .none {
            throw client("Port mappings are not supported when networkMode=none.", "container '\(name)'")
        }
        if portMappings.count > Self.mostPortMappings {
            throw invalid("It has \(portMappings.count) port mappings, at most \(Self.mostPortMappings) are possible.")
        }
        for mapping in portMappings {
            if let range = mapping.containerPortRange {
                try validate(range, of: mapping, mode: mode)
            } else {
                try validate(mapping, mode: mode)
            }
            if let portName = mapping.name, !portName.isEmpty { try validate(portName: portName) }
        }
    }

    private func validate(_ mapping: PortMapping, mode: NetworkMode) throws(ValidationFailure) {
        guard let containerPort = mapping.containerPort, (1...65535).contains(containerPort) else {
            throw client(
                "Invalid 'containerPort' setting for container '\(name)'.",
                "\(mapping.containerPort.map { "\($0)" } ?? "none"): a port is 1 to 65535")
        }
        guard let hostPort = mapping.hostPort else { return }
        guard (0...65535).contains(hostPort) else {
            throw client(
                "Invalid 'hostPort' setting for container '\(name)'.", "\(hostPort): a port is 1 to 65535, or 0 for any"
            )
        }
        if mode == .awsvpc || mode == .host, hostPort != 0, hostPort != containerPort {
            throw client(
                "When networkMode=\(mode.rawValue), the host ports and container ports in port mappings must match.",
                """
                container '\(name)' maps container port \(containerPort) to host port \(hostPort): \
                leave hostPort out or set it to \(containerPort)
                """)
        }
    }

    private func validate(_ range: String, of mapping: PortMapping, mode: NetworkMode) throws(ValidationFailure) {
        if mapping.containerPort != nil || mapping.hostPort != nil {
            throw invalid("A port mapping with a 'containerPortRange' has neither 'containerPort' nor 'hostPort'.")
        }
        if mode == .host {
            throw invalid("'containerPortRange' is not supported when networkMode=host.")
        }
        if PortMapping.ports(inRange: range) == nil {
            throw client(
                "Invalid 'containerPortRange' setting for container '\(name)'.",
                "\(range.shortened.debugDescription): two ports of 1 to 65535 such as 8000-8010")
        }
    }

    private func validate(portName: String) throws(ValidationFailure) {
        let isValid =
            portName.utf8.count <= 64 && portName.utf8.first != UInt8(ascii: "-")
            && portName.utf8.allSatisfy { Text.isNameByte($0) && !(UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }
        if !isValid {
            throw invalid(
                """
                The name \(portName.shortened.debugDescription) of a port mapping has to be up to 64 lower case letters, \
                digits, underscores and hyphens, not beginning with a hyphen.
                """)
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
import VPC

package enum TransportProtocol: String, APIEnumeration {
    case tcp, udp

    package static var noun: String { "protocol" }
}

package enum ApplicationProtocol: String, APIEnumeration {
    case http, http2, grpc

    package static var noun: String { "application protocol" }
}

/// A port, or a range of ports, that a container listens on.
package struct PortMapping: Hashable, Sendable, Codable {
    package var containerPort: Int?
    /// In `awsvpc` and `host` mode nil or the container port; 0 means any in `bridge` mode.
    package var hostPort: Int?
    package var `protocol`: TransportProtocol?
    package var name: String?
    package var appProtocol: ApplicationProtocol?
    /// `8000-8010`, instead of `containerPort`.
    package var containerPortRange: String?

    package init(
        containerPort: Int? = nil, hostPort: Int? = nil, protocol: TransportProtocol? = nil,
        containerPortRange: String? = nil
    ) {
        self.containerPort = containerPort
        self.hostPort = hostPort
        self.protocol = `protocol`
        self.containerPortRange = containerPortRange
    }

    /// The ports that a range such as `8000-8010` stands for; nil when it is none.
    package static func ports(inRange text: String) -> ClosedRange<Int>? {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, let first = port(parts[0]), let last = port(parts[1]), first <= last else { return nil }
        return first...last
    }

    private static func port(_ text: Substring) -> Int? {
        guard text.utf8.allSatisfy((UInt8(ascii: "0")...UInt8(ascii: "9")).contains), let port = Int(text),
            (1...65535).contains(port)
        else { return nil }
        return port
    }
}

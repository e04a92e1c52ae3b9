// SPDX-License-Identifier: Apache-2.0

// In the store a requirement is an object with one member, named after its kind: {"address": {...}}.
extension Requirement: Codable {
    private enum Kind: String, CodingKey {
        case namespace, veth, madeLink, device, link, address, route, rule, neighbour, sysctl, ipv6Forwarding, file,
            ready, bridgePort, tap, bridge, noConnectedRoutes, uplinkForwarding
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Kind.self)
        let kinds = container.allKeys
        guard kinds.count == 1, let kind = kinds.first else {
            let context = DecodingError.Context(
                codingPath: container.codingPath, debugDescription: "a requirement has one member, named after its kind"
            )
            throw DecodingError.dataCorrupted(context)
        }
        self =
            switch kind {
            case .namespace: .namespace(try container.decode(NamespaceRequirement.self, forKey: kind))
            case .veth: .veth(try container.decode(VethRequirement.self, forKey: kind))
            case .madeLink: .madeLink(try container.decode(MadeLinkRequirement.self, forKey: kind))
            case .device: .device(try container.decode(DeviceRequirement.self, forKey: kind))
            case .link: .link(try container.decode(LinkRequirement.self, forKey: kind))
            case .address: .address(try container.decode(AddressRequirement.self, forKey: kind))
            case .route: .route(try container.decode(RouteRequirement.self, forKey: kind))
            case .rule: .rule(try container.decode(RuleRequirement.self, forKey: kind))
            case .neighbour: .neighbour(try container.decode(NeighbourRequirement.self, forKey: kind))
            case .sysctl: .sysctl(try container.decode(SysctlRequirement.self, forKey: kind))
            case .ipv6Forwarding: .ipv6Forwarding(try container.decode(IPv6ForwardingRequirement.self, forKey: kind))
            case .file: .file(try container.decode(FileRequirement.self, forKey: kind))
            case .ready: .ready(try container.decode(ReadyRequirement.self, forKey: kind))
            case .bridgePort: .bridgePort(try container.decode(BridgePortRequirement.self, forKey: kind))
            case .tap: .tap(try container.decode(TAPRequirement.self, forKey: kind))
            case .bridge: .bridge(try container.decode(BridgeRequirement.self, forKey: kind))
            case .noConnectedRoutes:
                .noConnectedRoutes(try container.decode(NoConnectedRoutesRequirement.self, forKey: kind))
            case .uplinkForwarding:
                .uplinkForwarding(try container.decode(UplinkForwardingRequirement.self, forKey: kind))
            }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Kind.self)
        switch self {
        case .namespace(let value): try container.encode(value, forKey: .namespace)
        case .veth(let value): try container.encode(value, forKey: .veth)
        case .madeLink(let value): try container.encode(value, forKey: .madeLink)
        case .device(let value): try container.encode(value, forKey: .device)
        case .link(let value): try container.encode(value, forKey: .link)
        case .address(let value): try container.encode(value, forKey: .address)
        case .route(let value): try container.encode(value, forKey: .route)
        case .rule(let value): try container.encode(value, forKey: .rule)
        case .neighbour(let value): try container.encode(value, forKey: .neighbour)
        case .sysctl(let value): try container.encode(value, forKey: .sysctl)
        case .ipv6Forwarding(let value): try container.encode(value, forKey: .ipv6Forwarding)
        case .file(let value): try container.encode(value, forKey: .file)
        case .ready(let value): try container.encode(value, forKey: .ready)
        case .bridgePort(let value): try container.encode(value, forKey: .bridgePort)
        case .tap(let value): try container.encode(value, forKey: .tap)
        case .bridge(let value): try container.encode(value, forKey: .bridge)
        case .noConnectedRoutes(let value): try container.encode(value, forKey: .noConnectedRoutes)
        case .uplinkForwarding(let value): try container.encode(value, forKey: .uplinkForwarding)
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
import CNetlink

extension Table {
    /// The corresponding C constant is `RT_TABLE_MAIN`.
    package static let main = Self(rawValue: RT_TABLE_MAIN.rawValue)
    /// Addresses of this host. The corresponding C constant is `RT_TABLE_LOCAL`.
    package static let local = Self(rawValue: RT_TABLE_LOCAL.rawValue)
    /// The corresponding C constant is `RT_TABLE_DEFAULT`.
    package static let `default` = Self(rawValue: RT_TABLE_DEFAULT.rawValue)
}

extension RouteProtocol {
    /// Made by the kernel, with an address for one. The corresponding C constant is `RTPROT_KERNEL`.
    package static let kernel = Self(rawValue: UInt8(RTPROT_KERNEL))
    /// The corresponding C constant is `RTPROT_BOOT`.
    package static let boot = Self(rawValue: UInt8(RTPROT_BOOT))
    /// The corresponding C constant is `RTPROT_STATIC`.
    package static let `static` = Self(rawValue: UInt8(RTPROT_STATIC))
    /// From a router's advertisement. The corresponding C constant is `RTPROT_RA`.
    package static let routerAdvertisement = Self(rawValue: UInt8(RTPROT_RA))
}

extension Route.Kind {
    /// `RTN_*`
    var constant: UInt8 {
        switch self {
        case .unicast: UInt8(RTN_UNICAST)
        case .local: UInt8(RTN_LOCAL)
        case .broadcast: UInt8(RTN_BROADCAST)
        case .anycast: UInt8(RTN_ANYCAST)
        case .multicast: UInt8(RTN_MULTICAST)
        case .blackhole: UInt8(RTN_BLACKHOLE)
        case .unreachable: UInt8(RTN_UNREACHABLE)
        case .prohibit: UInt8(RTN_PROHIBIT)
        case .throw: UInt8(RTN_THROW)
        }
    }

    /// nil for what has no name here.
    init?(constant: UInt8) {
        guard let kind = Self.allCases.first(where: { $0.constant == constant }) else { return nil }
        self = kind
    }
}

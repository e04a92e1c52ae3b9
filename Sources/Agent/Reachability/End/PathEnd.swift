// SPDX-License-Identifier: Apache-2.0
import Addressing
import VPC

/// Where a path begins or ends, as it was found for the text of a request.
struct PathEnd: Sendable {
    enum Place: Sendable {
        case networkInterface(NetworkInterfaceRecord)
        case host
        /// Anything outside the VPC.
        case internet
        /// An address that no ENI has.
        case address(IPAddress)
    }

    /// As the request has it.
    let text: String
    let place: Place

    /// Both families'; the host's are others for each that it speaks to.
    var addresses: [IPAddress] {
        switch place {
        case .networkInterface(let record): record.networkInterface.addresses
        case .host: []
        case .internet: Self.outside
        case .address(let address): [address]
        }
    }

    /// What stands for all that is outside: two addresses of one of the best known name servers. Nothing is sent there
    /// unless a probe to `internet` is asked for.
    private static let outside: [IPAddress] = [
        .v4(IPv4Address(rawValue: 0x0101_0101)),  // 1.1.1.1
        .v6(IPv6Address(high: 0x2606_4700_4700_0000, low: 0x1111)),  // 2606:4700:4700::1111
    ]

    var record: NetworkInterfaceRecord? {
        if case .networkInterface(let record) = place { record } else { nil }
    }

    /// An ENI whose packets cross the host's stack.
    var judged: NetworkInterfaceRecord? { record.flatMap { $0.kind == .veth ? $0 : nil } }

    var isHost: Bool { if case .host = place { true } else { false } }
}

extension PathEnd: CustomStringConvertible {
    /// "web (10.64.1.4)"
    var description: String {
        let addresses = addresses.map(\.description).joined(separator: ", ")
        return addresses.isEmpty || addresses == text ? text : "\(text) (\(addresses))"
    }
}

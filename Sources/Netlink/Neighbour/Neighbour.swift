// SPDX-License-Identifier: Apache-2.0
package import Addressing

/// Who has an address on a link: an entry of the ARP or neighbour discovery table. Or, as a proxy entry, an address that
/// this host answers for there.
package struct Neighbour: Hashable, Sendable, CustomStringConvertible {
    package var address: IPAddress
    package var linkIndex: Int32
    /// nil for a proxy entry, and for one that has not answered.
    package var macAddress: MACAddress?
    package var state: State
    /// The corresponding C constant is `NTF_PROXY`.
    package var isProxy: Bool

    package init(
        _ address: IPAddress, linkIndex: Int32, macAddress: MACAddress?, state: State = .permanent,
        isProxy: Bool = false
    ) {
        self.address = address
        self.linkIndex = linkIndex
        self.macAddress = macAddress
        self.state = state
        self.isProxy = isProxy
    }

    /// An address that this host answers for on a link.
    package static func proxy(_ address: IPAddress, linkIndex: Int32) -> Neighbour {
        Neighbour(address, linkIndex: linkIndex, macAddress: nil, state: [], isProxy: true)
    }

    package var description: String {
        let mac = macAddress.map { " lladdr \($0)" } ?? ""
        return "\(isProxy ? "proxy " : "")\(address)\(mac) dev \(linkIndex)"
    }

    /// How sure the kernel is. The corresponding C constants are `NUD_*`.
    package struct State: OptionSet, Hashable, Sendable {
        package let rawValue: UInt16

        package init(rawValue: UInt16) {
            self.rawValue = rawValue
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
import Addressing
import Netlink

/// Makes the device that a plugin is to move: one end of a veth pair, down, with a MAC address. The other end stays.
struct DeviceMaker: Sendable {
    static func name(_ slot: Slot) -> String { "d\(slot.number)" }
    static func mac(_ slot: Slot) -> String { "0a:58:00:\(slot.macSuffix)" }
    private static func peer(_ slot: Slot) -> String { "p\(slot.number)" }

    func make(_ slot: Slot, in room: Room) throws {
        let mac = try MACAddress(parsing: Self.mac(slot))
        try room.connection().apply(
            .createLink(
                LinkSpec(
                    name: Self.name(slot), kind: .veth(peer: PeerSpec(name: Self.peer(slot), isUp: true)),
                    macAddress: mac))
        )
    }

    /// A plugin may have left the device in the namespace: then it has gone with that, or is about to.
    func remove(_ slot: Slot, in room: Room) throws {
        do {
            try room.connection().apply(.deleteLink(.name(Self.peer(slot))))
        } catch let error as NetlinkError where error.isNotFound {}
    }
}

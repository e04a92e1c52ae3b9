// SPDX-License-Identifier: Apache-2.0
import Addressing
import Netlink
import SystemPackage

/// A link of the host's is in the task's namespace, under a new name.
package struct DeviceRequirement: Hashable, Sendable {
    package let name: InterfaceName
    /// Nil leaves it as it is.
    package let mtu: Int?
    /// As it was before, to be given back like that.
    package let original: HostDevice
    /// Whether it is brought up. One that is not is left as somebody in the namespace has it.
    package let isUp: Bool
    /// Whether what it was is written on the link itself, for whoever gives it back without having the plan.
    package let isMarked: Bool

    package init(
        name: InterfaceName, mtu: Int?, original: HostDevice, isUp: Bool = true, isMarked: Bool = false
    ) {
        self.name = name
        self.mtu = mtu
        self.original = original
        self.isUp = isUp
        self.isMarked = isMarked
    }
}

extension DeviceRequirement: Codable {
    private enum CodingKeys: CodingKey {
        case name, mtu, original, isUp, isMarked
    }

    /// Plans that were stored before there was a choice bring the link up, and do not mark it.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            name: try container.decode(InterfaceName.self, forKey: .name),
            mtu: try container.decodeIfPresent(Int.self, forKey: .mtu),
            original: try container.decode(HostDevice.self, forKey: .original),
            isUp: try container.decodeIfPresent(Bool.self, forKey: .isUp) ?? true,
            isMarked: try container.decodeIfPresent(Bool.self, forKey: .isMarked) ?? false)
    }
}

extension DeviceRequirement: RequirementKind {
    var label: String { "device \(original.name) as \(name)" }
    /// It is the host's, and goes back there.
    var scope: RequirementScope { .host }

    func apply(in ground: Ground) throws -> ApplyOutcome {
        let task = try ground.task()
        if let link = try task.link(named: name), link.macAddress == original.macAddress {
            if isUp || mtu != nil { try task.mend(link, macAddress: nil, mtu: mtu, isUp: isUp) }
            return .found
        }
        // In a sandbox only what is known to have been moved there is ours to change.
        if ground.isRepair || !ground.isSandbox, let link = try moved(in: task) {
            try mend(link, in: task)
            return .found
        }
        let device = try HostDevices.one(original.macAddress, on: ground.host)
        do {
            let change = LinkChange(
                isUp: isUp, name: name.text, mtu: mtu, alias: isMarked ? original.mark : nil, namespace: task.namespace)
            try Self.move(device, from: ground.host, change, as: taskIndex)
            ground.host.learn(original.name, is: nil)
            return .made
        } catch {
            let isStillThere = try ground.host.link(index: device.index)?.macAddress == original.macAddress
            let found = try task.connection.links(macAddress: original.macAddress).first
            // Another request was faster. What it has made is not for this one to undo. Only one that is down is this
            // one's: its driver has refused to bring it up, in the same words.
            if error.isNotFound, !isStillThere, found == nil || !isUp || found?.isUp == true {
                throw ConflictError(goneWords(found))
            }
            // The kernel may have moved it before it refused the rest.
            if !isStillThere { try? undo(in: ground) }
            if error.isAlreadyExists, let link = try task.link(named: name) {
                throw ConflictError(link, hasTheName: name)
            }
            throw error
        }
    }

    private func goneWords(_ link: Link?) -> String {
        guard let link else { return "\(original.name) has just been taken away from the host: try again" }
        return "\(original.name) is in the namespace already, as \(link.name): take it out of there first"
    }

    func check(in snapshot: Snapshot) throws -> [Difference] {
        guard let task = snapshot.task, let link = try moved(in: task) ?? task.link(name) else {
            if try !snapshot.host.links(original.macAddress).isEmpty { return [.missing] }
            let kind = Drift.Kind.deviceGone(original.macAddress)
            return [Difference(expected: "present", found: "neither in the task nor on the host", kind: kind)]
        }
        return [
            Difference("name", expected: name.text, found: link.name),
            Difference("MAC address", expected: original.macAddress, found: link.macAddress),
            Difference("MTU", expected: mtu, found: link.mtu),
            Difference("state", expected: isUp ? "up" : nil, found: link.isUp ? "up" : "down"),
        ].compactMap(\.self)
    }

    /// Gives it back as it was. When its namespace ended before, the kernel has given it back already, under whatever
    /// name was free.
    func undo(in ground: Ground) throws {
        if let link = try find(in: ground) { try moveBack(link, from: try ground.task(), in: ground) }
        let links = try HostDevices.links(original.macAddress, on: ground.host)
        guard let link = links.first(where: { $0.name == original.name.text }) ?? links.first else {
            ground.remarks.append(
                "device \(original.name) (\(original.macAddress)) is neither in the task nor on the host any more")
            return
        }
        try restore(link, in: ground)
    }
}

extension DeviceRequirement {
    /// Its index in the task: the one thing about it that nobody in there can change. Far above those that the kernel
    /// gives out by itself, and told by the MAC. Another device's may end in the same bytes: the second one gets whatever
    /// index the kernel has.
    private var taskIndex: Int32 { Self.taskIndex(original.macAddress) }

    private static func taskIndex(_ macAddress: MACAddress) -> Int32 {
        0x0200_0000 | Int32(truncatingIfNeeded: macAddress.rawValue & 0xFF_FFFF)
    }

    /// Under an index where that is free.
    private static func move(
        _ link: Link, from side: Side, _ change: LinkChange, as index: Int32?
    ) throws(NetlinkError) {
        do throws(NetlinkError) {
            var wish = change
            wish.newIndex = index
            try side.apply(link, wish)
        } catch {
            guard index != nil, error.errno == .resourceBusy else { throw error }
            try side.apply(link, change)
        }
    }

    /// The device in the task, whatever name or MAC it has there by now.
    private func moved(in task: SideSnapshot) throws(NetlinkError) -> Link? {
        if let link = try task.link(index: taskIndex), !isAnotherDevice(link) { return link }
        return try best(of: task.links(original.macAddress))
    }

    private func moved(in task: Side) throws(NetlinkError) -> Link? {
        if let link = try task.link(index: taskIndex), !isAnotherDevice(link) { return link }
        return try best(of: task.connection.links(macAddress: original.macAddress))
    }

    private func best(of links: [Link]) -> Link? { links.first { $0.name == name.text } ?? links.first }

    private func mend(_ link: Link, in task: Side) throws {
        if link.name != name.text {
            if let other = try task.link(named: name) { throw ConflictError(other, hasTheName: name) }
            try task.apply(link, LinkChange(isUp: false, name: name.text))
        }
        let found = try task.connection.link(index: link.index)
        try task.mend(found, macAddress: original.macAddress, mtu: mtu, isUp: isUp)
        task.learn(name, is: link.index)
    }

    /// By its index, also when the task has changed its MAC and given that to another link; or where another device has
    /// the index by its MAC. By its name only when it is nowhere under its MAC: then the task has changed that.
    private func find(in ground: Ground) throws -> Link? {
        guard let task = try ground.taskIfThere() else { return nil }
        if let link = try moved(in: task) { return link }
        guard try HostDevices.links(original.macAddress, on: ground.host).isEmpty,
            let link = try task.link(named: name), !isAnotherDevice(link)
        else { return nil }
        return link
    }

    /// Whether a link was moved here as another device: its mark says so, or its index is the one that goes with its own
    /// MAC. What hardware came with, the task cannot change.
    private func isAnotherDevice(_ link: Link) -> Bool {
        guard let mac = link.macAddress, mac != original.macAddress, link.permanentMACAddress != original.macAddress
        else { return false }
        if isMarked, let marked = HostDevice(markOf: link) { return marked.macAddress != original.macAddress }
        return link.index == Self.taskIndex(mac)
    }

    /// Back to the host, with its MAC, so that it is found there, under a name that is free there.
    private func moveBack(_ link: Link, from task: Side, in ground: Ground) throws(NetlinkError) {
        let mac = link.macAddress == original.macAddress ? nil : original.macAddress
        var refusal: NetlinkError?
        for candidate in candidateNames {
            let change = LinkChange(
                name: candidate.text, macAddress: mac, namespace: ground.host.namespace)
            do throws(NetlinkError) {
                return try Self.move(link, from: task, change, as: original.index)
            } catch {
                // It may have been moved before its new name was refused.
                if try task.link(index: link.index) == nil { return }
                if !error.isAlreadyExists { throw error }
                refusal = error
            }
        }
        if let refusal { throw refusal }
    }

    /// Name, MTU, addresses and state, of a link that is on the host.
    private func restore(_ link: Link, in ground: Ground) throws {
        var name = link.name
        for candidate in candidateNames {
            // All better names are taken.
            if name == candidate.text { break }
            do throws(NetlinkError) {
                try ground.host.apply(link, LinkChange(isUp: false, name: candidate.text))
                name = candidate.text
                break
            } catch {
                if !error.isAlreadyExists { throw error }
            }
        }
        if name != original.name.text {
            ground.remarks.append("device \(original.name) was given back as \(name): its name is taken")
        }
        let mac = link.macAddress == original.macAddress ? nil : original.macAddress
        let change = LinkChange(
            isUp: original.isUp, macAddress: mac, mtu: original.mtu, alias: isMarked ? original.alias ?? "" : nil)
        try ground.host.apply(link, change)
        for address in original.addresses {
            _ = try ground.host.add(.addAddress(address.on(link.index)))
        }
    }

    /// Its old name, and others for when somebody has taken that.
    private var candidateNames: [InterfaceName] {
        [original.name]
            + (1...99).compactMap { number in
                let suffix = "-\(number)"
                let stem = original.name.text.prefix(InterfaceName.maximumLength - suffix.count)
                return try? InterfaceName(stem + suffix)
            }
    }
}

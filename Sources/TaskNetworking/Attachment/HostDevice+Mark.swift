// SPDX-License-Identifier: Apache-2.0
import Addressing
import Netlink

// What a device was on the host, written on the link itself as its alias. It goes where the link goes, so that whoever
// finds it can give it back: in the container's namespace, or on the host again when the namespace has ended.
//
// Who is root in the namespace can write there, too. So there is nothing in it that could hurt the host: no addresses, a
// name that is taken only when it is free, an MTU that the device itself limits.
extension HostDevice {
    private static let markStart = ["tasknet", "borrowed"]
    /// In bytes. The corresponding C constant is `IFALIASZ` (less two closing zeros).
    private static let longestMark = 254

    /// "tasknet borrowed eth1 02:11:22:33:44:55 1500 up 6" (the index) and the alias that it had, where that fits.
    var mark: String {
        let words = Self.markStart + [name.text, "\(macAddress)", "\(mtu)", isUp ? "up" : "down", "\(index ?? 0)"]
        let mark = words.joined(separator: " ")
        guard let alias, !alias.isEmpty, mark.utf8.count + alias.utf8.count < Self.longestMark else { return mark }
        return mark + " " + alias
    }

    /// Reads a link's mark; nil for a link that has none.
    init?(markOf link: Link) {
        guard let text = link.alias else { return nil }
        let words = text.split(separator: " ", maxSplits: 7, omittingEmptySubsequences: false).map(String.init)
        guard words.count >= 7, Array(words[..<2]) == Self.markStart, let name = try? InterfaceName(words[2]),
            let macAddress = try? MACAddress(parsing: words[3]), let mtu = Int(words[4]), (68...65535).contains(mtu),
            ["up", "down"].contains(words[5]), let index = Int32(words[6]), index >= 0
        else { return nil }
        self.init(
            name: name, macAddress: macAddress, mtu: mtu, isUp: words[5] == "up",
            index: index > 0 ? index : nil, alias: words.count > 7 ? words[7] : nil)
    }
}

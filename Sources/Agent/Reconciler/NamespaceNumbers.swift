// SPDX-License-Identifier: Apache-2.0
import Linux
import Netlink
import TaskNetworking

/// Which ENIs are in the namespaces that the kernel speaks of by number, as far as links have told.
struct NamespaceNumbers: Sendable {
    private var interfaces: [Int32: Set<String>] = [:]
    /// Those that were looked for, and are no task's.
    private(set) var foreign: Set<Int32> = []

    /// The host's end of a veth names its ENI, and the namespace of the other end.
    mutating func learn(_ link: Link) {
        guard let number = link.parentNamespaceID, let id = link.networkInterfaceID else { return }
        learn(number, has: id)
    }

    mutating func learn(_ number: Int32, has id: String) {
        interfaces[number, default: []].insert(id)
        foreign.remove(number)
    }

    mutating func note(foreign number: Int32) { foreign.insert(number) }

    /// The number is another one's next.
    mutating func forget(_ number: Int32) {
        interfaces[number] = nil
        foreign.remove(number)
    }

    /// Nil for one of which nothing is known.
    func interfaces(in number: Int32) -> Set<String>? { interfaces[number] }
}

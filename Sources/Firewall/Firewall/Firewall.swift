// SPDX-License-Identifier: Apache-2.0
package import Addressing
package import Linux
package import Netfilter
import Netlink
import Synchronization
package import VPC

/// What the host lets through between tasks, itself and the outside: the model's security groups and routes in the
/// kernel's packet filter, in the tables `inet tasknet` and `arp tasknet`.
///
/// `apply` makes all of a state true and is what mends; the other changes are small ones to what was applied. Each leaves
/// less allowed, never more, when it fails half-way, and the next `apply` puts it right.
///
/// Usable from any thread; one call at a time is worked on. Every call blocks for as long as the kernel takes.
package final class Firewall: Sendable {
    let host: NetworkNamespace
    let tables: Mutex<FirewallTables>
    /// For tracked connections: looking through them all takes long, and nothing else is to wait for that.
    let connections: Mutex<NetfilterConnection>

    /// - Parameters:
    ///   - host: the namespace that is the host's; nil for the one that the calling thread is in.
    ///   - combinations: as they were when the last daemon ended. Without them each link gets its number anew.
    package init(host: NetworkNamespace? = nil, combinations: Combinations = Combinations()) throws {
        let host = if let host { host } else { try NetworkNamespace.current() }
        self.host = host
        tables = Mutex(try FirewallTables(in: host, combinations))
        connections = Mutex(try NetfilterConnection(in: host))
    }

    /// What has to be kept for the next daemon, after each change.
    package var combinations: Combinations { tables.withLock { $0.combinations } }

    /// Makes a whole state true in one transaction: what is missing is made, what is no longer wanted goes, whatever was
    /// changed by others is put right. Counters of what stays go on.
    ///
    /// Tables that another version of this program made are replaced, in the same transaction, and count from zero.
    package func apply(_ state: FirewallState) throws {
        try tables.withLock { try $0.apply(state) }
    }

    /// What an ENI's host end has to have as its link group: for whoever makes the link. `add` sets it too.
    package func linkGroup(of groupIDs: [String]) throws -> UInt32 {
        try tables.withLock { try $0.combination(of: groupIDs).linkGroup }
    }

    /// What an ENI's host end has to have as its link group now; nil for one that was not added.
    package func linkGroup(ofInterface hostName: String) -> UInt32? {
        tables.withLock { $0.applied?.interfaces[hostName]?.linkGroup }
    }

    /// Lets an ENI's traffic in, as far as its groups do. Before, all of it is dropped.
    package func add(_ interface: FirewallInterface) throws {
        try tables.withLock { try $0.add(interface) }
    }

    /// Has the ENI forgotten. What is already gone is no error.
    package func remove(_ interface: FirewallInterface) throws {
        try tables.withLock { try $0.remove(interface) }
    }

    /// Moves an ENI from its groups to others: no packet is judged by a part of both.
    ///
    /// - Parameter interface: with the groups that it has now.
    package func setGroups(of interface: FirewallInterface, to groupIDs: [String]) throws {
        try tables.withLock { try $0.setGroups(of: interface, to: groupIDs) }
    }

    /// An ENI that does not pass the host's stack becomes a member of its groups.
    package func add(_ member: FirewallMember) throws {
        try tables.withLock { try $0.add(member) }
    }

    package func remove(_ member: FirewallMember) throws {
        try tables.withLock { try $0.remove(member) }
    }

    /// Makes a group, or gives it other rules, in one transaction. The counters of the rules that stay go on.
    package func put(_ group: SecurityGroup) throws {
        try tables.withLock { try $0.put(group) }
    }

    /// Deletes a group that no ENI is in. What other groups' rules say of it matches nothing from then on.
    package func deleteGroup(_ id: String) throws {
        try tables.withLock { try $0.deleteGroup(id) }
    }

    /// Makes a prefix list, or gives it other blocks, in one transaction.
    package func put(_ list: PrefixList) throws {
        try tables.withLock { try $0.put(list) }
    }

    package func deletePrefixList(_ id: String) throws {
        try tables.withLock { try $0.deletePrefixList(id) }
    }

    /// - Throws: `FirewallError.missingTable` where there is nothing that could count.
    package func counters() throws -> FirewallCounters {
        try tables.withLock { try $0.counters() }
    }

    /// In what the kernel differs from a state: what others have changed, or an `apply` that has not been.
    package func check(_ state: FirewallState) throws -> [FirewallDrift] {
        try tables.withLock { try $0.check(state) }
    }

    /// The same for what judges packets from one address to another, which asks the kernel the same however many ENIs there are.
    ///
    /// - Throws: `FirewallError.notApplied` before the first `apply`.
    package func check(
        from source: IPAddress, to destination: IPAddress, in state: FirewallState
    ) throws -> FirewallPathCheck {
        try tables.withLock { try $0.check(from: source, to: destination, in: state) }
    }

    /// What the rule with this id has decided on; nil when there is no such rule.
    package func counter(ofRule id: String) throws -> Counter? {
        try tables.withLock { try $0.counter(id) }
    }

    package func counter(_ counter: FirewallCounters.General) throws -> Counter? {
        try tables.withLock { try $0.counter(counter.rawValue) }
    }

    /// What was dropped of one ENI's, by the name of its host end.
    package func counters(of hostName: String) throws -> FirewallCounters.InterfaceCounters {
        try tables.withLock { try $0.counters(of: hostName) }
    }

    /// Takes both tables away: nothing is judged any more.
    package func removeAll() throws {
        try tables.withLock { try $0.removeAll() }
    }
}

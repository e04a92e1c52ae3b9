// SPDX-License-Identifier: Apache-2.0
package import Addressing
import CNetlink
import SystemPackage

extension RouteConnection {
    /// The link with an index.
    ///
    /// - Throws: `isNotFound`
    package func link(index: Int32) throws(NetlinkError) -> Link {
        try link(.index(index))
    }

    /// The link with a name, or with an alternative name.
    ///
    /// - Throws: `isNotFound`
    package func link(named name: String) throws(NetlinkError) -> Link {
        try link(.name(name))
    }

    package func link(_ reference: LinkReference) throws(NetlinkError) -> Link {
        try get(answer: RTM_NEWLINK, "\(reference)") { () throws(Refusal) in
            var header = ifinfomsg()
            if case .index(let index) = reference { header.ifi_index = index }
            let request = try Self.linkRequest(header)
            if case .name(let name) = reference {
                try LinkName.require(name)
                try request.put(IFLA_IFNAME, name)
            }
            return request
        } parse: { header throws(Refusal) in
            guard let link = try Link(header) else { throw Refusal(.badMessage) }
            return link
        }
    }

    /// All links.
    package func links() throws(NetlinkError) -> [Link] {
        try links { _ in true }
    }

    /// The links that have a MAC now: more than one where links stand on each other (a bridge and its port, a NIC and
    /// its VLANs). The kernel cannot look by MAC, so it costs as much as all.
    ///
    /// Where links come and go all the time, those that were seen in any of several readings are asked for one by one.
    package func links(macAddress: MACAddress) throws(NetlinkError) -> [Link] {
        var seen: Set<Int32> = []
        do throws(Refusal) {
            let request = try Self.linkRequest(ifinfomsg())
            for _ in 0..<Self.maximumReadings {
                let reading = try listOnce(request, answer: RTM_NEWLINK) { header throws(Refusal) -> Link? in
                    guard let link = try Link(header), link.macAddress == macAddress else { return nil }
                    return link
                }
                if !reading.isInterrupted { return reading.values }
                seen.formUnion(reading.values.map(\.index))
            }
        } catch {
            throw NetlinkError("list", "links", error)
        }
        var links: [Link] = []
        for index in seen.sorted() {
            do throws(NetlinkError) {
                let link = try link(index: index)
                if link.macAddress == macAddress { links.append(link) }
            } catch {
                guard error.isNotFound else { throw error }
            }
        }
        if !links.isEmpty { return links }
        // That there is none, nobody can say.
        return try self.links { $0.macAddress == macAddress }
    }

    private func links(where isWanted: (Link) -> Bool) throws(NetlinkError) -> [Link] {
        try list(answer: RTM_NEWLINK, "links") { () throws(Refusal) in
            try Self.linkRequest(ifinfomsg())
        } parse: { header throws(Refusal) in
            guard let link = try Link(header), isWanted(link) else { return nil }
            return link
        }
    }

    private static func linkRequest(_ header: ifinfomsg) throws(Refusal) -> NetlinkMessage {
        let request = try NetlinkMessage(type: RTM_GETLINK, header: header)
        // Counters are most of an answer, and nobody asked for them.
        try request.put(IFLA_EXT_MASK, UInt32(RTEXT_FILTER_SKIP_STATS))
        return request
    }
}

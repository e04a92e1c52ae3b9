// SPDX-License-Identifier: Apache-2.0
import CNetlink

/// Something that may have taken away what a plan made, in a namespace or another. What comes by others and takes nothing
/// away is not told.
///
/// `namespaceID` is the number that the listening namespace has for the one that it happened in
/// (`RouteConnection.namespaceID(of:)`); nil for itself.
package enum NamespaceEvent: Hashable, Sendable {
    /// A link is new, or something about it is, or it is gone: deleted, or moved to another namespace.
    case link(namespaceID: Int32?, Link, isRemoved: Bool)
    case addressRemoved(namespaceID: Int32?, Address)
    case routeRemoved(namespaceID: Int32?, Route)
    /// A route has taken the place of another one to the same destination.
    case routeReplaced(namespaceID: Int32?, by: Route)
    case ruleRemoved(namespaceID: Int32?, Rule)
    /// A namespace has ended. Its number may be another one's next.
    case namespaceEnded(id: Int32)
    /// Some events were lost: look at everything.
    case overflow

    /// Nil for the listening namespace itself, and for what is about all.
    package var namespaceID: Int32? {
        switch self {
        case .link(let id, _, _), .addressRemoved(let id, _), .routeRemoved(let id, _), .routeReplaced(let id, _),
            .ruleRemoved(let id, _):
            id
        case .namespaceEnded, .overflow: nil
        }
    }
}

extension NamespaceEvent {
    /// Reads a message; nil for what is of no concern.
    ///
    /// - Parameter id: of where it comes from; nil for the listening namespace itself.
    init?(_ header: UnsafeMutablePointer<nlmsghdr>, from id: Int32?) throws(Refusal) {
        let event: NamespaceEvent? =
            switch Int(header.pointee.nlmsg_type) {
            case RTM_NEWLINK: try Link(header).map { .link(namespaceID: id, $0, isRemoved: false) }
            case RTM_DELLINK: try Link(header).map { .link(namespaceID: id, $0, isRemoved: true) }
            case RTM_DELADDR: try Address(header).map { .addressRemoved(namespaceID: id, $0) }
            case RTM_DELROUTE where Self.isOfConcern(header):
                try Route(header).map { .routeRemoved(namespaceID: id, $0) }
            case RTM_NEWROUTE where header.pointee.nlmsg_flags & UInt16(NLM_F_REPLACE) != 0 && Self.isOfConcern(header):
                try Route(header).map { .routeReplaced(namespaceID: id, by: $0) }
            case RTM_DELRULE: try Rule(header).map { .ruleRemoved(namespaceID: id, $0) }
            // Only this namespace's own numbers.
            case RTM_DELNSID where id == nil: RouteConnection.namespaceID(header).map { .namespaceEnded(id: $0) }
            default: nil
            }
        guard let event else { return nil }
        self = event
    }

    /// What the kernel itself makes goes with an address or a link, and comes with it again.
    private static func isOfConcern(_ header: UnsafeMutablePointer<nlmsghdr>) -> Bool {
        guard Int(header.pointee.nlmsg_len) >= MemoryLayout<nlmsghdr>.size + MemoryLayout<rtmsg>.size,
            let route = nlmsg_data(header)?.loadUnaligned(as: rtmsg.self)
        else { return false }
        let isOfKernel = [RTPROT_REDIRECT, RTPROT_KERNEL, RTPROT_RA].contains { $0 == CInt(route.rtm_protocol) }
        return !isOfKernel && route.rtm_flags & UInt32(RTM_F_CLONED) == 0
    }
}

/// Events in their order, without those that later ones make needless.
struct NamespaceEventList {
    private var events: [NamespaceEvent?] = []
    private var places: [Key: Int] = [:]

    /// What later events can be about, too.
    private enum Key: Hashable {
        case link(namespaceID: Int32?, index: Int32)
        case other(NamespaceEvent)
    }

    var all: [NamespaceEvent] { events.compactMap(\.self) }
    var isEmpty: Bool { places.isEmpty }

    mutating func append(_ event: NamespaceEvent) {
        let key: Key =
            switch event {
            case .link(let id, let link, _): .link(namespaceID: id, index: link.index)
            default: .other(event)
            }
        // The last word counts, and where it was said: an index may be given again.
        if let place = places.updateValue(events.count, forKey: key) { events[place] = nil }
        events.append(event)
    }
}

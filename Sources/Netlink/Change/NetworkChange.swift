// SPDX-License-Identifier: Apache-2.0

/// One thing to change in a namespace. A value: it is made, compared and printed without a kernel.
package enum NetworkChange: Sendable, CustomStringConvertible {
    case createLink(LinkSpec)
    case changeLink(LinkReference, LinkChange)
    /// Waits for the kernel's grace periods, 10 to 20 ms. A veth goes with its namespace for nothing.
    case deleteLink(LinkReference)
    /// Deletes all links of a group at once, for the price of one.
    case deleteLinks(group: UInt32)
    /// `EEXIST` when it is there.
    case addAddress(Address)
    case replaceAddress(Address)
    case removeAddress(Address)
    /// `EEXIST` when there is a route to the same destination with the same priority in the table.
    case addRoute(Route)
    case replaceRoute(Route)
    case removeRoute(Route)
    /// `EEXIST` when the address has an entry on the link.
    case addNeighbour(Neighbour)
    case replaceNeighbour(Neighbour)
    case removeNeighbour(Neighbour)
    case changeNeighbours(NeighbourOptions)
    /// `EEXIST` when there is the same rule.
    case addRule(Rule)
    case removeRule(Rule)

    /// What is done, for errors and logs.
    package var operation: String {
        switch self {
        case .createLink: "create link"
        case .changeLink: "change link"
        case .deleteLink: "delete link"
        case .deleteLinks: "delete links"
        case .addAddress: "add address"
        case .replaceAddress: "replace address"
        case .removeAddress: "remove address"
        case .addRoute: "add route"
        case .replaceRoute: "replace route"
        case .removeRoute: "remove route"
        case .addNeighbour: "add neighbour"
        case .replaceNeighbour: "replace neighbour"
        case .removeNeighbour: "remove neighbour"
        case .changeNeighbours: "change"
        case .addRule: "add rule"
        case .removeRule: "remove rule"
        }
    }

    /// What it is done to, for errors and logs.
    package var object: String {
        switch self {
        case .createLink(let spec): "\(spec)"
        case .changeLink(let reference, _): "\(reference)"
        case .deleteLink(let reference): "\(reference)"
        case .deleteLinks(let group): "of group \(group)"
        case .addAddress(let address), .replaceAddress(let address), .removeAddress(let address): "\(address)"
        case .addRoute(let route), .replaceRoute(let route), .removeRoute(let route): "\(route)"
        case .addNeighbour(let neighbour), .replaceNeighbour(let neighbour), .removeNeighbour(let neighbour):
            "\(neighbour)"
        case .changeNeighbours(let options): "\(options)"
        case .addRule(let rule), .removeRule(let rule): "\(rule)"
        }
    }

    package var description: String { "\(operation) \(object)" }

    /// The requests that make it true.
    func messages() throws(Refusal) -> [NetlinkMessage] {
        switch self {
        case .createLink(let spec): try spec.messages()
        case .changeLink(let reference, let change): try change.messages(to: reference)
        case .deleteLink(let reference): [try reference.deletion()]
        case .deleteLinks(let group): [try LinkReference.deletion(ofGroup: group)]
        case .addAddress(let address): [try address.addition(replacing: false)]
        case .replaceAddress(let address): [try address.addition(replacing: true)]
        case .removeAddress(let address): [try address.removal()]
        case .addRoute(let route): [try route.addition(replacing: false)]
        case .replaceRoute(let route): [try route.addition(replacing: true)]
        case .removeRoute(let route): [try route.removal()]
        case .addNeighbour(let neighbour): [try neighbour.addition(replacing: false)]
        case .replaceNeighbour(let neighbour): [try neighbour.addition(replacing: true)]
        case .removeNeighbour(let neighbour): [try neighbour.removal()]
        case .changeNeighbours(let options): [try options.message()]
        case .addRule(let rule): [try rule.addition()]
        case .removeRule(let rule): [try rule.removal()]
        }
    }
}

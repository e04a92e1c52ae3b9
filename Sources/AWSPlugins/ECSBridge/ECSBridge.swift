// SPDX-License-Identifier: Apache-2.0
import Addressing
package import CNI
import JSON
import Netlink
import TaskNetworking

/// Puts a container on a bridge of the host's by a veth, with addresses from an IPAM plugin. Stands in for Amazon's
/// plugin of that name.
package struct ECSBridge: AWSPlugin {
    package static let name = "ecs-bridge"
    package static let origin = AWSOrigin.ecs
    package static let defaultLogFile = "/log/ecs-cni-bridge-plugin.log"
    private let environment: [String: String]
    private let log: PluginLog

    package init(environment: [String: String], log: PluginLog) {
        self.environment = environment
        self.log = log
    }

    package func add(_ request: CNIRequest) throws -> CNIResult {
        let configuration = try BridgeConfiguration(request.configuration)
        guard let ipam = try ipam(configuration, request) else {
            throw CNIError(.invalidConfiguration, "missing ipam.type in network config")
        }
        let container = try request.heldNamespace()
        // What is there may be somebody's, or what an earlier ADD made: either way it is not to be made over.
        if try container.hasLink(request.linkName()) {
            throw CNIError(
                .invalidEnvironment, "container veth name provided (\(request.interfaceName)) already exists",
                details: "the namespace has a link that is called as CNI_IFNAME says")
        }
        let given = try ipam.add(request)
        do {
            return try attach(request, configuration, container, given)
                .following(request.configuration.previousResult)
        } catch {
            throw giveBack(given, to: ipam, request, after: error)
        }
    }

    /// - Returns: the error, with what came after it.
    private func giveBack(
        _ given: CNIResult, to ipam: IPAM, _ request: CNIRequest, after error: any Error
    ) -> any Error {
        do {
            try ipam.giveBack(given, request)
            return error
        } catch let second {
            return CNIError(.failed, "\(error)", details: "the addresses \(given.texts) stay given out: \(second)")
        }
    }

    private func attach(
        _ request: CNIRequest, _ configuration: BridgeConfiguration, _ container: HeldNamespace, _ given: CNIResult
    ) throws -> CNIResult {
        let attachment = try BridgeAttachment(
            given, request, configuration, existing: try container.destinations())
        let applied = try TaskNetwork().apply(attachment.plan(request, container), in: container.namespace)
        for step in applied.steps { log.debug("\(step)") }
        let bridge = try? RouteConnection().link(named: configuration.bridge.text)
        return attachment.result(given, request, bridgeMACAddress: bridge?.macAddress)
    }

    /// The link goes first, so that an address that is free is nobody's any more. Neither waits for the other to succeed.
    package func del(_ request: CNIRequest) throws {
        let configuration = try BridgeConfiguration(request.configuration)
        try both(
            { try removeVeth(request) },
            { try ipam(configuration, request)?.del(request) })
    }

    package func check(_ request: CNIRequest) throws {
        let configuration = try BridgeConfiguration(request.configuration)
        let container = try request.heldNamespace()
        if let previous = request.configuration.previousResult {
            let attachment = try BridgeAttachment(previous, of: request, configuration)
            let drifts = try TaskNetwork().check(attachment.plan(request, container), in: container.namespace)
            if !drifts.isEmpty {
                throw CNIError(
                    .failed, "\(request.interfaceName) is not as ADD left it",
                    details: drifts.map(\.description).joined(separator: "; "))
            }
        }
        try ipam(configuration, request)?.check(request)
    }

    package func gc(_ request: CNIRequest) throws {
        let configuration = try BridgeConfiguration(request.configuration)
        let network = request.configuration.name
        let valid = Set(try request.configuration.validAttachments().map { VethAlias(network: network, $0) })
        let own = VethAlias(request).network
        try both(
            { try removeHostEnds { $0.network == own && !valid.contains($0) } },
            { try ipam(configuration, request)?.gc(request) })
    }

    package func status(_ request: CNIRequest) throws {
        let configuration = try BridgeConfiguration(request.configuration)
        try ipam(configuration, request)?.status(request)
    }
}

extension ECSBridge {
    private func ipam(_ configuration: BridgeConfiguration, _ request: CNIRequest) throws(CNIError) -> IPAM? {
        guard let type = configuration.ipamType else { return nil }
        return try IPAM(type, request, environment, log)
    }

    /// Does the link's half and the IPAM plugin's, whatever becomes of the first.
    ///
    /// - Throws: the error of the second, which is passed on as it is, with the first one's in its details.
    private func both(_ link: () throws -> Void, _ ipam: () throws -> Void) throws {
        let first = Result { try link() }
        do {
            try ipam()
        } catch {
            guard case .failure(let linkError) = first else { throw error }
            var both = error as? CNIError ?? CNIError(.failed, "\(error)")
            both.details += (both.details.isEmpty ? "" : "; ") + "and the link stays: \(linkError)"
            throw both
        }
        try first.get()
    }

    private func removeVeth(_ request: CNIRequest) throws {
        let alias = VethAlias(request)
        if let container = try request.heldNamespaceIfThere() {
            guard let veth = try container.veth(request.linkName()) else { return }
            // Without one it is what the original has made.
            let found = VethAlias(try RouteConnection().end(of: veth)?.alias)
            if alias.container.isEmpty || found == nil || found?.container == alias.container {
                return try container.remove(veth)
            }
            // The path leads to another container by now: the process in /proc/<pid>/ns/net has ended, and another one
            // has got its number.
        }
        // The namespace may live on where nobody can name it.
        if VethAlias(alias.text) == alias { try removeHostEnds { $0 == alias } }
    }

    private func removeHostEnds(where isWanted: (VethAlias) -> Bool) throws {
        let host = try RouteConnection()
        for link in try host.links() where link.kind == .veth {
            guard let alias = VethAlias(link.alias), isWanted(alias) else { continue }
            try host.remove(link)
        }
    }
}

extension CNIResult {
    fileprivate var texts: String { addresses.map(\.address).joined(separator: ", ") }
}

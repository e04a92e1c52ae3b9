// SPDX-License-Identifier: Apache-2.0
import Addressing
package import CNI

/// Gives out addresses of a subnet, round robin. Stands in for Amazon's plugin of that name.
package struct ECSIPAM: AWSPlugin {
    package static let name = "ecs-ipam"
    package static let origin = AWSOrigin.ecs
    package static let defaultLogFile = "/log/ecs-cni-ipam-plugin.log"
    package static let readsNamespace = false
    private let environment: [String: String]
    private let log: PluginLog

    package init(environment: [String: String], log: PluginLog) {
        self.environment = environment
        self.log = log
    }

    package func add(_ request: CNIRequest) throws -> CNIResult {
        let configuration = try IPAMConfiguration(request.configuration)
        let addresses = try withDatabase(creating: true) { database in
            try configuration.networks.map { network in
                try database.reserve(gateway: network.gateway)
                return try database.lease(
                    network.address?.address, in: network.range, id: configuration.id, to: request.holder)
            }
        }
        return configuration.result(addresses ?? [])
    }

    /// Success also when nothing is given out any more: the ECS agent calls once more when the task is long gone,
    /// without a container's id and with a namespace that is none.
    package func del(_ request: CNIRequest) throws {
        let configuration = try ReleaseConfiguration(request.configuration)
        guard !configuration.id.isEmpty || !configuration.addresses.isEmpty || !request.containerID.isEmpty else {
            throw CNIError(
                .invalidConfiguration, "ip address (ipv4 or ipv6) and id can not all be empty for deletion",
                details: "give ipam.id, ipam.ipv4-address or ipam.ipv6-address, or CNI_CONTAINERID")
        }
        try withDatabase(creating: false) { database in
            let leases = try database.leases(of: configuration, request.holder)
            if leases.isEmpty { log.info("no ip address associated with the given id: \(configuration.id)") }
            for lease in leases { try database.release(lease) }
        }
    }

    /// Takes an ADD back whose other half failed.
    func giveBack(_ result: CNIResult) throws {
        try withDatabase(creating: false) { database in
            for address in result.addresses {
                guard let address = try? InterfaceAddress(parsing: address.address).address else { continue }
                if let lease = try database.lease(address) { try database.release(lease) }
            }
        }
    }

    package func check(_ request: CNIRequest) throws {
        let configuration = try IPAMConfiguration(request.configuration)
        let release = try ReleaseConfiguration(request.configuration)
        let leases = try withDatabase(creating: false) { try $0.leases(of: release, request.holder) } ?? []
        let told = request.configuration.previousResult?.addresses ?? []
        for network in configuration.networks {
            let family = network.range.subnet.family
            guard let lease = leases.first(where: { $0.address.family == family }) else {
                throw CNIError(leases: LeaseError.noAddress(id: configuration.id))
            }
            guard told.contains(where: { $0.isOf(lease.address) }) else {
                throw CNIError(
                    .failed, "the address of id \(configuration.id) is \(lease.address)",
                    details: "prevResult has another one")
            }
        }
    }

    package func gc(_ request: CNIRequest) throws {
        let valid = Set(try request.configuration.validAttachments())
        try withDatabase(creating: false) { database in
            for lease in try database.leases(network: request.configuration.name) {
                let holder = lease.holder
                // One without a container's id is nobody's that the runtime could name.
                let attachment = ValidAttachment(containerID: holder.container, interfaceName: holder.interface)
                if !holder.container.isEmpty && !valid.contains(attachment) { try database.release(lease) }
            }
        }
    }

    package func status(_ request: CNIRequest) throws {
        do {
            // All that an ADD needs, one that is missing included: whether it can be made is seen by making it.
            try withDatabase(creating: true) { try $0.verify() }
        } catch {
            throw CNIError(.unavailable, error.message, details: error.details)
        }
    }

    @discardableResult
    private func withDatabase<Result>(
        creating: Bool, _ body: (LeaseDatabase) throws -> Result
    ) throws(CNIError) -> Result? {
        do {
            let settings = try LeaseDatabaseSettings(environment)
            guard let database = try LeaseDatabase.open(settings, creating: creating) else { return nil }
            return try database.transaction { try body(database) }
        } catch {
            throw CNIError(leases: error)
        }
    }
}

extension CNIRequest {
    fileprivate var holder: Holder {
        Holder(network: configuration.name, container: containerID, interface: interfaceName)
    }
}

extension CNIResult.Address {
    fileprivate func isOf(_ address: IPAddress) -> Bool {
        (try? InterfaceAddress(parsing: self.address))?.address == address
    }
}

extension LeaseDatabase {
    /// What a configuration names: all that has the id; or the addresses that it says; or what the container's
    /// interface was given.
    fileprivate func leases(of configuration: ReleaseConfiguration, _ holder: Holder) throws -> [Lease] {
        if !configuration.id.isEmpty { return try leases(id: configuration.id) }
        if configuration.addresses.isEmpty {
            return try leases(container: holder.container, interface: holder.interface)
        }
        // A DEL that comes once more, when the address is somebody else's already, must not take it away from him.
        return try configuration.addresses.compactMap { try lease($0) }.filter {
            $0.holder.container.isEmpty || holder.container.isEmpty
                || ($0.holder.container, $0.holder.interface) == (holder.container, holder.interface)
        }
    }
}

extension IPAMConfiguration {
    fileprivate func result(_ addresses: [IPAddress]) -> CNIResult {
        var result = CNIResult()
        for (network, address) in zip(networks, addresses) {
            let length = network.address?.prefixLength ?? network.range.subnet.prefixLength
            result.addresses.append(.init("\(address)/\(length)", gateway: "\(network.gateway)"))
            result.routes += network.routes.map { .init("\($0.destination)", gateway: $0.gateway.map { "\($0)" }) }
        }
        return result
    }
}

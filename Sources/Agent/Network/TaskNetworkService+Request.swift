// SPDX-License-Identifier: Apache-2.0
import Addressing
import ECSAPI
import TaskNetworking
import VPC

extension TaskNetworkService {
    /// How an ENI is to come in; a device or a trunk is waited for.
    func request(_ interface: NetworkInterfaceRecord) async throws -> InterfaceRequest {
        let attachment = try await attachmentKind(of: interface)
        return InterfaceRequest(
            networkInterface: interface.networkInterface, attachment: attachment,
            mtu: try await mtu(interface.mtu ?? configuration.mtu, on: attachment.parent, of: interface.kind),
            position: interface.networkInterface.index)
    }

    /// The MTU of an ENI on a NIC: its own, which may be another one than the uplink, where nothing else is asked for.
    /// - Throws: where there is no such NIC, or the kernel would refuse it because the NIC has less.
    func mtu(
        _ mtu: Int?, on parent: InterfaceName?, of kind: NetworkInterfaceRecord.Kind
    ) async throws -> Int? {
        guard let parent else { return mtu }
        let kernel = kernel
        guard let most = try await Blocking.run({ try kernel.hostMTU(of: parent) }) else {
            throw NetworkServiceError.missingParentInterface(parent.text, kind: kind.rawValue)
        }
        guard let mtu else { return most }
        guard mtu <= most else {
            throw NetworkServiceError.mtuAboveParent(mtu, name: parent.text, parent: most, kind: kind.rawValue)
        }
        return mtu
    }

    private func attachmentKind(of interface: NetworkInterfaceRecord) async throws -> AttachmentKind {
        func parent() throws -> InterfaceName {
            guard let name = interface.parentInterface ?? configuration.parentInterface else {
                throw NetworkServiceError.noParentInterface(kind: interface.kind.rawValue)
            }
            return try InterfaceName(name)
        }
        switch interface.kind {
        case .veth: return .veth
        case .dummy: return .dummy
        case .macvlan: return .macvlan(parent: try parent(), mode: .bridge)
        case .ipvlan: return .ipvlan(parent: try parent(), mode: .l2)
        case .device:
            return .device(try await device(interface.networkInterface.macAddress, interface))
        case .branch:
            guard case .vlan(let id, let trunkMAC) = interface.networkInterface.association else {
                throw NetworkServiceError.noParentInterface(kind: interface.kind.rawValue)
            }
            return .branch(trunk: try await device(trunkMAC, interface).name, vlanID: id)
        }
    }

    private func device(_ address: MACAddress, _ interface: NetworkInterfaceRecord) async throws -> HostDevice {
        let now = Timestamp.now().millisecondsSince1970
        let wait = (interface.expiresAt?.millisecondsSince1970 ?? now) - now
        return try await kernel.hostDevice(macAddress: address, waitingAtMost: .milliseconds(max(0, wait)))
    }
}

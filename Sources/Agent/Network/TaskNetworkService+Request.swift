// SPDX-License-Identifier: Apache-2.0
import Addressing
import ECSAPI
import TaskNetworking
import VPC

extension TaskNetworkService {
    /// How an ENI is to come in; a device or a trunk is waited for.
    ///
    /// - Parameter deadline: until when; nil for as long as its record says.
    func request(
        _ interface: NetworkInterfaceRecord, waitingUntil deadline: ContinuousClock.Instant? = nil
    ) async throws -> InterfaceRequest {
        let deadline = deadline ?? interface.deviceDeadline
        let attachment = try await attachmentKind(of: interface, waitingUntil: deadline)
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

    private func attachmentKind(
        of interface: NetworkInterfaceRecord, waitingUntil deadline: ContinuousClock.Instant
    ) async throws -> AttachmentKind {
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
            return .device(try await device(interface.networkInterface.macAddress, waitingUntil: deadline))
        case .branch:
            guard case .vlan(let id, let trunkMAC) = interface.networkInterface.association else {
                throw NetworkServiceError.noParentInterface(kind: interface.kind.rawValue)
            }
            return .branch(trunk: try await device(trunkMAC, waitingUntil: deadline).name, vlanID: id)
        }
    }

    private func device(
        _ address: MACAddress, waitingUntil deadline: ContinuousClock.Instant
    ) async throws -> HostDevice {
        try await kernel.hostDevice(
            macAddress: address, waitingAtMost: max(.zero, ContinuousClock.now.duration(to: deadline)))
    }
}

extension NetworkInterfaceRecord {
    /// Until when its device is waited for, from now on by a clock that nobody sets. What has passed already only the
    /// wall clock knows: however it stepped meanwhile, it is no longer than was asked for.
    var deviceDeadline: ContinuousClock.Instant {
        let now = Timestamp.now().millisecondsSince1970
        guard let end = expiresAt?.millisecondsSince1970 else { return .now }
        let asked = max(0, end - createdAt.millisecondsSince1970)
        return .now.advanced(by: .milliseconds(min(max(0, end - now), asked)))
    }
}

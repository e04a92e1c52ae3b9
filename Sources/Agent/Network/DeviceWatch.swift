// SPDX-License-Identifier: Apache-2.0
import Addressing
import ECSAPI
import Netlink
import TaskNetworking
import VPC

/// Waits for a NIC with a certain MAC address to show up on the host.
struct DeviceWatch: Sendable {
    let kernel: TaskNetwork

    /// - Parameter deadline: until when the device is waited for; one that is there is found in any case.
    /// - Throws: `NetworkServiceError.deviceNotFound`, `CancellationError`, or why the device cannot be taken.
    func device(_ address: MACAddress, until deadline: Timestamp) async throws -> HostDevice {
        // Listening begins before looking: a device that comes in between is not missed.
        let events = try LinkEvents()
        if let device = try await look(for: address) { return device }
        let wait = max(0, deadline.millisecondsSince1970 - Timestamp.now().millisecondsSince1970)
        let found = try await withThrowingTaskGroup(of: HostDevice?.self) { group in
            group.addTask {
                for try await event in events where event.mayBring(address) {
                    if let device = try await look(for: address) { return device }
                }
                return nil
            }
            group.addTask {
                try await Task.sleep(for: .milliseconds(wait))
                return nil
            }
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
        try Task.checkCancellation()
        guard let found else { throw NetworkServiceError.deviceNotFound(address, milliseconds: Int(wait)) }
        return found
    }

    private func look(for address: MACAddress) async throws -> HostDevice? {
        let kernel = kernel
        return try await Blocking.run {
            do {
                return try kernel.hostDevice(macAddress: address)
            } catch DeviceError.notFound {
                return nil
            }
        }
    }
}

extension LinkEvent {
    /// Whether it is worth a look for a device. After an overflow anything may have happened.
    fileprivate func mayBring(_ address: MACAddress) -> Bool {
        switch self {
        case .changed(let link): link.macAddress == address
        case .removed: false
        case .overflow: true
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package import Addressing
import Netlink

extension TaskNetwork {
    /// The host's link with a MAC address, as it is now: what an ENI of kind `device` is planned with, and given back as.
    ///
    /// - Throws: `DeviceError`
    package func hostDevice(macAddress: MACAddress) throws -> HostDevice {
        try withHost { host in
            try HostDevices.original(try HostDevices.one(macAddress, on: host), on: host)
        }
    }

    /// The host's link with a name, as it is now.
    ///
    /// - Throws: `DeviceError`
    package func hostDevice(named name: InterfaceName) throws -> HostDevice {
        try withHost { host in
            let link = try HostDevices.movable(try HostDevices.named(name, on: host), on: host)
            return try HostDevices.original(link, on: host)
        }
    }

    /// The host's link that branches can be made on: by its MAC address, which they may have, too.
    ///
    /// - Throws: `DeviceError`
    package func trunk(macAddress: MACAddress) throws -> HostDevice {
        try withHost { host in
            try HostDevices.record(try HostDevices.lowest(macAddress, on: host), on: host)
        }
    }

    /// - Throws: `DeviceError`
    package func trunk(named name: InterfaceName) throws -> HostDevice {
        try withHost { host in
            try HostDevices.record(try HostDevices.named(name, on: host), on: host)
        }
    }

    /// The host's link with a MAC address, when it is there or as soon as it comes.
    ///
    /// - Throws: `DeviceError.notFoundInTime` when it has not come after `timeout`; another `DeviceError` at once for one
    ///   that cannot be taken; `CancellationError`.
    package func hostDevice(macAddress: MACAddress, waitingAtMost timeout: Duration) async throws -> HostDevice {
        // From here on nothing is missed: what comes before the first look is found by it, what comes after is an event.
        let events = try LinkEvents(in: hostNamespace)
        if let device = try hostDeviceIfThere(macAddress) { return device }
        return try await withThrowingTaskGroup(of: HostDevice?.self) { group in
            group.addTask { try await self.hostDevice(macAddress, from: events) }
            group.addTask {
                try await Task.sleep(for: timeout)
                return nil
            }
            defer { group.cancelAll() }
            guard let first = try await group.next(), let device = first else {
                try Task.checkCancellation()
                throw DeviceError.notFoundInTime(macAddress, waited: timeout)
            }
            return device
        }
    }

    private func hostDevice(_ macAddress: MACAddress, from events: LinkEvents) async throws -> HostDevice? {
        for try await event in events {
            switch event {
            case .changed(let link) where link.macAddress != macAddress: continue
            case .removed: continue
            case .changed, .overflow: if let device = try hostDeviceIfThere(macAddress) { return device }
            }
        }
        throw CancellationError()
    }

    private func hostDeviceIfThere(_ macAddress: MACAddress) throws -> HostDevice? {
        do {
            return try hostDevice(macAddress: macAddress)
        } catch DeviceError.notFound {
            return nil
        }
    }
}

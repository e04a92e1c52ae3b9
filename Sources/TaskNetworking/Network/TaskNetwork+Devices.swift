// SPDX-License-Identifier: Apache-2.0
package import Addressing

extension TaskNetwork {
    /// The host's link with a MAC address, as it is now: what an ENI of kind `device` is planned with, and given back as.
    ///
    /// - Throws: `DeviceError`
    package func hostDevice(macAddress: MACAddress) throws -> HostDevice {
        try withHost { host in
            try HostDevices.record(try HostDevices.one(macAddress, on: host), on: host)
        }
    }
}

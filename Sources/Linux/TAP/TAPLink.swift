// SPDX-License-Identifier: Apache-2.0
import CLinux
import Glibc
import SystemPackage

/// TAP links: whoever opens one is what is plugged into it. There is no netlink message that makes one.
package enum TAPLink {
    /// Makes a TAP link that is down, with one queue and the virtio header. It stays until it is deleted.
    ///
    /// - Parameters:
    ///   - name: a valid name of a link, at most 15 bytes.
    ///   - owner: the user that may open it.
    ///   - group: the group that may.
    /// - Throws: `EBUSY` when there is one of that name, `EINVAL` when a link of another kind has it.
    package static func create(
        _ name: String, owner: UInt32, group: UInt32, in namespace: NetworkNamespace
    ) throws {
        try namespace.enter {
            let device = try open()
            guard device.withRaw({ tasknet_tap_create($0, name, owner, group) }) == 0 else {
                throw LinuxError.last("create TAP link", name)
            }
        }
    }

    private static func open() throws(LinuxError) -> OwnedDescriptor {
        let path = "/dev/net/tun"
        do throws(LinuxError) {
            return try OwnedDescriptor.open(path, O_RDWR, operation: "open")
        } catch {
            guard error.errno == .noSuchFileOrDirectory else { throw error }
            throw LinuxError("open", path, error.errno, reason: "it is not there: load the module with modprobe tun")
        }
    }
}

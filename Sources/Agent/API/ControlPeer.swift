// SPDX-License-Identifier: Apache-2.0
import CLinux
import Glibc
import SystemPackage

/// The process at the other end of a connection to the control socket, as it was when it connected.
package struct ControlPeer: Sendable, Equatable {
    package var processID: Int32
    package var userID: UInt32
    package var groupID: UInt32
    package var supplementaryGroupIDs: [UInt32]

    package init(processID: Int32, userID: UInt32, groupID: UInt32, supplementaryGroupIDs: [UInt32] = []) {
        self.processID = processID
        self.userID = userID
        self.groupID = groupID
        self.supplementaryGroupIDs = supplementaryGroupIDs
    }

    /// Asks the kernel: `SO_PEERCRED` and `SO_PEERGROUPS`.
    init(descriptor: CInt) throws(Errno) {
        var processID: pid_t = 0
        var userID: uid_t = 0
        var groupID: gid_t = 0
        guard tasknet_peer_credentials(descriptor, &processID, &userID, &groupID) == 0 else {
            throw Errno(rawValue: errno)
        }
        self.init(processID: processID, userID: userID, groupID: groupID)
        var groups = [gid_t](repeating: 0, count: 64)
        var count = tasknet_peer_groups(descriptor, &groups, CInt(groups.count))
        if count > groups.count {
            // A process cannot change the groups that it connected with: the second answer is the first's size.
            groups = [gid_t](repeating: 0, count: Int(count))
            count = tasknet_peer_groups(descriptor, &groups, CInt(groups.count))
        }
        supplementaryGroupIDs = Array(groups.prefix(max(0, min(Int(count), groups.count))))
    }
}

/// Who may use the control socket.
package struct ControlAccess: Sendable, Equatable {
    /// The daemon's own user, beside root.
    package var ownerID: UInt32
    /// Nil where the configured group does not exist: then root and the owner alone may.
    package var groupID: UInt32?

    package init(ownerID: UInt32 = geteuid(), groupID: UInt32?) {
        self.ownerID = ownerID
        self.groupID = groupID
    }

    package func allows(_ peer: ControlPeer) -> Bool {
        if peer.userID == 0 || peer.userID == ownerID { return true }
        guard let groupID else { return false }
        return peer.groupID == groupID || peer.supplementaryGroupIDs.contains(groupID)
    }

    /// The number of a group, nil where the host has none of that name.
    package static func groupID(named name: String) -> UInt32? {
        var entry = group()
        var buffer = [CChar](repeating: 0, count: 1024)
        while true {
            var found: UnsafeMutablePointer<group>?
            let result = getgrnam_r(name, &entry, &buffer, buffer.count, &found)
            if result == ERANGE, buffer.count < 1 << 20 {
                // A group with many members.
                buffer = [CChar](repeating: 0, count: buffer.count * 4)
                continue
            }
            return found == nil ? nil : entry.gr_gid
        }
    }
}

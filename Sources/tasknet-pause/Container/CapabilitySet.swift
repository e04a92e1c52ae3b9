// SPDX-License-Identifier: Apache-2.0
import CLinux

enum CapabilitySet {
    /// Takes all others out of the bounding set of this process.
    static func limit(to mask: UInt64) {
        for capability in 0..<UInt64(64) where mask & (1 << capability) == 0 {
            // EINVAL: beyond the kernel's last one.
            if tasknet_prctl(PR_CAPBSET_DROP, UInt(capability)) != 0 && lastError == EINVAL { break }
        }
    }

    /// Keeps of what there is only what is in `mask`, and has nothing inherited.
    static func reduce(to mask: UInt64) throws(Failure) {
        var permitted: UInt64 = 0
        try check(tasknet_get_permitted_capabilities(&permitted), "capabilities")
        try check(tasknet_set_capabilities(permitted & mask, permitted & mask, 0), "capabilities")
    }
}

// SPDX-License-Identifier: Apache-2.0

/// What a counter has counted.
package struct Counter: Hashable, Sendable {
    package var packets: UInt64
    package var bytes: UInt64

    package init(packets: UInt64, bytes: UInt64) {
        self.packets = packets
        self.bytes = bytes
    }
}

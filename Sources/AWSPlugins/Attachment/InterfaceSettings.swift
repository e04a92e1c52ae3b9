// SPDX-License-Identifier: Apache-2.0

import Addressing
import CNI

/// What the plugins for ENIs are asked for, whatever the link is that they bring: its addresses, its ways out, and what
/// must not be reached.
struct InterfaceSettings {
    /// What these are called in the plugin's configuration.
    struct Keys {
        let addresses: String
        let gateways: String
        let blocksInstanceMetadata: String
    }

    let keys: Keys
    var addresses: [InterfaceAddress] = []
    /// Of several of a family the first is used.
    var gateways: [IPAddress] = []
    var blocksInstanceMetadata = false

    func gateway(_ family: IPFamily) -> IPAddress? { gateways.first { $0.family == family } }
}

// SPDX-License-Identifier: Apache-2.0

import CNI

/// The plugins that the program is.
enum PluginCatalog {
    static let names: [String] = []

    static func plugin(named name: String) -> (any CNIPlugin)? {
        switch name {
        default: nil
        }
    }
}

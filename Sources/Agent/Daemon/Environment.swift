// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials

/// The process's own environment.
package enum Environment {
    package static var current: [String: String] { ProcessInfo.processInfo.environment }
}

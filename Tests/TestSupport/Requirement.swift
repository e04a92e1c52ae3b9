// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import Linux
package import Testing

/// A test could not run here. An error only where the environment asks for all tests, otherwise the test is skipped.
package struct UnmetRequirement: Error, CustomStringConvertible {
    package let description: String
}

extension Trait where Self == ConditionTrait {
    /// The test makes namespaces and links.
    package static var requiresRoot: Self {
        requirement(unmet: geteuid() == 0 ? nil : "needs root")
    }

    /// The test makes links of a kind ("dummy", "vlan", ...) that not every kernel has. Tried, not looked up: a kernel can have
    /// it built in, or as a module that it loads when it is asked for.
    ///
    /// `scripts/test` runs in Debian's kernel, with `TASKNET_REQUIRE_KERNEL=1`, what is skipped for this reason.
    package static func requiresKernel(_ kind: String) -> Self {
        requirement(unmet: KernelSupport.whyMissing(kind), errorUnder: "TASKNET_REQUIRE_KERNEL")
    }

    /// The test makes TAP links.
    package static var requiresTAP: Self {
        let isThere = { access("/dev/net/tun", R_OK | W_OK) == 0 }
        // The device file comes with the module.
        if !isThere() { _ = try? attempt(["modprobe", "tun"]) }
        let reason = isThere() ? nil : "there is no /dev/net/tun here"
        return requirement(unmet: reason, errorUnder: "TASKNET_REQUIRE_KERNEL")
    }

    /// The test runs a program that is not part of every machine.
    package static func requiresProgram(_ name: String) -> Self {
        requirement(unmet: (try? attempt([name, "--version"])) != nil ? nil : "needs the program \(name)")
    }

    /// Skips the test for a reason that is nil when there is none.
    /// - Parameter variable: set to 1, it makes the reason an error.
    package static func requirement(
        unmet reason: String?, errorUnder variable: String = "TASKNET_REQUIRE_ALL"
    ) -> Self {
        .enabled(reason.map { Comment(rawValue: $0) }) {
            guard let reason else { return true }
            if ProcessInfo.processInfo.environment[variable] == "1" {
                throw UnmetRequirement(description: reason)
            }
            return false
        }
    }
}

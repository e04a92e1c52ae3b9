// SPDX-License-Identifier: Apache-2.0

/// The version of the daemon, as `--version` and the API tell it.
package let agentVersion = "0.1.0"

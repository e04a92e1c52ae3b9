// SPDX-License-Identifier: Apache-2.0
package import VPC

extension NetworkInterface {
    /// What the host's end of a veth pair that is made for this ENI is called.
    package var hostInterfaceName: String? { try? InterfacePlan.hostName(eni: id).text }
}

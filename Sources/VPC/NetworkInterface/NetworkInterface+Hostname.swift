// SPDX-License-Identifier: Apache-2.0

extension NetworkInterface {
    /// The longest host name, in bytes. The corresponding C constant is `HOST_NAME_MAX`.
    package static let maximumHostnameLength = 64

    /// What a task calls itself whose primary ENI this is: the private DNS name, or its first label where the kernel
    /// cannot keep the whole, as on an EC2 instance. Nil without a name.
    package var hostname: String? {
        guard let privateDNSName, privateDNSName.utf8.count > Self.maximumHostnameLength else { return privateDNSName }
        return privateDNSName.split(separator: ".").first.map(String.init)
    }
}

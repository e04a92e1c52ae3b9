// SPDX-License-Identifier: Apache-2.0
package import VPC

// A sandbox is a network namespace that somebody else's runtime made. What CNI calls an attachment (a network, a
// container and an interface's name) is one ENI in it.
extension TaskNetworkAPI {
    /// Gives a sandbox an ENI.
    package enum AddSandboxNetworkInterface: APIOperation {
        package static let target = "\(APITarget.taskNetwork).AddSandboxNetworkInterface"

        package struct Input: Hashable, Sendable, Codable {
            /// CNI's network, by its name.
            @OrEmpty package var network: String
            @OrEmpty package var containerId: String
            /// What the ENI is called in the sandbox: `eth0`.
            @OrEmpty package var interfaceName: String
            /// The absolute path of the sandbox's network namespace.
            @OrEmpty package var networkNamespace: String
            /// By id or name; nil means the one that a requested address is in, or else the configuration's first.
            package var subnet: String?
            /// At most one of each family, with or without a prefix length; what is not given comes from the subnet.
            package var ipAddresses: [String]?
            /// Nil makes one; a device is found by it.
            package var macAddress: String?
            package var securityGroups: [String]?
            /// Nil means the configuration's.
            package var interfaceType: ElasticNetworkInterface.InterfaceType?
            /// The host's interface that a `macvlan` or `ipvlan` is made on; nil means the configuration's.
            package var parentInterface: String?
            /// Of a `branch`.
            package var interfaceVlanProperties: ElasticNetworkInterface.VLANProperties?
            package var assignPublicIp: NetworkConfiguration.AssignPublicIP?
            /// Bytes; nil means the configuration's, or the NIC's under it, or the host uplink's.
            package var mtu: Int?
            /// False gives no IPv6 address, also where the subnet has some.
            package var ipv6: Bool?
            /// Nil means the subnet's.
            package var dns: SandboxDNS?
            /// How long a device or trunk is waited for, in milliseconds; nil means not at all.
            package var waitTimeoutMs: Int?
            /// For people.
            package var podNamespace: String?
            package var podName: String?

            package init(
                network: String, containerId: String = "", interfaceName: String = "", networkNamespace: String = ""
            ) {
                self.network = network
                self.containerId = containerId
                self.interfaceName = interfaceName
                self.networkNamespace = networkNamespace
            }
        }

        package struct Output: Hashable, Sendable, Codable {
            package var networkInterface: NetworkInterfaceDescription
            /// The host's end of a veth first, where there is one; then the one in the sandbox.
            package var interfaces: [SandboxInterface]
            package var ips: [SandboxAddress]
            /// Those in the sandbox.
            package var routes: [SandboxRoute]
            package var dns: SandboxDNS

            package init(
                networkInterface: NetworkInterfaceDescription, interfaces: [SandboxInterface], ips: [SandboxAddress],
                routes: [SandboxRoute], dns: SandboxDNS
            ) {
                self.networkInterface = networkInterface
                self.interfaces = interfaces
                self.ips = ips
                self.routes = routes
                self.dns = dns
            }
        }
    }

    /// Takes an ENI out of a sandbox. That there is none, any more or at all, is success.
    package enum DeleteSandboxNetworkInterface: APIOperation {
        package static let target = "\(APITarget.taskNetwork).DeleteSandboxNetworkInterface"

        package typealias Input = SandboxAttachmentReference

        package struct Output: Hashable, Sendable, Codable {
            package init() {}
        }
    }

    /// Compares a sandbox's ENI with what the kernel has.
    package enum CheckSandboxNetworkInterface: APIOperation {
        package static let target = "\(APITarget.taskNetwork).CheckSandboxNetworkInterface"

        package typealias Input = SandboxAttachmentReference

        package struct Output: Hashable, Sendable, Codable {
            /// For people: "route 0.0.0.0/0 via 10.64.1.1 on eth0: expected present, found missing".
            package var differences: [String]

            package init(differences: [String]) { self.differences = differences }
        }
    }

    /// Takes out all ENIs of a network but these: CNI's GC.
    package enum CollectSandboxNetworkInterfaces: APIOperation {
        package static let target = "\(APITarget.taskNetwork).CollectSandboxNetworkInterfaces"

        package struct Input: Hashable, Sendable, Codable {
            @OrEmpty package var network: String
            /// Required, so that nobody takes everything out by leaving it away.
            package var validAttachments: [SandboxAttachment]

            package init(network: String, validAttachments: [SandboxAttachment]) {
                self.network = network
                self.validAttachments = validAttachments
            }
        }

        package struct Output: Hashable, Sendable, Codable {
            package var deleted: [SandboxAttachment]

            package init(deleted: [SandboxAttachment]) { self.deleted = deleted }
        }
    }

    /// Tells whether a sandbox would get an ENI: CNI's STATUS.
    package enum DescribeSandboxNetwork: APIOperation {
        package static let target = "\(APITarget.taskNetwork).DescribeSandboxNetwork"

        /// An addition such as those that are to follow, as far as it is the same for all of them: of no sandbox.
        package typealias Input = AddSandboxNetworkInterface.Input

        package struct Output: Hashable, Sendable, Codable {
            package var ready: Bool
            /// Why it is not.
            package var reason: String?

            package init(ready: Bool, reason: String? = nil) {
                self.ready = ready
                self.reason = reason
            }
        }
    }
}

// MARK: - Their parts, as CNI's results have them

/// Which ENI of all networks'.
package struct SandboxAttachmentReference: Hashable, Sendable, Codable {
    @OrEmpty package var network: String
    @OrEmpty package var containerId: String
    @OrEmpty package var interfaceName: String
    /// Not needed: where the ENI was put is known.
    package var networkNamespace: String?

    package init(network: String, containerId: String, interfaceName: String, networkNamespace: String? = nil) {
        self.network = network
        self.containerId = containerId
        self.interfaceName = interfaceName
        self.networkNamespace = networkNamespace
    }
}

/// Which of a network's ENIs.
package struct SandboxAttachment: Hashable, Sendable, Codable {
    @OrEmpty package var containerId: String
    @OrEmpty package var interfaceName: String

    package init(containerId: String, interfaceName: String) {
        self.containerId = containerId
        self.interfaceName = interfaceName
    }
}

package struct SandboxInterface: Hashable, Sendable, Codable {
    package var name: String
    package var mac: String
    package var mtu: Int
    /// The namespace's path; nil on the host.
    package var sandbox: String?

    package init(name: String, mac: String, mtu: Int, sandbox: String? = nil) {
        self.name = name
        self.mac = mac
        self.mtu = mtu
        self.sandbox = sandbox
    }
}

package struct SandboxAddress: Hashable, Sendable, Codable {
    /// With its prefix length: `10.64.1.9/24`.
    package var address: String
    package var gateway: String?
    /// An index into the interfaces.
    package var interface: Int

    package init(address: String, gateway: String? = nil, interface: Int) {
        self.address = address
        self.gateway = gateway
        self.interface = interface
    }
}

package struct SandboxRoute: Hashable, Sendable, Codable {
    package var dst: String
    /// Nil for what is reached directly.
    package var gw: String?
    /// Nil for the main table. A later ENI of a sandbox has one of its own.
    package var table: Int?

    package init(dst: String, gw: String? = nil, table: Int? = nil) {
        self.dst = dst
        self.gw = gw
        self.table = table
    }
}

/// What a sandbox's resolver is to be told.
package struct SandboxDNS: Hashable, Sendable, Codable {
    package var nameservers: [String]?
    package var domain: String?
    package var search: [String]?
    package var options: [String]?

    package init(
        nameservers: [String]? = nil, domain: String? = nil, search: [String]? = nil, options: [String]? = nil
    ) {
        self.nameservers = nameservers
        self.domain = domain
        self.search = search
        self.options = options
    }
}

/// Whose an ENI is that is in a sandbox.
package struct SandboxDescription: Hashable, Sendable, Codable {
    package var network: String
    package var containerId: String
    package var interfaceName: String
    package var networkNamespace: String
    package var podNamespace: String?
    package var podName: String?

    package init(network: String, containerId: String, interfaceName: String, networkNamespace: String) {
        self.network = network
        self.containerId = containerId
        self.interfaceName = interfaceName
        self.networkNamespace = networkNamespace
    }
}

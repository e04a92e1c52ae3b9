// SPDX-License-Identifier: Apache-2.0
package import Addressing
import Linux
package import Netlink
import SystemPackage

extension TaskNetwork {
    /// Opens a namespace that somebody else made.
    ///
    /// - Throws: `SandboxError` for a path of anything else.
    package func sandbox(at path: AbsolutePath) throws -> Sandbox {
        let sandbox: Sandbox
        do {
            sandbox = try Sandbox(path: FilePath(path.text))
        } catch let error as LinuxError {
            switch error.errno {
            case .noSuchFileOrDirectory: throw SandboxError.missing(path: path.text)
            case .invalidArgument, .notDirectory, .tooManySymbolicLinkLevels, .inappropriateIOCTLForDevice:
                let reason = error.reason ?? error.errno.description
                throw SandboxError.noNamespace(path: path.text, reason: reason)
            default: throw error
            }
        }
        if sandbox.namespace == hostNamespace { throw SandboxError.host(path: path.text) }
        return sandbox
    }

    /// What is in a sandbox that an ENI can be in the way of.
    package func facts(of sandbox: Sandbox) throws -> SandboxFacts {
        let survey = try NamespaceSurvey(sandbox.namespace)
        return SandboxFacts(linkNames: Set(survey.links.map(\.name)), defaultRoutes: survey.defaultRoutes)
    }

    /// Links of the host's that are gone from now on.
    package func removedHostLinks() throws -> LinkEvents { try LinkEvents(in: hostNamespace, onlyRemovals: true) }

    /// The MTU of a link of the host's, in bytes; nil where there is no such link.
    package func hostMTU(of name: InterfaceName) throws -> Int? {
        try withHost { try $0.link(named: name)?.mtu }
    }

    /// The links that a plan has just made: the host's end of a veth, where there is one, and the one in the sandbox. A
    /// veth is as it was made; of another link the kernel is asked.
    package func links(of plan: TaskNetworkPlan, in sandbox: Sandbox) throws -> (
        host: LinkSummary?, sandbox: LinkSummary?
    ) {
        for requirement in plan.requirements {
            let name: InterfaceName
            switch requirement {
            case .veth(let pair):
                return (
                    LinkSummary(name: pair.hostName.text, macAddress: pair.hostMACAddress, mtu: pair.mtu),
                    LinkSummary(name: pair.name.text, macAddress: pair.macAddress, mtu: pair.mtu)
                )
            case .madeLink(let link): name = link.name
            case .device(let device): name = device.name
            default: continue
            }
            let link = try Side(sandbox.namespace).link(named: name)
            return (nil, link.map { LinkSummary(name: $0.name, macAddress: $0.macAddress, mtu: $0.mtu) })
        }
        return (nil, nil)
    }
}

/// What a link is called, and what it has.
package struct LinkSummary: Hashable, Sendable {
    package let name: String
    package let macAddress: MACAddress?
    /// In bytes.
    package let mtu: Int
}

/// What an ENI can be in the way of.
package struct SandboxFacts: Hashable, Sendable {
    package let linkNames: Set<String>
    /// The families that have a default route.
    package let defaultRoutes: Set<IPFamily>
}

// What a plan comes to in the task's namespace, for those who are told.
extension TaskNetworkPlan {
    /// The addresses in the task's namespace; not those that a link needs for itself, nor those on `lo`.
    package var interfaceAddresses: [InterfaceAddress] {
        requirements.compactMap { requirement in
            guard case .address(let address) = requirement, address.scope == .task, address.link != .loopback,
                !address.address.address.isLinkLocal
            else { return nil }
            return address.address
        }
    }

    /// The routes in the task's namespace that lead somewhere.
    package var interfaceRoutes: [RouteRequirement] {
        requirements.compactMap { requirement in
            guard case .route(let route) = requirement, route.scope == .task, route.type == .unicast else { return nil }
            return route
        }
    }

    /// Whether something of it is in the task's namespace that the host has no end of: a link that others would meet on
    /// their network for as long as it lives, or a device that is the host's.
    package var needsNamespaceToEnd: Bool {
        requirements.contains { requirement in
            switch requirement {
            case .madeLink(let link): link.form != .dummy
            case .device: true
            default: false
            }
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
import Addressing
import Linux
import Netlink
import SystemPackage
import TaskNetworking
import VPC

/// The kernel as a path is compared with it.
struct PathKernel {
    let host: NamespaceView
    let configuration: AgentConfiguration

    /// - Parameter host: the namespace that is the host's; nil for the one that the calling thread is in.
    init(host: NetworkNamespace?, _ configuration: AgentConfiguration) throws {
        self.host = try NamespaceView(host ?? NetworkNamespace.current())
        self.configuration = configuration
    }

    /// Where an ENI is; nil where its namespace is gone.
    func namespace(of record: NetworkInterfaceRecord) throws -> NetworkNamespace? {
        if let sandbox = record.sandbox {
            return try Sandbox.find(sandbox.namespace, at: sandbox.path, orAmongProcesses: true)?.namespace
        }
        guard let task = record.taskID else { return nil }
        do throws(LinuxError) {
            return try NetworkNamespace(path: configuration.namespacePath(task))
        } catch {
            guard error.errno == .noSuchFileOrDirectory || error.errno == .invalidArgument else { throw error }
            return nil
        }
    }

    /// Whether an address is one of the host's own.
    func isHost(_ address: IPAddress) throws -> Bool {
        guard case .success(let route) = try host.way(to: address) else { return false }
        return route.kind == .local
    }

    /// What the host sends from towards an address.
    func hostAddress(to address: IPAddress) throws -> IPAddress? {
        guard case .success(let route) = try host.way(to: address) else { return nil }
        return route.preferredSource ?? (route.kind == .local ? address : nil)
    }
}

extension NetworkInterfaceRecord {
    /// What it is called in its namespace.
    var interfaceName: String { sandbox?.key.interfaceName ?? "eth\(networkInterface.index)" }
    /// What it is called on the host; nil for one that does not cross the host's stack.
    var hostName: String? { kind == .veth ? networkInterface.hostInterfaceName : nil }
}

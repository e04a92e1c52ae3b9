// SPDX-License-Identifier: Apache-2.0

package import CNI
import JSON
import Linux
import SystemPackage

/// The plugin `tasknet`: gives a container an ENI of the daemon's, whatever runtime made the container.
///
/// It touches no network itself. The daemon does the work, and knows the ENI afterwards like any other.
package struct TasknetPlugin: CNIPlugin {
    package static let name = "tasknet"

    private let environment: [String: String]

    /// - Parameter environment: the process's; `TASKNET_SOCKET` names the daemon's socket where the configuration does
    ///   not.
    package init(environment: [String: String]) { self.environment = environment }

    package func add(_ request: CNIRequest) throws -> CNIResult {
        let options = try SandboxOptions(request)
        try Self.checkNamespace(of: request)
        var daemon = try daemon(request)
        daemon.allowMore(milliseconds: options.waitTimeoutMs ?? 0)
        let answer = try daemon.call("AddSandboxNetworkInterface", options.addition(to: request.attachment))
        return try CNIResult(answer, version: .current).following(request.configuration.previousResult)
    }

    /// A daemon that is not there does it when it comes: the runtime need not call again.
    package func del(_ request: CNIRequest) throws {
        let daemon = try daemon(request)
        let deletion = JSONNode.object(request.attachment)
        if try daemon.perform("DeleteSandboxNetworkInterface", deletion) { return }
        let pending = try PendingDeletion(deletion, of: request, socketPath: daemon.socketPath)
        // It may have come meanwhile, and have looked for what is pending before this was written.
        if try daemon.perform("DeleteSandboxNetworkInterface", deletion) { pending.remove() }
    }

    package func check(_ request: CNIRequest) throws {
        let daemon = try daemon(request)
        try Self.checkNamespace(of: request)
        let answer = try daemon.call("CheckSandboxNetworkInterface", .object(request.attachment))
        let differences = try answer.key("differences").strings() ?? []
        guard differences.isEmpty else {
            throw CNIError(
                .failed, "the network of container \(request.containerID) is not as ADD left it",
                details: differences.joined(separator: "; "))
        }
    }

    package func gc(_ request: CNIRequest) throws {
        let valid = try request.configuration.validAttachments().map { attachment -> JSONNode in
            ["containerId": .string(attachment.containerID), "interfaceName": .string(attachment.interfaceName)]
        }
        _ = try daemon(request).call(
            "CollectSandboxNetworkInterfaces",
            ["network": .string(request.configuration.name), "validAttachments": .array(valid)])
    }

    package func status(_ request: CNIRequest) throws {
        let options = try SandboxOptions(request)
        let answer: JSONNode
        do {
            answer = try daemon(request).call("DescribeSandboxNetwork", options.question(about: request))
        } catch let error as CNIError where error.code == .tryAgainLater {
            throw CNIError(.unavailable, error.message, details: error.details)
        }
        guard try answer.key("ready").boolean() == true else {
            throw CNIError(
                .unavailable, "no container can be given an ENI now",
                details: try answer.key("reason").string() ?? "tasknetd does not say why")
        }
    }

    private func daemon(_ request: CNIRequest) throws -> Daemon {
        Daemon(
            socketPath: try request.configuration.document.key("socket").string() ?? environment["TASKNET_SOCKET"])
    }

    /// Looked at here and not only by the daemon, because the fault is a variable's.
    private static func checkNamespace(of request: CNIRequest) throws(CNIError) {
        let isOwn: Bool
        do {
            let namespace = try NetworkNamespace(path: FilePath(request.networkNamespace))
            isOwn = try namespace == NetworkNamespace.current()
        } catch {
            throw CNIError(.invalidEnvironment, "invalid CNI_NETNS", details: "\(error)")
        }
        guard !isOwn else {
            throw CNIError(
                .invalidEnvironment, "invalid CNI_NETNS",
                details: "\(request.networkNamespace) is the plugin's own network namespace: the host's")
        }
    }
}

extension CNIRequest {
    /// What the daemon knows an ENI of a sandbox by.
    fileprivate var attachment: [JSONMember] {
        var members = [
            JSONMember("network", .string(configuration.name)), JSONMember("containerId", .string(containerID)),
            JSONMember("interfaceName", .string(interfaceName)),
        ]
        if !networkNamespace.isEmpty { members.append(JSONMember("networkNamespace", .string(networkNamespace))) }
        return members
    }
}

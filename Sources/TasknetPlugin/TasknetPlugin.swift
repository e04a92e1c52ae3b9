// SPDX-License-Identifier: Apache-2.0

package import CNI
import Glibc
import JSON
import Linux
import SystemPackage

/// The plugin `tasknet`: gives a container an ENI of the daemon's, whatever runtime made the container.
///
/// It touches no network itself. The daemon does the work, and knows the ENI afterwards like any other.
package struct TasknetPlugin: CNIPlugin {
    package static let name = "tasknet"

    /// What a runtime cannot say rightly any more, it has to be able to delete all the same.
    package var rules: RequestRules {
        var rules = RequestRules.specification
        rules.forgives = [.del]
        rules.readsArguments = [.add]
        return rules
    }

    private let environment: [String: String]

    /// - Parameter environment: the process's; `TASKNET_SOCKET` names the daemon's socket where the configuration does
    ///   not.
    package init(environment: [String: String]) { self.environment = environment }

    package func add(_ request: CNIRequest) throws -> CNIResult {
        let options = try SandboxOptions(request)
        try Self.checkNames(of: request)
        var daemon = try daemon(request)
        daemon.allowMore(.milliseconds(options.waitTimeoutMs ?? 0))
        let answer = try daemon.call("AddSandboxNetworkInterface", options.addition(to: request.attachment))
        let result = try CNIResult(answer, version: .current, in: "the daemon's answer")
        guard result.interfaces.contains(where: { $0.sandbox != nil }), !result.addresses.isEmpty else {
            throw CNIError(
                .failed, "what answers at \(daemon.socketPath) is no tasknetd",
                details: "it said yes, and named no interface and no address")
        }
        return result.following(request.configuration.previousResult)
    }

    /// A daemon that is not there does it when it comes: the runtime need not call again.
    package func del(_ request: CNIRequest) throws {
        let daemon = try daemon(request)
        let deletion = JSONNode.object(request.attachment)
        do throws(CNIError) {
            if try daemon.perform("DeleteSandboxNetworkInterface", deletion) { return }
        } catch {
            // What can have no such name was never added.
            guard error.code == .invalidConfiguration else { throw error }
            return
        }
        guard let pending = try PendingDeletion(deletion, of: request, socketPath: daemon.socketPath) else { return }
        // It may have come meanwhile, and have looked for what is pending before this was written.
        let again = Daemon(socketPath: daemon.socketPath, timeout: .seconds(1))
        if try again.perform("DeleteSandboxNetworkInterface", deletion) { pending.remove() }
    }

    package func check(_ request: CNIRequest) throws {
        let daemon = try daemon(request)
        try Self.checkNames(of: request)
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
        let network = JSONMember("network", .string(request.configuration.name))
        let question = try SandboxOptions(request).addition(to: [network])
        let daemon = try daemon(request)
        let answer: JSONNode
        do throws(CNIError) {
            answer = try daemon.call("DescribeSandboxNetwork", question)
        } catch {
            guard error.code == .tryAgainLater else { throw error }
            throw CNIError(.unavailable, error.message, details: error.details)
        }
        guard try answer.key("ready").boolean() == true else {
            throw CNIError(
                .unavailable, "no container can be given an ENI now",
                details: try answer.key("reason").string() ?? "tasknetd does not say why")
        }
    }

    /// An addition may be one of hundreds at once; nothing else takes as long.
    private func daemon(_ request: CNIRequest) throws(CNIError) -> Daemon {
        let key = request.configuration.document.key("socket")
        // Empty is not set, as for all of CNI's variables.
        let path = [try key.string(), environment["TASKNET_SOCKET"]].compactMap(\.self).first { !$0.isEmpty }
        if let path, !path.hasPrefix("/") {
            let source = path == key.node?.string ? "socket in network config" : "TASKNET_SOCKET"
            throw CNIError(
                .invalidConfiguration, "invalid \(source) \(EscapedText.quoted(path.utf8))",
                details: "it is the path of tasknetd's control socket, and begins with a slash")
        }
        return Daemon(socketPath: path, timeout: request.command == .add ? .seconds(60) : .seconds(20))
    }

    /// Looked at here and not only by the daemon, because the fault is a variable's.
    private static func checkNames(of request: CNIRequest) throws(CNIError) {
        let name = request.interfaceName
        if ["lo", "all", "default"].contains(name) || name.contains("%") || EscapedText.of(name) != name {
            throw CNIError(
                .invalidEnvironment, "invalid CNI_IFNAME \(EscapedText.quoted(name.utf8))",
                details: "no link can be made with that name")
        }
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
        if !networkNamespace.isEmpty { members.append(JSONMember("networkNamespace", .string(namespacePath))) }
        return members
    }

    /// CNI_NETNS without what means nothing in a path: the daemon keeps it and compares.
    private var namespacePath: String {
        let components = networkNamespace.split(separator: "/").filter { $0 != "." }
        guard !components.contains("..") else {
            return resolvedNamespacePath ?? networkNamespace
        }
        return components.reduce("") { "\($0)/\($1)" }
    }

    /// Its directory as it is; the last component may be a link to what has no path.
    private var resolvedNamespacePath: String? {
        let components = networkNamespace.split(separator: "/")
        guard let last = components.last, last != ".." else { return nil }
        let directory = components.dropLast().reduce("") { "\($0)/\($1)" }
        guard let resolved = realpath(directory, nil) else { return nil }
        defer { free(resolved) }
        return "\(String(cString: resolved))/\(last)"
    }
}

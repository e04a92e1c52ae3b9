// SPDX-License-Identifier: Apache-2.0

package import JSON

/// The configuration of a network, as the runtime passes it to one plugin.
package struct NetworkConfiguration: Sendable {
    /// All of it, for the plugin's own keys and for delegated plugins.
    package var document: JSONNode
    package var version: CNIVersion
    /// The network's.
    package var name: String
    /// What earlier plugins of the chain made (ADD), or what ADD had answered (CHECK, DEL).
    package var previousResult: CNIResult?

    /// - Parameter forgives: whether a name and a previous result that are none are as good as missing.
    init(_ bytes: [UInt8], requiresName: Bool = true, forgives: Bool = false) throws(CNIError) {
        do {
            document = try JSONParser.parse(bytes)
        } catch {
            throw CNIError(.decoding, "network config is no JSON", details: "\(error)")
        }
        guard document.members != nil else {
            throw CNIError(.decoding, "network config is \(document.kindName)", details: "it has to be an object")
        }
        version = try Self.version(document.key("cniVersion").node)
        do throws(CNIError) {
            name = try Self.name(document.key("name"))
        } catch {
            guard forgives else { throw error }
            name = ""
        }
        if name.isEmpty && requiresName { throw CNIError(.invalidConfiguration, "missing network name") }
        previousResult = nil
        // An empty one is none: podman's DEL sends null.
        if let previous = document.key("prevResult").node {
            do throws(CNIError) {
                previousResult = try CNIResult(previous, version: version, in: "prevResult")
            } catch {
                guard forgives else { throw error }
            }
        }
    }

    private static func name(_ key: ConfigurationKey) throws(CNIError) -> String {
        let name = try key.string() ?? ""
        guard name.isEmpty || Identifier.isValid(name) else {
            throw CNIError(
                .invalidConfiguration, "invalid characters found in network name",
                details: "\(EscapedText.quoted(name.utf8)) is not [a-zA-Z0-9][a-zA-Z0-9_.-]*")
        }
        return name
    }

    private static func version(_ node: JSONNode?) throws(CNIError) -> CNIVersion {
        guard let node else { return .oldest }
        guard let text = node.string else {
            throw CNIError(.decoding, "cniVersion is \(node.kindName)", details: "it has to be a string, as \"1.0.0\"")
        }
        if text.isEmpty { return .oldest }
        guard let version = CNIVersion(text) else {
            throw CNIError(
                .decoding, "cniVersion \(EscapedText.quoted(text.utf8)) is no version",
                details: "it has to be three numbers with dots between them, as 1.0.0")
        }
        return version
    }

    package func key(_ name: String) -> ConfigurationKey { document.key(name) }

    /// One capability's arguments, where the runtime passes any: it does for those that the conflist declares, and takes the
    /// declaration away.
    package func runtimeConfig(_ capability: String) throws(CNIError) -> ConfigurationKey? {
        guard let all = try document.key("runtimeConfig").object() else { return nil }
        guard let node = all.node?[capability], !node.isNull else { return nil }
        return ConfigurationKey(path: "runtimeConfig.\(capability)", node: node)
    }

    /// What is still attached, as the runtime says for GC.
    package func validAttachments() throws(CNIError) -> [ValidAttachment] {
        // The specification's key; the first releases of libcni wrote the second.
        for name in ["cni.dev/valid-attachments", "cni.dev/attachments"] {
            guard let entries = try document.key(name).array() else { continue }
            var attachments: [ValidAttachment] = []
            for entry in entries {
                attachments.append(
                    ValidAttachment(
                        containerID: try entry.key("containerID").requiredString(),
                        interfaceName: try entry.key("ifname").requiredString()))
            }
            return attachments
        }
        throw CNIError(
            .invalidConfiguration, "missing cni.dev/valid-attachments",
            details: "it lists what is still attached; an empty list releases all")
    }
}

/// One that GC leaves alone.
package struct ValidAttachment: Hashable, Sendable {
    package var containerID: String
    package var interfaceName: String

    package init(containerID: String, interfaceName: String) {
        self.containerID = containerID
        self.interfaceName = interfaceName
    }
}

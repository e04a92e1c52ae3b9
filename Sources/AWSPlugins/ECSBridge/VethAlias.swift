// SPDX-License-Identifier: Apache-2.0
import CNI
import Linux

/// Whose a veth is, written at the host's end (`ip link` shows it): by this the end is found when the namespace is not.
struct VethAlias: Hashable {
    let network: String
    let container: String
    let interface: String

    /// Of a word, in bytes. Three of them are less than the kernel takes. The corresponding C constant is `IFALIASZ`.
    private static let longest = 100

    init(_ request: CNIRequest) {
        self.init(
            network: request.configuration.name,
            ValidAttachment(containerID: request.containerID, interfaceName: request.interfaceName))
    }

    init(network: String, _ attachment: ValidAttachment) {
        self.network = Self.short(network)
        container = Self.short(attachment.containerID)
        interface = Self.short(attachment.interfaceName)
    }

    /// A name that is too long ends in its hash, after a character that there is in no name.
    private static func short(_ name: String) -> String {
        if name.utf8.count <= longest { return name }
        let hash = String(StableHash.of(name), radix: 16)
        return String(decoding: name.utf8.prefix(longest - 17), as: UTF8.self) + "~" + hash
    }

    /// nil for what is not one of ours, or does not say whose.
    init?(_ text: String?) {
        // There are no spaces in names.
        let words = (text ?? "").split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        guard words.count == 4, words[0] == ECSBridge.name, !words[2].isEmpty else { return nil }
        (network, container, interface) = (words[1], words[2], words[3])
    }

    var text: String { "\(ECSBridge.name) \(network) \(container) \(interface)" }
}

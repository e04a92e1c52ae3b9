// SPDX-License-Identifier: Apache-2.0
import CNI

/// Whose a veth is, written at the host's end (`ip link` shows it): by this the end is found when the namespace is not.
struct VethAlias: Hashable {
    let network: String
    let container: String
    let interface: String

    /// Less than the kernel takes. The corresponding C constant is `IFALIASZ`.
    private static let longest = 250

    init(_ request: CNIRequest) {
        network = request.configuration.name
        container = request.containerID
        interface = request.interfaceName
    }

    /// nil for what is not one of ours, or does not say whose.
    init?(_ text: String?) {
        // There are no spaces in names.
        let words = (text ?? "").split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        guard words.count == 4, words[0] == ECSBridge.name, !words[2].isEmpty else { return nil }
        (network, container, interface) = (words[1], words[2], words[3])
    }

    var text: String {
        let text = [ECSBridge.name, network, container, interface].joined(separator: " ")
        return text.utf8.count <= Self.longest ? text : "\(ECSBridge.name) \(interface)"
    }

    var attachment: ValidAttachment { ValidAttachment(containerID: container, interfaceName: interface) }
}

// SPDX-License-Identifier: Apache-2.0

/// Which of the specification's rules a plugin asks of its runtime. Plugins that stand in for older ones are called by
/// programs that were written before some of these rules were.
package struct RequestRules: Hashable, Sendable {
    /// The variables that must be there for a command. All but CNI_NETNS for DEL, by the specification.
    package var requiresContainerID = true
    package var requiresPath = true
    package var requiresNamespace: [CNICommand] = [.add, .check]
    /// The commands that need the network's `name`. GC cannot tell without it what is another network's.
    package var requiresName = CNICommand.allCases

    /// The commands that read `CNI_ARGS`: a runtime may have put there what others understand.
    package var readsArguments: [CNICommand] = [.add, .check, .del]
    /// Whether `CNI_NETNS` is looked at when it is there.
    package var readsNamespace = true
    /// The commands that go by what they can use of the container's id and namespace, the names of interface and
    /// network, and `prevResult`: what is not as the specification has it was not attached by it.
    package var forgives: [CNICommand] = []

    package init() {}

    package static let specification = RequestRules()
}

/// The specification's rules for identifiers.
enum Identifier {
    /// `[a-zA-Z0-9][a-zA-Z0-9_.-]*`: container ids and names of networks.
    static func isValid(_ text: String) -> Bool {
        guard let first = text.utf8.first, isAlphanumeric(first) else { return false }
        return text.utf8.allSatisfy { byte in
            isAlphanumeric(byte) || [UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "-")].contains(byte)
        }
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
    }

    /// The kernel's IFNAMSIZ, without the zero at the end.
    static let longestInterfaceName = 15

    /// What is wrong with a name of an interface, by the rules of the kernel and the specification.
    static func fault(interfaceName name: String) -> String? {
        if name.utf8.count > longestInterfaceName { return "it is longer than \(longestInterfaceName) characters" }
        if name == "." || name == ".." { return "it is . or .." }
        let isRefused = name.unicodeScalars.contains { $0 == "/" || $0 == ":" || $0.properties.isWhitespace }
        return isRefused ? "it has a slash, a colon or a space in it" : nil
    }
}

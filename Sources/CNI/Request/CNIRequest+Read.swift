// SPDX-License-Identifier: Apache-2.0

import JSON

extension CNIRequest {
    /// Reads a request from a plugin's world.
    ///
    /// - Parameter answerVersion: becomes the configuration's version as soon as that is known to be spoken: errors are
    ///   told in it.
    /// - Throws: code 1 for a version or a command that the plugin does not speak, 4 for a variable, 5 for input that
    ///   cannot be read, 6 for one that is no JSON, 7 for a configuration that is not valid.
    init(
        _ command: CNICommand, in world: PluginWorld, rules: RequestRules, versions: [CNIVersion],
        answerVersion: inout CNIVersion
    ) throws(CNIError) {
        self.command = command
        containerID = world["CNI_CONTAINERID"]
        networkNamespace = world["CNI_NETNS"]
        interfaceName = world["CNI_IFNAME"]
        path = world["CNI_PATH"].split(separator: ":").map(String.init)
        arguments = .none

        try Self.requireVariables(command, in: world, rules)
        let forgives = rules.forgives.contains(command)
        if command.isAboutAttachment {
            if !forgives {
                try Self.check(containerID: containerID)
                try Self.check(interfaceName: interfaceName)
                if rules.readsNamespace { try Self.check(networkNamespace: networkNamespace) }
            }
            if rules.readsArguments.contains(command) { arguments = try CNIArguments(world["CNI_ARGS"]) }
        }
        configuration = try NetworkConfiguration(
            try world.readInput(), requiresName: rules.requiresName.contains(command), forgives: forgives)
        try Self.check(configuration.version, isAmong: versions)
        answerVersion = configuration.version
        try Self.check(command, isIn: configuration.version)
        if command == .check, configuration.key("prevResult").isMissing {
            throw CNIError(
                .invalidConfiguration, "missing prevResult",
                details: "CHECK compares with the result of ADD: the runtime has to pass it in prevResult")
        }
    }

    private static func requireVariables(
        _ command: CNICommand, in world: PluginWorld, _ rules: RequestRules
    ) throws(CNIError) {
        var required: [String] = []
        if command.isAboutAttachment {
            if rules.requiresContainerID { required.append("CNI_CONTAINERID") }
            if rules.requiresNamespace.contains(command) { required.append("CNI_NETNS") }
            required.append("CNI_IFNAME")
        }
        if rules.requiresPath { required.append("CNI_PATH") }
        let missing = required.filter { world[$0].isEmpty }
        guard missing.isEmpty else {
            throw CNIError(
                .invalidEnvironment, "required env variables [\(missing.joined(separator: ","))] missing",
                details: "\(command.rawValue) needs them")
        }
    }

    private static func check(containerID: String) throws(CNIError) {
        if containerID.isEmpty || Identifier.isValid(containerID) { return }
        throw CNIError(
            .invalidEnvironment, "invalid characters in CNI_CONTAINERID",
            details: "\(EscapedText.quoted(containerID.utf8)) is not [a-zA-Z0-9][a-zA-Z0-9_.-]*")
    }

    private static func check(interfaceName name: String) throws(CNIError) {
        guard let fault = Identifier.fault(interfaceName: name) else { return }
        throw CNIError(.invalidEnvironment, "invalid CNI_IFNAME \(EscapedText.quoted(name.utf8))", details: fault)
    }

    private static func check(networkNamespace path: String) throws(CNIError) {
        if path.isEmpty || path.hasPrefix("/") { return }
        throw CNIError(
            .invalidEnvironment, "invalid CNI_NETNS \(EscapedText.quoted(path.utf8))",
            details: "it is the path of a network namespace, such as /run/netns/NAME, and begins with a slash")
    }

    private static func check(_ version: CNIVersion, isAmong versions: [CNIVersion]) throws(CNIError) {
        if versions.contains(version) { return }
        let list = versions.map { "\"\($0)\"" }.joined(separator: " ")
        throw CNIError(
            .incompatibleVersion, "incompatible CNI versions",
            details: "config is \"\(version)\", plugin supports [\(list)]")
    }

    private static func check(_ command: CNICommand, isIn version: CNIVersion) throws(CNIError) {
        if version >= command.since { return }
        throw CNIError(
            .incompatibleVersion, "config version does not allow \(command.rawValue)",
            details: "cniVersion is \(version), \(command.rawValue) came with \(command.since)")
    }
}

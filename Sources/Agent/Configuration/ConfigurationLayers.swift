// SPDX-License-Identifier: Apache-2.0
import Configuration
import Linux
import Synchronization
import Yams

/// Who may give a key its value, the strongest first: the command line, `TASKNET_*`, the ECS agent's variables, the file.
struct ConfigurationLayers {
    private let document: ConfigurationDocument
    private let reader: ConfigReader
    private let trace = AccessTrace()

    private enum Layer: Int, CaseIterable { case commandLine, environment, ecsEnvironment, file }

    init(
        commandLine: [ConfigurationKey: String], environment: [String: String], document: ConfigurationDocument
    ) {
        self.document = document
        // As in the ECS agent, a variable that is set to nothing is not set.
        let environment = environment.filter { !$0.value.isEmpty }
        let ecs = ConfigurationKey.allCases.compactMap { key in
            key.ecsVariable.flatMap { environment[$0] }.map { (key, $0) }
        }
        reader = ConfigReader(
            providers: [
                InMemoryProvider(name: "command line", texts: commandLine),
                EnvironmentVariablesProvider(environmentVariables: environment).prefixKeys(with: "tasknet"),
                InMemoryProvider(name: "ECS agent's environment", texts: Dictionary(uniqueKeysWithValues: ecs)),
                // Only who speaks is asked here; the value, with its place in the file, is the document's.
                InMemoryProvider(name: "file", texts: document.nodes.mapValues { $0.scalar?.string ?? "" }),
            ],
            accessReporter: trace)
    }

    /// The value of the strongest layer that has one.
    func value(_ key: ConfigurationKey) -> ConfigurationValue? {
        guard let text = reader.string(forKey: ConfigKey(key.path)), let found = trace.last,
            let layer = Layer(rawValue: found.layer)
        else { return nil }
        switch layer {
        case .commandLine:
            return ConfigurationValue(key: key, source: "command line", text: text)
        case .environment:
            return ConfigurationValue(key: key, source: found.encodedKey, text: text)
        case .ecsEnvironment:
            return ConfigurationValue(key: key, source: key.ecsVariable ?? "", text: text)
        case .file:
            return document.nodes[key].map { ConfigurationValue(key: key, node: $0, document: document) }
        }
    }

    /// `TASKNET_*` variables that mean nothing, with what they may have been meant to be.
    static func unknownVariables(in environment: [String: String]) -> [String] {
        let known = Set(ConfigurationKey.allCases.map(\.environmentVariable))
        // Where the programs find the daemon; it may stand in the environment of everybody.
        var others: Set<String> = ["TASKNET_SOCKET"]
        #if DEBUG
            others.insert(FaultPoint.variable)
        #endif
        return environment.keys.filter { $0.hasPrefix("TASKNET_") && !known.union(others).contains($0) }.sorted().map {
            name in
            let nearest = Spelling.nearest(to: name, among: known.sorted())
            return "\(name) is set but is not a variable of tasknetd"
                + (nearest.map { "; did you mean \($0)?" } ?? "")
        }
    }
}

extension ConfigurationKey {
    /// As `EnvironmentVariablesProvider` looks it up.
    package var environmentVariable: String {
        var name = "TASKNET"
        for component in path {
            name += "_"
            var previous: Character?
            for character in component {
                if character.isUppercase, previous?.isLowercase == true { name += "_" }
                name += character.uppercased()
                previous = character
            }
        }
        return name
    }
}

/// Remembers which layer answered last: a `ConfigReader` gives the value alone.
private final class AccessTrace: AccessReporter {
    private let state = Mutex<(layer: Int, encodedKey: String)?>(nil)

    var last: (layer: Int, encodedKey: String)? { state.withLock { $0 } }

    func report(_ event: AccessEvent) {
        // Layers are asked in order until one has the value.
        let encodedKey = try? event.providerResults.last?.result.get().encodedKey
        state.withLock { $0 = (event.providerResults.count - 1, encodedKey ?? "") }
    }
}

extension InMemoryProvider {
    fileprivate init(name: String, texts: [ConfigurationKey: String]) {
        self.init(
            name: name,
            values: Dictionary(
                uniqueKeysWithValues: texts.map { key, text in
                    (AbsoluteConfigKey(key.path), ConfigValue(.string(text), isSecret: false))
                }))
    }
}

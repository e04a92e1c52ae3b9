// SPDX-License-Identifier: Apache-2.0
package import SystemPackage

extension AgentConfiguration {
    package static let defaultFile: FilePath = "/etc/tasknet/tasknet.yaml"

    /// A configuration with what is worth telling about how it came to be.
    package struct Loaded: Sendable {
        package var configuration: AgentConfiguration
        /// Nil where there is none and none was asked for.
        package var file: FilePath?
        /// Who gave each value that is not the built-in one.
        package var sources: [ConfigurationKey: String]
        package var warnings: [String]
    }

    /// Reads and checks the configuration.
    /// - Parameters:
    ///   - file: must exist; nil for the default file, which need not.
    ///   - commandLine: values that go before all others.
    /// - Throws: `ConfigurationError` with everything that is wrong.
    package static func load(
        file: FilePath? = nil, commandLine: [ConfigurationKey: String] = [:], environment: [String: String] = [:]
    ) throws -> Loaded {
        let path = file ?? defaultFile
        let isPresent = file != nil || FileDescriptor.exists(path)
        let document = isPresent ? try ConfigurationDocument(file: path) : ConfigurationDocument(name: "no file")
        var loaded = try load(document, commandLine: commandLine, environment: environment)
        loaded.file = isPresent ? path : nil
        return loaded
    }

    /// The same, from a file's text.
    package static func load(
        text: String, named name: String = "configuration", commandLine: [ConfigurationKey: String] = [:],
        environment: [String: String] = [:]
    ) throws -> Loaded {
        try load(
            ConfigurationDocument(name: name, text: text), commandLine: commandLine, environment: environment)
    }

    private static func load(
        _ document: ConfigurationDocument, commandLine: [ConfigurationKey: String], environment: [String: String]
    ) throws -> Loaded {
        var reading = ConfigurationReading(
            layers: ConfigurationLayers(
                commandLine: commandLine, environment: environment, document: document))
        var configuration = AgentConfiguration()
        reading.readIdentity(into: &configuration)
        reading.readPaths(into: &configuration)
        reading.readTaskSettings(into: &configuration)
        reading.readNetwork(into: &configuration)
        reading.readSecurityGroups(into: &configuration)
        reading.readSecuritySettings(into: &configuration)
        let problems =
            reading.problems
            + ConfigurationCheck(configuration, sources: reading.sources, alreadyWrong: reading.failedKeys).problems()
        if !problems.isEmpty { throw ConfigurationError(problems: problems) }
        return Loaded(
            configuration: configuration, file: nil, sources: reading.sources,
            warnings: ConfigurationLayers.unknownVariables(in: environment))
    }
}

extension FileDescriptor {
    fileprivate static func exists(_ path: FilePath) -> Bool {
        do {
            try open(path, .readOnly).close()
            return true
        } catch {
            // What cannot be opened for another reason is there, and reading it will say why it cannot be.
            return (error as? Errno) != .noSuchFileOrDirectory
        }
    }
}

/// Reads keys one after the other and keeps going after a bad one.
struct ConfigurationReading {
    let layers: ConfigurationLayers
    private(set) var problems: [ConfigurationProblem] = []
    private(set) var sources: [ConfigurationKey: String] = [:]
    private(set) var failedKeys: Set<ConfigurationKey> = []

    init(layers: ConfigurationLayers) { self.layers = layers }

    /// Sets the target when somebody gave the key a value that can be understood.
    mutating func read<T>(
        _ key: ConfigurationKey, into target: inout T,
        _ understand: (ConfigurationValue) throws(ConfigurationProblem) -> T
    ) {
        guard let value = layers.value(key) else { return }
        sources[key] = value.source
        do throws(ConfigurationProblem) {
            target = try understand(value)
        } catch {
            failedKeys.insert(key)
            problems.append(error)
        }
    }

    /// The same for a list; each bad element is told.
    mutating func readList<T>(
        _ key: ConfigurationKey, into target: inout [T],
        _ understand: (ConfigurationValue) throws(ConfigurationProblem) -> T
    ) {
        var bad: [ConfigurationProblem] = []
        read(key, into: &target) { value throws(ConfigurationProblem) in
            var list: [T] = []
            for element in try value.elements() {
                do throws(ConfigurationProblem) { list.append(try understand(element)) } catch { bad.append(error) }
            }
            return list
        }
        note(bad, of: key)
    }

    /// Keeps what was found wrong with a key after it had been read.
    mutating func note(_ bad: [ConfigurationProblem], of key: ConfigurationKey) {
        if !bad.isEmpty { failedKeys.insert(key) }
        problems += bad
    }
}

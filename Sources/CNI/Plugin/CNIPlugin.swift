// SPDX-License-Identifier: Apache-2.0

/// One plugin: what it does for each command. The protocol around it is `PluginProgram`'s.
///
/// A function that throws a `CNIError` is answered with that; any other error becomes one of code 100.
package protocol CNIPlugin {
    /// What it is called by.
    static var name: String { get }
    /// The versions of the specification that it speaks, the oldest first.
    var versions: [CNIVersion] { get }
    var rules: RequestRules { get }

    func add(_ request: CNIRequest) throws -> CNIResult
    func del(_ request: CNIRequest) throws
    func check(_ request: CNIRequest) throws
    func gc(_ request: CNIRequest) throws
    func status(_ request: CNIRequest) throws

    /// What an option of the command line prints; nil for one that the plugin does not have.
    func answer(option: String, programVersion: String) -> String?
}

extension CNIPlugin {
    package var versions: [CNIVersion] { CNIVersion.all }
    package var rules: RequestRules { .specification }

    package func answer(option: String, programVersion: String) -> String? {
        option == "--version" ? programVersion : nil
    }
}

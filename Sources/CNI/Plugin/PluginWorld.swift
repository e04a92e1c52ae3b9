// SPDX-License-Identifier: Apache-2.0

/// What a plugin sees of the process that it runs in.
package struct PluginWorld {
    package var environment: [String: String]
    private let input: () throws -> [UInt8]

    /// - Parameter input: reads standard input to its end.
    package init(environment: [String: String], input: @escaping () throws -> [UInt8]) {
        self.environment = environment
        self.input = input
    }

    /// A variable's value; empty where it is not set, which is the same to CNI.
    package subscript(_ variable: String) -> String { environment[variable] ?? "" }

    /// - Throws: code 5.
    func readInput() throws(CNIError) -> [UInt8] {
        do {
            return try input()
        } catch {
            throw CNIError(.inputOutput, "error reading from stdin", details: "\(error)")
        }
    }
}

// SPDX-License-Identifier: Apache-2.0

/// Everything that is wrong with a configuration, found in one go.
package struct ConfigurationError: Error, Equatable, CustomStringConvertible {
    package var problems: [ConfigurationProblem]

    package var description: String {
        problems.count == 1
            ? "configuration: \(problems[0])"
            : "configuration: \(problems.count) problems\n" + problems.map { "  \($0)" }.joined(separator: "\n")
    }
}

package struct ConfigurationProblem: Sendable, Equatable, CustomStringConvertible {
    /// Who gave the value: a file and line, a variable, an option.
    package var source: String
    /// The path of the key, `subnets[1].cidrBlock`; empty where the whole file is meant.
    package var key: String
    /// What is wrong, quoting the value.
    package var message: String
    /// What to write instead.
    package var mend: String

    package var description: String {
        [source, key, message].filter { !$0.isEmpty }.joined(separator: ": ") + (mend.isEmpty ? "" : "; \(mend)")
    }
}

// SPDX-License-Identifier: Apache-2.0

import Addressing
package import CNI
import JSON
package import TaskNetworking

/// A text that somebody wrote, and what it is called there: for errors that say where to look.
struct ConfigurationText {
    let name: String
    let text: String

    /// - Parameter message: the original's words for a text that is no such value.
    func parsed<Value: AddressText>(_ message: String) throws(CNIError) -> Value {
        do throws(AddressError) {
            return try Value(parsing: text)
        } catch {
            throw refusal(message, "\(error)")
        }
    }

    /// MAC addresses are written in three ways: with colons, with dashes, and as 0211.2233.4455.
    func macAddress(_ message: String) throws(CNIError) -> MACAddress {
        let groups = text.split(separator: ".", omittingEmptySubsequences: false)
        guard groups.count == 3, groups.allSatisfy({ $0.utf8.count == 4 }) else { return try parsed(message) }
        let pairs = groups.flatMap { [$0.prefix(2), $0.suffix(2)] }
        return try ConfigurationText(name: name, text: pairs.joined(separator: ":")).parsed(message)
    }

    func linkName(_ message: String) throws(CNIError) -> InterfaceName {
        do throws(NameError) {
            return try InterfaceName(text)
        } catch {
            throw refusal(message, error.problem)
        }
    }

    func number<Number: FixedWidthInteger>(_ message: String, _ range: ClosedRange<Number>) throws(CNIError) -> Number {
        guard let number = Number(text), range.contains(number) else {
            throw refusal(message, "it has to be a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    private func refusal(_ message: String, _ reason: String) -> CNIError {
        CNIError(.invalidConfiguration, "\(message) \(EscapedText.of(text))", details: "\(name): \(reason)")
    }
}

extension NetworkConfiguration {
    /// The text of a key; nil for an empty one, too.
    func text(_ name: String) throws(CNIError) -> ConfigurationText? {
        guard let text = try key(name).string(), !text.isEmpty else { return nil }
        return ConfigurationText(name: name, text: text)
    }

    func texts(_ name: String) throws(CNIError) -> [ConfigurationText] {
        var texts: [ConfigurationText] = []
        for element in try key(name).array() ?? [] {
            texts.append(ConfigurationText(name: element.path, text: try element.requiredString()))
        }
        return texts
    }
}

extension CNIRequest {
    /// The interface's name in the container.
    ///
    /// - Throws: code 4, naming the variable.
    package func linkName() throws(CNIError) -> InterfaceName {
        do throws(NameError) {
            return try InterfaceName(interfaceName)
        } catch {
            throw CNIError(
                .invalidEnvironment, "invalid CNI_IFNAME \(EscapedText.quoted(interfaceName.utf8))",
                details: error.problem)
        }
    }
}

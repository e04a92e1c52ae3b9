// SPDX-License-Identifier: Apache-2.0

/// A value that is written as one piece of text: parsed exactly, printed canonically, coded as that text.
package protocol AddressText: Hashable, Sendable, Codable, LosslessStringConvertible {
    /// Reads the whole of `text`; nothing may stand before or after the value.
    ///
    /// - Throws: `AddressError`, which quotes the text and says what is wrong with it.
    init(parsing text: some StringProtocol) throws(AddressError)
}

extension AddressText {
    /// Reads the whole of `text`, or nil.
    package init?(_ text: String) {
        do { try self.init(parsing: text) } catch { return nil }
    }

    package init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        do {
            try self.init(parsing: text)
        } catch {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: error.description))
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

/// Runs `body` over the bytes of `text` and demands that it reads them all.
func parse<Value>(
    _ text: some StringProtocol, as expected: StaticString,
    _ body: (inout TextScanner) throws(AddressFault) -> Value
) throws(AddressError) -> Value {
    // Native strings lend their bytes; only a foreign one is copied.
    let lent = text.utf8.withContiguousStorageIfAvailable { bytes in TextScanner.scan(bytes, body) }
    let result = lent ?? Array(text.utf8).withUnsafeBufferPointer { bytes in TextScanner.scan(bytes, body) }
    switch result {
    case .success(let value): return value
    case .failure(let fault):
        throw AddressError(input: String(text), expected: "\(expected)", reason: fault.reason)
    }
}

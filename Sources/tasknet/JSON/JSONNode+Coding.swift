// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import JSON

extension JSONNode {
    /// The document that a value encodes as, its members by name.
    init(encoding value: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        self = try JSONParser.parse(Array(try encoder.encode(value)))
    }

    /// The value that this document stands for.
    func decoded<Value: Decodable>(as type: Value.Type) throws -> Value {
        try JSONDecoder().decode(type, from: Data(compactText.utf8))
    }
}

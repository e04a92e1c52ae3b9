// SPDX-License-Identifier: Apache-2.0
import JSON

extension JSONNode {
    /// The document that a value encodes as, its members by name.
    init(encoding value: some Encodable) throws {
        self = try JSONParser.parse(try JSONEncoding.bytes(of: value))
    }

    /// The value that this document stands for.
    func decoded<Value: Decodable>(as type: Value.Type) throws -> Value {
        try JSONDecoding.value(of: type, in: self)
    }
}

// SPDX-License-Identifier: Apache-2.0
import ECSAPI
import JSON
import VPC

extension APIDispatcher {
    /// Reads an operation's input; what cannot be read becomes the `SerializationException` of AWS, with the place.
    static func decode<Input: Decodable>(_ type: Input.Type, _ bytes: [UInt8]) throws -> Input {
        do {
            return try JSONDecoding.value(of: type, in: bytes.isEmpty ? Array("{}".utf8) : bytes)
        } catch let error as EC2MemberFailure {
            throw error.failure
        } catch let error as JSONError {
            throw APIError.unreadable("the request is not JSON: \(error.position): \(error.message)")
        } catch let error as DecodingError {
            throw APIError.serialization(error)
        }
    }
}

extension APIError {
    static func serialization(_ error: DecodingError) -> APIError {
        switch error {
        case .typeMismatch(_, let context), .dataCorrupted(let context):
            .unreadable("\(context.codingPath.place): \(context.debugDescription)")
        // JSON of the right kinds, in which something is not there.
        case .valueNotFound(_, let context): .invalidParameter("\(context.codingPath.place) can not be null.")
        case .keyNotFound(let key, let context):
            .invalidParameter("\((context.codingPath + [key]).place) can not be blank.")
        @unknown default: .unreadable("\(error)")
        }
    }

    fileprivate static func unreadable(_ message: String) -> APIError {
        APIError(type: "SerializationException", message: message)
    }
}

extension [any CodingKey] {
    fileprivate var place: String { isEmpty ? "the request" : apiPath }
}

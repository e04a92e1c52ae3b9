// SPDX-License-Identifier: Apache-2.0
import ECSAPI
import Foundation
import VPC

extension APIDispatcher {
    /// Reads an operation's input; what cannot be read becomes the `SerializationException` of AWS, with the place.
    static func decode<Input: Decodable>(_ type: Input.Type, _ bytes: [UInt8]) throws -> Input {
        do {
            return try JSONDecoder().decode(type, from: Data(bytes.isEmpty ? Array("{}".utf8) : bytes))
        } catch let error as EC2MemberFailure {
            throw error.failure
        } catch let error as DecodingError {
            throw APIError.serialization(error, of: bytes)
        }
    }
}

extension APIError {
    static func serialization(_ error: DecodingError, of bytes: [UInt8]) -> APIError {
        switch error {
        case .typeMismatch(let type, let context): .unreadable("\(context.path): \(context.mismatch(with: type))")
        case .dataCorrupted(let context): .unreadable(context.corruption(of: bytes))
        // JSON of the right kinds, in which something is not there.
        case .valueNotFound(_, let context): .invalidParameter("\(context.path) can not be null.")
        case .keyNotFound(let key, let context):
            .invalidParameter("\((context.codingPath + [key]).place) can not be blank.")
        @unknown default: .unreadable("\(error)")
        }
    }
}

extension APIError {
    private static func unreadable(_ message: String) -> APIError {
        APIError(type: "SerializationException", message: message)
    }
}

extension DecodingError.Context {
    fileprivate var path: String { codingPath.place }

    /// In JSON's words, not in Swift's.
    fileprivate func mismatch(with type: any Any.Type) -> String {
        let wanted: String? =
            switch type {
            case is String.Type: "a string"
            case is Bool.Type: "true or false"
            case is any BinaryInteger.Type: "a whole number"
            case is any BinaryFloatingPoint.Type: "a number"
            case is [Any].Type: "a list"
            case is [String: Any].Type: "an object"
            default: nil
            }
        guard let wanted, let found = debugDescription.split(separator: " but found ").last.map(String.init),
            found != debugDescription
        else { return debugDescription }
        let noun = found.split(separator: " instead").first.map(String.init) ?? found
        return "\(wanted) is expected, not \(noun.contains(" ") ? noun : "a \(noun)")"
    }

    /// The decoder keeps the place of a fault in the text to itself; Foundation's older parser tells it.
    fileprivate func corruption(of bytes: [UInt8]) -> String {
        if !codingPath.isEmpty { return "\(path): \(debugDescription)" }
        do {
            _ = try JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)
            // JSON, then: a number with a fraction where a whole one belongs, or one that is too large.
            return "a number in the request does not fit its place"
        } catch {
            let detail = (error as NSError).userInfo["NSDebugDescription"]
            return "the request is not JSON: \(detail.map { "\($0)" } ?? debugDescription)"
        }
    }
}

extension [any CodingKey] {
    fileprivate var place: String { isEmpty ? "the request" : apiPath }
}

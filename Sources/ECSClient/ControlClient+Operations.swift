// SPDX-License-Identifier: Apache-2.0

package import ControlClient
package import ECSAPI
import FoundationEssentials

extension ControlClient {
    /// Performs an operation and gives its result.
    package func call<Operation: APIOperation>(
        _ operation: Operation.Type, _ input: Operation.Input
    ) throws(ControlError) -> Operation.Output {
        try decode(operation, try send(operation, input))
    }

    /// Performs an operation and gives the daemon's answer as it came: a JSON text.
    package func send<Operation: APIOperation>(
        _ operation: Operation.Type, _ input: Operation.Input
    ) throws(ControlError) -> [UInt8] {
        let body: [UInt8]
        do {
            body = Array(try JSONEncoder().encode(input))
        } catch {
            throw .unreadable(operation: Self.name(Operation.target), detail: "the request: \(error)")
        }
        return try send(target: Operation.target, body: body)
    }

    /// The result that an answer holds.
    package func decode<Operation: APIOperation>(
        _ operation: Operation.Type, _ answer: [UInt8]
    ) throws(ControlError) -> Operation.Output {
        do {
            return try JSONDecoder().decode(Operation.Output.self, from: Data(answer))
        } catch {
            throw .unreadable(operation: Self.name(Operation.target), detail: Self.detail(of: error))
        }
    }

    /// Where a decoder stopped, and at what.
    private static func detail(of error: any Error) -> String {
        guard let error = error as? DecodingError else { return "\(error)" }
        let context: DecodingError.Context
        switch error {
        case .typeMismatch(_, let found), .valueNotFound(_, let found), .keyNotFound(_, let found),
            .dataCorrupted(let found):
            context = found
        @unknown default: return "\(error)"
        }
        let path = context.codingPath.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue }.joined(
            separator: ".")
        return path.isEmpty ? context.debugDescription : "\(path): \(context.debugDescription)"
    }
}

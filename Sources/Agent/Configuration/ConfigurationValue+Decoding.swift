// SPDX-License-Identifier: Apache-2.0
import ECSAPI
import VPC
import Yams

extension ConfigurationValue {
    /// The value as a document of the API, with the place of what is wrong in it.
    func decoded<Document: Decodable>(as type: Document.Type = Document.self) throws(ConfigurationProblem) -> Document {
        let node = try structure()
        do {
            return try YAMLDecoder().decode(type, from: node)
        } catch let failure as EC2MemberFailure {
            let place = descendant(failure.codingPath)
            guard let known = failure.known else { throw place.problem(failure.failure) }
            let parent = descendant(failure.codingPath.dropLast()).path
            throw .unknownKey(place.path, at: place.source, known: known.map { "\(parent).\($0.inLowerCamel)" })
        } catch let error as DecodingError {
            throw problem(error)
        } catch {
            throw problem("\(error)", "")
        }
    }

    func problem(_ failure: ValidationFailure) -> ConfigurationProblem {
        problem(failure.message, failure.detail ?? "")
    }

    private func problem(_ error: DecodingError) -> ConfigurationProblem {
        switch error {
        case .typeMismatch(let type, let context):
            let place = descendant(context.codingPath)
            if type == Node.Mapping.self { return place.problem("is not a mapping", "write {name: value}") }
            if type == Node.Sequence.self { return place.problem("is not a list", "write [a, b]") }
            return place.problem("is not one value", "write one value")
        case .valueNotFound(_, let context), .keyNotFound(_, let context), .dataCorrupted(let context):
            return descendant(context.codingPath).problem(context.debugDescription, "")
        @unknown default: return problem("\(error)", "")
        }
    }

    /// The member of this name, its first letter small or not.
    func child(_ name: String) -> ConfigurationValue? {
        (try? members())?.first { $0.name.inLowerCamel == name.inLowerCamel }?.value
    }

    /// The element of a list.
    func child(_ index: Int) -> ConfigurationValue? {
        guard let elements = try? elements(), elements.indices.contains(index) else { return nil }
        return elements[index]
    }

    /// The deepest value on the way that there is.
    private func descendant(_ path: some Sequence<any CodingKey>) -> ConfigurationValue {
        var place = self
        for key in path {
            guard let next = key.intValue.map({ place.child($0) }) ?? place.child(key.stringValue) else { break }
            place = next
        }
        return place
    }
}

extension String {
    /// `ipRanges` of `IpRanges`.
    fileprivate var inLowerCamel: String { prefix(1).lowercased() + dropFirst() }
}

// SPDX-License-Identifier: Apache-2.0
package import VPC

/// The error that an operation answers with: `{"__type": "ClientException", "message": "..."}`.
package struct APIError: Error, Hashable, Sendable {
    /// The exception's name, as SDKs know it.
    package var type: String
    package var message: String
    /// HTTP's; not part of the document, so 400 when one was decoded.
    package var httpStatus: Int

    package init(type: String, message: String, httpStatus: Int = 400) {
        self.type = type
        self.message = message
        self.httpStatus = httpStatus
    }

    package init(_ failure: ValidationFailure) {
        switch failure.kind {
        case .client: self.init(type: "ClientException", message: failure.description)
        case .invalidParameter: self.init(type: "InvalidParameterException", message: failure.description)
        }
    }

    /// The request cannot be done, for a reason of its sender's.
    package static func client(_ message: String) -> APIError { APIError(type: "ClientException", message: message) }

    /// A member of the request is not valid.
    package static func invalidParameter(_ message: String) -> APIError {
        APIError(type: "InvalidParameterException", message: message)
    }

    /// What the request names is not there, or its name fits several.
    package static func resourceNotFound(_ message: String) -> APIError {
        APIError(type: "ResourceNotFoundException", message: message)
    }

    /// The request is valid, but nothing here does what it asks for.
    package static func unsupportedFeature(_ message: String) -> APIError {
        APIError(type: "UnsupportedFeatureException", message: message)
    }

    /// The daemon failed; the request may be right.
    package static func server(_ message: String) -> APIError {
        APIError(type: "ServerException", message: message, httpStatus: 500)
    }
}

/// AWS's own errors about things that are not there.
extension APIError {
    package static let clusterNotFound = APIError(type: "ClusterNotFoundException", message: "Cluster not found.")
    /// ListTasks', for a filter by service.
    package static let serviceNotFound = APIError(type: "ServiceNotFoundException", message: "Service not found.")
    /// StopTask's.
    package static let taskNotFound = invalidParameter("The referenced task was not found.")
    /// RunTask's.
    package static let taskDefinitionNotFound = client("TaskDefinition not found.")
    /// RunTask's.
    package static let taskDefinitionInactive = invalidParameter("TaskDefinition is inactive")
    /// DescribeTaskDefinition's.
    package static let taskDefinitionNotDescribed = client("Unable to describe task definition.")
    /// DeregisterTaskDefinition's.
    package static let taskDefinitionDoesNotExist = client("The specified task definition does not exist.")
    /// DeregisterTaskDefinition's.
    package static let taskDefinitionAlreadyInactive = client(
        "The specified task definition is inactive. You must specify an active task definition, and then try again.")
}

extension APIError: CustomStringConvertible {
    package var description: String { "\(type): \(message)" }
}

extension APIError: Codable {
    private enum CodingKeys: String, CodingKey {
        case type = "__type"
        case message
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let type = try container.decode(String.self, forKey: .type)
        // Some of AWS's services put a namespace before it.
        let name = type.split(separator: "#").last.map(String.init) ?? type
        let message = try container.decodeIfPresent(String.self, forKey: .message)
        self.init(type: name, message: message ?? "", httpStatus: name == "ServerException" ? 500 : 400)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(type, forKey: .type)
        try container.encode(message, forKey: .message)
    }
}

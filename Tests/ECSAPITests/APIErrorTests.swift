// SPDX-License-Identifier: Apache-2.0
import ECSAPI
import Testing
import VPC

@Suite struct APIErrorTests {
    @Test func isADocument() throws {
        let error = APIError.clusterNotFound
        let text = #"{"__type":"ClusterNotFoundException","message":"Cluster not found."}"#
        #expect(try JSONText.encode(error) == text)
        #expect(try JSONText.decode(APIError.self, text) == error)
        #expect(error.httpStatus == 400)
        #expect(error.description == "ClusterNotFoundException: Cluster not found.")
    }

    @Test func readsOtherSpellings() throws {
        let error = try JSONText.decode(APIError.self, ##"{"__type":"com.amazonaws.ecs#ServerException"}"##)
        #expect(error == APIError(type: "ServerException", message: "", httpStatus: 500))
        #expect(throws: DecodingError.self) { try JSONText.decode(APIError.self, #"{"message":"x"}"#) }
    }

    @Test func comesFromFailures() {
        let client = APIError(ValidationFailure(.client, "Too many containers.", detail: "11"))
        #expect(client == APIError.client("Too many containers. (11)"))
        #expect(APIError(ValidationFailure(.invalidParameter, "x")) == .invalidParameter("x"))
        #expect(APIError.server("x").httpStatus == 500)
        #expect(APIError.unsupportedFeature("x").type == "UnsupportedFeatureException")
    }
}

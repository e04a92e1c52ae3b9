// SPDX-License-Identifier: Apache-2.0
import ECSAPI
import Foundation
import Testing

@testable import Agent

@Suite("Control API: dispatch")
struct APIDispatcherTests {
    private var api: TestAPI

    init() throws {
        api = try TestAPI()
        api.register(Echo.self) { input, _ in
            if input.text == "fail" { throw StoreError.damaged(path: "/x", reason: "broken") }
            return Echo.Output(text: input.text)
        }
    }

    @Test("An operation gets its input and its output goes back")
    func echo() async throws {
        let (status, document) = try await api.call("Echo", #"{"text": "a/b", "unknown": {"x": [1]}}"#, prefix: "Test")
        #expect(status == 200)
        #expect(document["text"] as? String == "a/b")
    }

    @Test(
        "What cannot be read is told with its place",
        arguments: [
            (
                "{",
                "400 SerializationException: the request is not JSON: line 1, column 2: the text ends where a key is expected"
            ),
            (#"{"text": "a" "b"}"#, "400 SerializationException: the request is not JSON: "),
            (
                "{text: 1}",
                "400 SerializationException: the request is not JSON: line 1, column 2: a key stands in double quotes"
            ),
            (#"{"text": 1}"#, "400 SerializationException: text: a string is expected, not "),
            (
                #"{"text": "a", "numbers": [1, "2"]}"#,
                "400 SerializationException: numbers[1]: a whole number is expected, not "
            ),
            (
                #"{"text": "a", "inner": {"flag": 1}}"#,
                "400 SerializationException: inner.flag: true or false is expected, not "
            ),
            (
                #"{"text": "a", "numbers": [1.5]}"#,
                "400 SerializationException: numbers[0]: 1.5 is no whole number from -9223372036854775808 to "
            ),
            (#"{"text": "a", "inner": {}}"#, "400 InvalidParameterException: inner.flag can not be blank."),
            (#"{"text": null}"#, "400 InvalidParameterException: text can not be null."),
            ("", "400 InvalidParameterException: text can not be blank."),
            ("[]", "400 SerializationException: the request: an object is expected, not a list"),
            ("\u{0}", "400 SerializationException: the request is not JSON: "),
            (String(repeating: "[", count: 100_000), "400 SerializationException: the request is not JSON: "),
        ])
    func unreadable(body: String, message: String) async throws {
        let error = try await api.error("Echo", body, prefix: "Test")
        #expect(error.hasPrefix(message), "\(error)")
    }

    @Test("An operation that there is not", arguments: ["CreateService", "", "RunTask.", "../Echo"])
    func unknownOperation(name: String) async throws {
        let error = try await api.error(name, "{}")
        #expect(error == "400 UnknownOperationException: unknown operation \(APITarget.ecs).\(name)")
    }

    @Test("A fault of the daemon's own is told as one")
    func serverError() async throws {
        let error = try await api.error("Echo", #"{"text": "fail"}"#, prefix: "Test")
        #expect(error.hasPrefix("500 ServerException: state database /x is damaged (broken)"))
    }
}

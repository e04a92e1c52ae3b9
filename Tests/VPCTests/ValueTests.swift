// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing
import VPC

@Suite struct ValueTests {
    /// Timestamps are numbers with at most three decimals, and come back as they were.
    @Test(
        arguments: [
            (1_700_000_000_123, "1700000000.123"), (1_700_000_000_100, "1700000000.1"),
            (1_700_000_000_000, "1700000000"),
            (0, "0"), (1, "0.001"), (-1500, "-1.5"), (4_102_444_800_999, "4102444800.999"),
        ] as [(Int64, String)])
    func timestamps(milliseconds: Int64, text: String) throws {
        let timestamp = Timestamp(millisecondsSince1970: milliseconds)
        let data = try JSONEncoder().encode([timestamp])
        #expect(String(decoding: data, as: UTF8.self) == "[\(text)]")
        #expect(try JSONDecoder().decode([Timestamp].self, from: data) == [timestamp])
    }

    @Test func everyMillisecondPrintsShort() throws {
        for milliseconds in Int64(1_763_000_000_000)..<1_763_000_002_000 {
            let data = try JSONEncoder().encode([Timestamp(millisecondsSince1970: milliseconds)])
            #expect(data.count <= "[1763000000.123]".utf8.count)
        }
    }

    @Test(arguments: ["1e300", "\"now\"", "true", "-1e18"])
    func refusesOtherTimes(text: String) {
        #expect(throws: DecodingError.self) { try JSONDecoder().decode([Timestamp].self, from: Data("[\(text)]".utf8)) }
    }

    @Test func deepJSONIsRefused() {
        for depth in [70, 100_000] {
            let text = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
            #expect(throws: DecodingError.self) {
                try JSONDecoder().decode(JSONObject.self, from: Data(#"{"a":\#(text)}"#.utf8))
            }
        }
    }

    @Test func anyJSONSurvives() throws {
        let text = #"{"a":[1,-2,0.5,"x",true,false,null,{"b":{}},[]],"c":9007199254740993,"d":""}"#
        let value = try JSONDecoder().decode(JSONObject.self, from: Data(text.utf8))
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        #expect(String(decoding: try encoder.encode(value), as: UTF8.self) == text)
    }
}

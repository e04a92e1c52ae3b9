// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import tasknet

@Suite("Naming tasks")
struct TaskIndexTests {
    private let ids = ["ab00", "abff", "c0de"].map(SampleTasks.id)
    private var index: TaskIndex { TaskIndex(arns: ids.map(SampleTasks.arn)) }

    @Test(
        "By the beginning of the id or of the ARN",
        arguments: [
            ("c", ["c0de"]), ("C0", ["c0de"]), ("ab0", ["ab00"]), ("ab", ["ab00", "abff"]), ("d", []), ("", []),
            (SampleTasks.prefix + "abf", ["abff"]), (SampleTasks.prefix, []), ("arn:aws", []), ("0de", []),
            (SampleTasks.id("ab00"), ["ab00"]), (SampleTasks.arn(SampleTasks.id("c0de")), ["c0de"]),
            (SampleTasks.id("ab00") + "0", []),
        ])
    func names(name: String, expected: [String]) {
        #expect(index.matches(name) == expected.map { SampleTasks.arn(SampleTasks.id($0)) })
    }

    @Test("The whole of one name is no beginning of another")
    func whole() {
        let index = TaskIndex(arns: ["x/task/a/12", "x/task/a/123"])
        #expect(index.matches("12") == ["x/task/a/12"])
        #expect(index.matches("x/task/a/12") == ["x/task/a/12"])
    }
}

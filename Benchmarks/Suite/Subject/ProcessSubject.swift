// SPDX-License-Identifier: Apache-2.0
import Linux
import SystemPackage
import UnderTest

/// A program that is started, and ends at once. It makes no network.
struct ProcessSubject: Subject {
    let name: String
    private let program: CalledProgram

    init(_ name: String, _ path: FilePath) {
        self.name = name
        program = CalledProgram(path)
    }

    func prepare(_ slot: Slot) {}
    func discard(_ slot: Slot) {}
    func linkCount() -> Int { 0 }
    func settle(to count: Int) -> Duration { .zero }

    func add(_ slot: Slot) throws -> Duration { try run() }
    func delete(_ slot: Slot) throws -> Duration { try run() }

    private func run() throws -> Duration {
        let answer = try program.call("{}", environment: ["PATH=/usr/sbin:/usr/bin:/sbin:/bin"])
        guard answer.status == .exited(0) else { throw BenchFailure("\(program.path): \(answer.status)") }
        return answer.duration
    }
}

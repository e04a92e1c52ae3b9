// SPDX-License-Identifier: Apache-2.0
import Glibc

/// What the kernel itself takes for a kind of network, and for one of the ways to remove it.
struct FloorSubject: Subject {
    let name: String
    private let process: FloorProcess
    private let kind: FloorProcess.Kind
    private let method: FloorProcess.Method

    init(_ name: String, _ process: FloorProcess, _ kind: FloorProcess.Kind, _ method: FloorProcess.Method) {
        self.name = name
        self.process = process
        self.kind = kind
        self.method = method
    }

    func prepare(_ slot: Slot) {}
    func add(_ slot: Slot) throws -> Duration { try process.add(kind) }
    func delete(_ slot: Slot) throws -> Duration { try process.delete(method) }
    func discard(_ slot: Slot) {}
    func linkCount() -> Int { 0 }

    func settle(to count: Int) throws -> Duration {
        let took = try process.settle()
        usleep(15000)
        return took
    }

    func addMany(_ count: Int) throws { _ = try process.add(kind, count: count, workers: 2) }

    func deleteMany(_ count: Int) throws {
        if count > 0 { _ = try process.delete(method, count: count, workers: 2) }
    }
}

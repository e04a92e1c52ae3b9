// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing
import VPC

@Suite struct LifecycleTests {
    @Test func aTaskLives() throws {
        var life = TaskLifecycle(at: .provisioning)
        for status in TaskStatus.allCases.dropFirst() {
            #expect(try life.advance(to: status))
            #expect(life.status == status)
            #expect(try !life.advance(to: status))
        }
    }

    @Test func aTaskWhoseENINeverComes() throws {
        var life = TaskLifecycle(at: .provisioning)
        try life.advance(to: .deprovisioning)
        #expect(life.status.isStopping)
        try life.advance(to: .stopped)
    }

    /// Nothing goes back, and nothing that is on its way down comes up again.
    @Test func nothingGoesBack() {
        for (index, from) in TaskStatus.allCases.enumerated() {
            for to in TaskStatus.allCases[..<index] {
                var life = TaskLifecycle(at: from)
                #expect(throws: IllegalTransition.self) { try life.advance(to: to) }
                #expect(life.status == from)
            }
        }
    }

    @Test func noStepUpIsLeftOut() {
        var life = TaskLifecycle(at: .provisioning)
        #expect(throws: IllegalTransition.self) { try life.advance(to: .activating) }
        let error = #expect(throws: IllegalTransition.self) { try life.advance(to: .running) }
        #expect(error?.description == "a task that is PROVISIONING cannot become RUNNING")
    }

    @Test func anAttachmentLives() throws {
        var life = AttachmentLifecycle(at: .precreated)
        let path: [AttachmentStatus] = [.created, .attaching, .attached, .detaching, .detached, .deleted]
        for status in path { try life.advance(to: status) }
        for status in AttachmentStatus.allCases where status != .deleted {
            #expect(throws: IllegalTransition.self) { try life.advance(to: status) }
        }
    }

    @Test func whatFailedCanBeTakenDown() throws {
        var life = AttachmentLifecycle(at: .attaching)
        try life.advance(to: .failed)
        #expect(throws: IllegalTransition.self) { try life.advance(to: .attached) }
        try life.advance(to: .detaching)
        try life.advance(to: .deleted)
        var over = AttachmentLifecycle(at: .detached)
        #expect(throws: IllegalTransition.self) { try over.advance(to: .failed) }
    }

    @Test func aContainerLives() throws {
        var life = ContainerLifecycle(at: .pending)
        try life.advance(to: .running)
        try life.advance(to: .stopped)
        #expect(throws: IllegalTransition.self) { try life.advance(to: .running) }
        var early = ContainerLifecycle(at: .pending)
        try early.advance(to: .stopped)
    }

    @Test func codesAsTheStatus() throws {
        let data = try JSONEncoder().encode([TaskLifecycle(at: .deprovisioning)])
        #expect(String(decoding: data, as: UTF8.self) == "[\"DEPROVISIONING\"]")
        #expect(try JSONDecoder().decode([TaskLifecycle].self, from: data).first?.status == .deprovisioning)
    }

    @Test(
        arguments: [
            ([], .unknown), ([.healthy], .healthy), ([.healthy, .unknown], .unknown),
            ([.unknown, .unhealthy], .unhealthy),
            ([.healthy, .healthy], .healthy),
        ] as [([HealthStatus], HealthStatus)])
    func healthOfATask(parts: [HealthStatus], whole: HealthStatus) {
        #expect(HealthStatus(ofTaskWith: parts) == whole)
    }
}

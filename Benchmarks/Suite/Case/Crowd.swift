// SPDX-License-Identifier: Apache-2.0
/// Networks that are there while others are measured.
struct Crowd {
    private let subject: any Subject
    private var members: [Slot] = []
    private let emptyLinkCount: Int
    private let rest: Duration
    private(set) var next: Int

    var count: Int { members.count }
    var name: String { subject.name }

    /// - Parameters:
    ///   - first: the number of the first slot.
    ///   - rest: after it has grown or gone.
    init(_ subject: any Subject, first: Int, rest: Duration) throws {
        self.subject = subject
        self.rest = rest
        next = first
        emptyLinkCount = try subject.linkCount()
    }

    /// A slot that nobody has had.
    mutating func take() -> Slot {
        defer { next += 1 }
        return Slot(number: next)
    }

    /// - Parameter patience: after that it stays as large as it is.
    mutating func grow(to count: Int, patience: Duration) throws {
        let slots = (members.count..<max(members.count, count)).map { _ in take() }
        guard !slots.isEmpty else { return }
        if let floor = subject as? FloorSubject {
            try floor.addMany(slots.count)
            members += slots
            return
        }
        let subject = subject
        let result = try Workers.run(2, over: slots, for: patience) { slot in
            try subject.prepare(slot)
            _ = try subject.add(slot)
        }
        members += slots.prefix(result.done)
        pause(rest)
    }

    /// All at once, as the kernel likes it best: their namespaces end. The daemon is told.
    mutating func leave() throws {
        if let floor = subject as? FloorSubject {
            try floor.deleteMany(members.count)
        } else {
            let (subject, isTold) = (subject, subject is SandboxSubject)
            _ = try Workers.run(2, over: members, for: nil) { slot in
                if isTold { _ = try subject.delete(slot) }
                try subject.discard(slot)
            }
        }
        members = []
        try subject.settle(to: emptyLinkCount)
        pause(rest)
    }
}

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

    /// Most by the end of their namespaces, all at once, as the kernel likes it best.
    mutating func leave() throws {
        if let floor = subject as? FloorSubject {
            try floor.deleteMany(members.count)
        } else {
            // A deletion after the other takes long; who keeps books of a thousand addresses has to be told all the same.
            let (subject, isTold) = (subject, subject is SandboxSubject || members.count <= 1000)
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

// SPDX-License-Identifier: Apache-2.0

/// What a client does, to things of its own that it knows by numbers: what they are called turns out when it is done.
enum Operation: Hashable, Sendable {
    case registerDefinition
    case runTask(Int, TaskShape)
    case stopTask(Int)
    case describeTasks
    /// - Parameter device: made before, or a moment after.
    case attach(task: Int, device: Int, isLate: Bool)
    case detach(device: Int)
    /// Until a task runs, and until a device is attached, or will not be.
    case awaitRunning(task: Int)
    case awaitAttached(device: Int)
    case addSandbox(Int, subnet: Int)
    case checkSandbox(Int)
    case deleteSandbox(Int)
    /// CNI's GC: all but these.
    case collectSandboxes(keeping: [Int])
    /// The namespace goes without a DEL.
    case removeNamespace(Int)
    case createGroup(Int)
    case deleteGroup(Int)
    case authorize(Int, rule: Int)
    case revoke(Int, rule: Int)
    /// A task's first ENI into these groups, beside the one that all are in.
    case setGroups(task: Int, [Int])
    case reload(TrialHost.Variant)

    /// Who has how many things.
    static let taskCount = 3
    static let deviceCount = 1
    static let sandboxCount = 3
    static let groupCount = 2
    static let ruleCount = 4
}

/// What kind of task.
enum TaskShape: String, Hashable, Sendable, CaseIterable {
    /// One container, for ever.
    case server
    /// Two containers, the second one after the first.
    case pair
    /// Ends at once, with 0.
    case brief
    /// One of two containers ends with 3 and takes the task with it.
    case failing
    /// The command is not there.
    case commandless
    /// The image is not there: refused.
    case imageless
    /// One container with two ENIs in two subnets.
    case dual

    /// Whether it ends without being told to.
    var endsByItself: Bool { [.brief, .failing, .commandless].contains(self) }

    /// The definition's family.
    var family: String { self == .dual ? TaskShape.server.rawValue : rawValue }
}

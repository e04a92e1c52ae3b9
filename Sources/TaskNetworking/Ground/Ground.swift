// SPDX-License-Identifier: Apache-2.0
import Linux
import Netlink
import SystemPackage

/// What one apply, rollback or teardown of a plan stands on: both sides of it, opened when they are first needed.
final class Ground {
    let host: Side
    private let place: Place
    private var knownTask: Side?
    /// Whether the namespace has been made before: a new one in its place would be empty, and somebody lives in the old one.
    private(set) var isRepair = false
    /// What was done otherwise than one would expect. For people.
    var remarks: [String] = []
    /// The link group of host's ends that are to be deleted; nil where they are deleted one by one.
    let releaseGroup: UInt32?
    /// Whether there are host's ends in it.
    var hasReleasedLinks = false
    /// How long each step back took.
    var undone = TimedSteps()
    private var made: [InterfaceName] = []
    private var completions: [InterfaceName: BridgeCompletion] = [:]
    /// Where a namespace comes from that is ready; nil where none is to be asked for.
    private let warmSource: (() -> WarmNetwork?)?
    /// The pair in a namespace that was ready, until it is a task's.
    private var warmPair: WarmNetwork?
    /// What is set already, so that nobody need say it again.
    private var known: [Requirement] = []

    /// Where the task's side is.
    private enum Place {
        /// The plan is the host's alone.
        case nowhere
        case path(FilePath)
        /// Somebody else's; nil where it is gone, whatever is at its path by now.
        case sandbox(NetworkNamespace?)
    }

    /// - Parameters:
    ///   - namespacePath: nil for a plan that is the host's alone.
    ///   - warmSource: asked when a namespace is to be made.
    init(
        host: Side, namespacePath: AbsolutePath?, isRepair: Bool = false, warmSource: (() -> WarmNetwork?)? = nil
    ) {
        self.host = host
        self.isRepair = isRepair
        releaseGroup = nil
        self.warmSource = warmSource
        place = namespacePath.map { .path(FilePath($0.text)) } ?? .nowhere
    }

    /// - Parameter sandbox: a namespace of somebody else's; nil where it is gone.
    init(host: Side, sandbox: NetworkNamespace?, isRepair: Bool = false, releaseGroup: UInt32? = nil) {
        self.host = host
        self.isRepair = isRepair
        self.releaseGroup = releaseGroup
        warmSource = nil
        place = .sandbox(sandbox)
    }

    /// Whether the namespace is somebody else's: what is in it may be, too.
    var isSandbox: Bool { if case .sandbox = place { true } else { false } }

    /// The task's side.
    ///
    /// - Throws: when there is no namespace at its path.
    func task() throws -> Side {
        if let knownTask { return knownTask }
        let namespace = try openNamespace()
        if namespace == host.namespace {
            throw ConflictError("\(namespace) is the host's own network namespace: give the task another one")
        }
        let side = try Side(namespace)
        knownTask = side
        return side
    }

    private func openNamespace() throws -> NetworkNamespace {
        guard case .sandbox(let sandbox) = place else { return try NetworkNamespace(path: try path()) }
        guard let sandbox else { throw LinuxError("open", "the sandbox's namespace", .noSuchFileOrDirectory) }
        return sandbox
    }

    /// The task's side; nil when its namespace is gone, and with it all that was in it.
    func taskIfThere() throws -> Side? {
        do {
            return try task()
        } catch let error as LinuxError where Self.meansGone(error) {
            return nil
        }
    }

    func side(_ scope: RequirementScope) throws -> Side {
        switch scope {
        case .host: host
        case .task: try task()
        }
    }

    func sideIfThere(_ scope: RequirementScope) throws -> Side? {
        switch scope {
        case .host: host
        case .task: try taskIfThere()
        }
    }

    /// Nothing is at the path, or only the empty file that a namespace was bound over.
    static func meansGone(_ error: LinuxError) -> Bool {
        error.errno == .noSuchFileOrDirectory || error.errno == .invalidArgument
    }
}

// Links of the host's that were made here: a rollback treats their settings as made, too.
extension Ground {
    func noteMade(_ hostLink: InterfaceName) { made.append(hostLink) }

    func hasMade(_ hostLink: InterfaceName) -> Bool { made.contains(hostLink) }

    /// The pair that is ready to be this one. From here on it is, with all that is set on it.
    func takeWarmPair(for pair: VethRequirement) -> WarmNetwork? {
        guard let warm = warmPair else { return nil }
        warmPair = nil
        known = warm.settings.all(of: pair)
        return warm
    }

    /// Whether just this was set before.
    func knows(_ requirement: Requirement) -> Bool { known.contains(requirement) }

    /// What was set of a link before.
    func known(_ scope: RequirementScope, _ name: InterfaceName) -> LinkRequirement? {
        for case .link(let link) in known where link.scope == scope && link.name == name { return link }
        return nil
    }

    func noteCompleted(_ bridge: InterfaceName, _ completion: BridgeCompletion) { completions[bridge] = completion }

    func completion(of bridge: InterfaceName) -> BridgeCompletion? { completions[bridge] }
}

// The namespace itself.
extension Ground {
    private func path() throws -> FilePath {
        guard case .path(let path) = place else { throw ConflictError("this plan has no namespace of a task's") }
        return path
    }

    /// Makes the namespace, or finds it.
    func makeNamespace() throws -> ApplyOutcome {
        if isRepair {
            _ = try task()
            return .found
        }
        let path = try path()
        do {
            knownTask = try newSide(at: path)
            return .made
        } catch let error as LinuxError where error.errno == .fileExists {
            if try taskIfThere() != nil { return .found }
        }
        // A file that a namespace was bound at once. Anything else at the path is refused here.
        try NetworkNamespace.remove(at: path)
        knownTask = try newSide(at: path)
        return .made
    }

    /// A namespace that is ready, where there is one: then what is in it is a task's from here on.
    private func newSide(at path: FilePath) throws -> Side {
        let namespace = try NetworkNamespace.create(at: path) {
            warmPair = warmSource?()
            return warmPair?.namespace
        }
        guard let warmPair else { return try Side(namespace) }
        return Side(namespace, warmPair.connection)
    }

    /// Takes the namespace's name away. The kernel takes the rest, links and all, when nobody is left in it.
    func removeNamespace() throws {
        knownTask = nil
        warmPair = nil
        try NetworkNamespace.remove(at: try path())
    }
}

// SPDX-License-Identifier: Apache-2.0
import CLinux

/// What a new process is to be. The texts lie in the memfd that the client sent.
struct Specification {
    struct ResourceLimit {
        let resource: Int32
        let soft: UInt64
        let hard: UInt64
        let text: Text
    }

    struct Mount {
        enum Source {
            case bind(CText, isReadOnly: Bool)
            case tmpfs(size: UInt64)
        }

        let source: Source
        let target: CText
    }

    private let memory: UnsafeBufferPointer<CChar>
    private(set) var arguments: [CText] = []
    private(set) var environment: [CText] = []
    private(set) var directory: CText?
    private(set) var user: Text?
    private(set) var capabilities: UInt64 = 0
    private(set) var isPrivileged = false
    private(set) var forbidsNewPrivileges = false
    private(set) var limits: [ResourceLimit] = []

    private(set) var root: CText?
    private(set) var upper: CText?
    private(set) var work: CText?
    private(set) var isReadOnly = false
    private(set) var hosts: CText?
    private(set) var resolvConf: CText?
    private(set) var hostnameFile: CText?
    private(set) var mounts: [Mount] = []
    private(set) var sharedMemorySize = UInt64(TASKNET_PAUSE_SHM_SIZE)

    private var unplaced: Mount.Source?

    init(descriptor: Int32, isContainer: Bool) throws(Failure) {
        memory = try Specification.map(descriptor)
        guard let fields = Fields(memory) else {
            throw Failure("specification", reason: "not a list of NUL-terminated fields")
        }
        for field in fields {
            guard let pair = Pair(field) else {
                throw Failure("specification", field, reason: "not of the form key=value")
            }
            if try takeProcess(pair, field) { continue }
            guard isContainer, try takeContainer(pair, field) else {
                throw Failure("specification", pair.key.bytes, reason: "unknown field")
            }
        }
        guard unplaced == nil else { throw Failure("specification", reason: "a mount has no target") }
        guard !arguments.isEmpty else { throw Failure("command", reason: "none given") }
        if isContainer {
            guard let root, root[0] == CChar(UInt8(ascii: "/")) else {
                throw Failure("root", root.map { Text($0).bytes } ?? [], reason: "not an absolute path")
            }
        }
    }

    /// Nobody may change it while it is read, hence the seals.
    private static func map(_ descriptor: Int32) throws(Failure) -> UnsafeBufferPointer<CChar> {
        guard tasknet_is_sealed_memory(descriptor) != 0 else {
            throw Failure("specification", reason: "not a sealed memfd")
        }
        var status = stat()
        try check(fstat(descriptor, &status), "specification")
        guard status.st_size > 0, status.st_size <= Int(TASKNET_PAUSE_SPECIFICATION_MAX) else {
            throw Failure("specification", reason: "empty or too long", number: E2BIG)
        }
        let size = Int(status.st_size)
        guard let start = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0),
            start != UnsafeMutableRawPointer(bitPattern: -1)
        else {
            throw Failure("specification")
        }
        return UnsafeBufferPointer(start: start.assumingMemoryBound(to: CChar.self), count: size)
    }

    /// The texts are not to be used any more.
    func release() {
        munmap(UnsafeMutableRawPointer(mutating: memory.baseAddress), memory.count)
    }

    /// What every process has.
    private mutating func takeProcess(_ pair: Pair, _ field: Text) throws(Failure) -> Bool {
        let value = pair.value.pointer
        if pair.key == TASKNET_PAUSE_KEY_ARGUMENT {
            arguments.append(value)
        } else if pair.key == TASKNET_PAUSE_KEY_ENVIRONMENT {
            environment.append(value)
        } else if pair.key == TASKNET_PAUSE_KEY_DIRECTORY {
            directory = try absolute(pair)
        } else if pair.key == TASKNET_PAUSE_KEY_USER {
            user = pair.value
        } else if pair.key == TASKNET_PAUSE_KEY_CAPABILITIES {
            capabilities = try number(pair, radix: 16)
        } else if pair.key == TASKNET_PAUSE_KEY_PRIVILEGED {
            isPrivileged = pair.value == "1"
        } else if pair.key == TASKNET_PAUSE_KEY_NO_NEW_PRIVILEGES {
            forbidsNewPrivileges = pair.value == "1"
        } else if pair.key == TASKNET_PAUSE_KEY_RLIMIT {
            limits.append(try ResourceLimit(parsing: pair.value))
        } else {
            return false
        }
        return true
    }

    private mutating func takeContainer(_ pair: Pair, _ field: Text) throws(Failure) -> Bool {
        if pair.key == TASKNET_PAUSE_KEY_ROOT {
            root = try absolute(pair)
        } else if pair.key == TASKNET_PAUSE_KEY_UPPER {
            upper = try absolute(pair)
        } else if pair.key == TASKNET_PAUSE_KEY_WORK {
            work = try absolute(pair)
        } else if pair.key == TASKNET_PAUSE_KEY_READ_ONLY {
            isReadOnly = pair.value == "1"
        } else if pair.key == TASKNET_PAUSE_KEY_HOSTS {
            hosts = try absolute(pair)
        } else if pair.key == TASKNET_PAUSE_KEY_RESOLV_CONF {
            resolvConf = try absolute(pair)
        } else if pair.key == TASKNET_PAUSE_KEY_HOSTNAME {
            hostnameFile = try absolute(pair)
        } else if pair.key == TASKNET_PAUSE_KEY_SHM_SIZE {
            sharedMemorySize = try number(pair)
        } else if pair.key == TASKNET_PAUSE_KEY_BIND {
            unplaced = .bind(try absolute(pair), isReadOnly: false)
        } else if pair.key == TASKNET_PAUSE_KEY_BIND_READ_ONLY {
            unplaced = .bind(try absolute(pair), isReadOnly: true)
        } else if pair.key == TASKNET_PAUSE_KEY_TMPFS {
            unplaced = .tmpfs(size: try number(pair))
        } else if pair.key == TASKNET_PAUSE_KEY_AT {
            guard let source = unplaced else { throw Failure("specification", field, reason: "no mount before it") }
            mounts.append(Mount(source: source, target: try absolute(pair)))
            unplaced = nil
        } else {
            return false
        }
        return true
    }

    private func absolute(_ pair: Pair) throws(Failure) -> CText {
        guard pair.value.buffer.first == UInt8(ascii: "/") else {
            var object = pair.key.bytes
            object.append("=")
            object.append(pair.value)
            throw Failure("specification", object, reason: "not an absolute path")
        }
        return pair.value.pointer
    }

    private func number(_ pair: Pair, radix: UInt64 = 10) throws(Failure) -> UInt64 {
        guard let number = parseNumber(pair.value.buffer, radix: radix) else {
            throw Failure("specification", pair.key.bytes, reason: "not a number")
        }
        return number
    }
}

// SPDX-License-Identifier: Apache-2.0
import CLinux

/// The last steps of a new process, in its namespaces, before it is another program.
struct Command {
    private let specification: Specification
    private let output: Int32
    private let errors: Int32

    private static let defaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

    init(_ specification: Specification, output: Int32, errors: Int32) {
        self.specification = specification
        self.output = output
        self.errors = errors
    }

    func execute() throws(Failure) -> Never {
        setsid()
        // The daemon's keys are its own. A kernel without keys has nothing to hide.
        tasknet_new_session_keyring()
        umask(0o022)
        let user = try User(specification.user)
        try connectStandardStreams(user)
        try enterDirectory()
        for limit in specification.limits { try limit.apply() }
        if !specification.isPrivileged { CapabilitySet.limit(to: specification.capabilities) }
        try user.assume()
        try CapabilitySet.reduce(to: specification.isPrivileged ? UInt64.max : specification.capabilities)
        if specification.forbidsNewPrivileges {
            try check(tasknet_prctl(PR_SET_NO_NEW_PRIVS, 1), "no-new-privileges")
        }
        let environment = completedEnvironment(user)
        close_range(3, UInt32.max, Int32(CLOSE_RANGE_CLOEXEC))
        var none = sigset_t()
        sigemptyset(&none)
        sigprocmask(SIG_SETMASK, &none, nil)
        try replaceProgram(environment)
    }

    private func connectStandardStreams(_ user: User) throws(Failure) {
        let null = try Descriptor.open("/dev/null", O_RDWR | O_NOCTTY, "open")
        for (standard, source) in [(Int32(0), null.raw), (1, output), (2, errors)] {
            if source >= 0 && source != null.raw {
                // So that /dev/stdout can be opened once more by who is not root.
                fchown(source, user.uid, user.gid)
            }
            try check(dup2(source >= 0 ? source : null.raw, standard), "dup2")
        }
    }

    private func enterDirectory() throws(Failure) {
        let directory = specification.directory ?? Bytes("/").permanent
        if specification.root.map({ !(Text($0) == "/") }) ?? false { makeDirectories(Text(directory)) }
        try check(chdir(directory), "working directory", Text(directory))
    }

    /// Nothing is inherited.
    private func completedEnvironment(_ user: User) -> [CText] {
        var environment = specification.environment
        func add(_ name: String, _ value: Bytes) {
            let start = Bytes(name) + Bytes("=")
            let isThere = environment.contains { Text($0).buffer.starts(with: start) }
            if !isThere { environment.append((start + value).permanent) }
        }
        add("PATH", Bytes(Command.defaultPath))
        add("HOME", user.home)
        var hostname = [CChar](repeating: 0, count: 256)
        gethostname(&hostname, 255)
        add("HOSTNAME", hostname.prefix { $0 != 0 }.map { UInt8(truncatingIfNeeded: $0) })
        return environment
    }

    private func replaceProgram(_ environment: [CText]) throws(Failure) -> Never {
        let name = specification.arguments[0]
        let arguments =
            specification.arguments.map { UnsafeMutablePointer(mutating: $0) as UnsafeMutablePointer? } + [nil]
        let variables = environment.map { UnsafeMutablePointer(mutating: $0) as UnsafeMutablePointer? } + [nil]
        guard strchr(name, Int32(UInt8(ascii: "/"))) == nil else {
            execve(name, arguments, variables)
            throw Failure("exec", Text(name))
        }
        guard name[0] != 0 else {
            throw Failure("exec", Text(name), reason: "the command's name is empty", number: ENOENT)
        }
        var number = ENOENT
        let path = environment.first { strncmp($0, "PATH=", 5) == 0 }.map { Text($0 + 5) }
        let directories = path?.buffer.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false) ?? []
        for directory in directories {
            var candidate = directory.isEmpty ? Bytes(".") : Bytes(directory)
            candidate.append("/")
            candidate.append(Text(name))
            execve(candidate.permanent, arguments, variables)
            // A later one may do, but what was found and refused is the better answer.
            if lastError == EACCES { number = EACCES }
            if ![EACCES, ENOENT, ENOTDIR, ELOOP, ENAMETOOLONG].contains(lastError) {
                throw Failure("exec", candidate)
            }
        }
        throw Failure("exec", Text(name), number: number)
    }
}

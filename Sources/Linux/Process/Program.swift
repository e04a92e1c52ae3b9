// SPDX-License-Identifier: Apache-2.0
import CLinux
import Glibc
package import SystemPackage

/// A program to start. It gets the descriptors that are named here and no other, default signal actions, and nothing of
/// our environment.
package struct Program: Hashable, Sendable {
    /// The file; not searched for in PATH.
    package var path: FilePath
    /// All of argv: the first is the program's own name.
    package var arguments: [String]
    /// "NAME=value"
    package var environment: [String]
    /// Its descriptor number → ours. Of 0, 1 and 2, those left out are /dev/null.
    package var descriptors: [CInt: CInt]
    package var workingDirectory: FilePath?
    /// Away from our terminal and our signals: setsid(2).
    package var startsSession: Bool

    package init(
        path: FilePath, arguments: [String], environment: [String] = [], descriptors: [CInt: CInt] = [:],
        workingDirectory: FilePath? = nil, startsSession: Bool = false
    ) {
        self.path = path
        self.arguments = arguments
        self.environment = environment
        self.descriptors = descriptors
        self.workingDirectory = workingDirectory
        self.startsSession = startsSession
    }

    /// Starts it as a child, in the namespaces of the calling thread: within `NetworkNamespace.enter` it is born there.
    /// The corresponding C function is `posix_spawn`.
    ///
    /// - Throws: `ENOENT`, `EACCES` and the like for the program itself.
    package func spawn() throws(LinuxError) -> ProcessHandle {
        let lowest = (descriptors.keys.max() ?? 2) + 1
        guard descriptors.keys.allSatisfy({ $0 >= 0 }) else { throw failure(.badFileDescriptor) }
        // Out of the way first: one of our numbers may be another one's number in the program.
        var moved: [OwnedNumber] = []
        for (number, ours) in descriptors {
            let copy = tasknet_duplicate(ours, lowest)
            guard copy >= 0 else { throw .last("pass descriptor \(ours) to", path.string) }
            moved.append(OwnedNumber(number: number, descriptor: OwnedDescriptor(copy)))
        }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        try prepare(&actions, moved, lowest)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        prepare(&attributes)

        let argv = try CStringArray(arguments, of: path.string)
        let environ = try CStringArray(environment, of: path.string)
        var pid: pid_t = 0
        let error = path.withPlatformString {
            posix_spawn(&pid, $0, &actions, &attributes, argv.pointers, environ.pointers)
        }
        guard error == 0 else { throw failure(Errno(rawValue: error)) }
        do {
            return try ProcessHandle(pid: pid)
        } catch {
            // No descriptor left for it. A process that nobody has a hold on must not stay.
            kill(pid, SIGKILL)
            _ = retryingOnInterrupt { waitpid(pid, nil, 0) }
            throw error
        }
    }
}

extension Program {
    /// A descriptor on its way to a number of the program's.
    private final class OwnedNumber {
        let number: CInt
        let descriptor: OwnedDescriptor

        init(number: CInt, descriptor: consuming OwnedDescriptor) {
            self.number = number
            self.descriptor = descriptor
        }
    }

    private func failure(_ errno: Errno) -> LinuxError {
        LinuxError("start program", path.string, errno)
    }

    private func prepare(
        _ actions: inout posix_spawn_file_actions_t, _ moved: [OwnedNumber], _ lowest: CInt
    ) throws(LinuxError) {
        var errors: [CInt] = []
        for number: CInt in 0...2 where descriptors[number] == nil {
            errors.append(posix_spawn_file_actions_addopen(&actions, number, "/dev/null", O_RDWR, 0))
        }
        for entry in moved {
            entry.descriptor.withRaw { errors.append(posix_spawn_file_actions_adddup2(&actions, $0, entry.number)) }
        }
        for number in 3..<max(3, lowest) where descriptors[number] == nil {
            errors.append(posix_spawn_file_actions_addclose(&actions, number))
        }
        errors.append(tasknet_spawn_close_from(&actions, max(3, lowest)))
        if let workingDirectory {
            errors.append(
                workingDirectory.withPlatformString { tasknet_spawn_change_directory(&actions, $0) })
        }
        if let error = errors.first(where: { $0 != 0 }) { throw failure(Errno(rawValue: error)) }
    }

    private func prepare(_ attributes: inout posix_spawnattr_t) {
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        var flags = Int16(POSIX_SPAWN_SETSIGMASK) | Int16(POSIX_SPAWN_SETSIGDEF)
        if startsSession { flags |= TASKNET_POSIX_SPAWN_SETSID }
        posix_spawnattr_setflags(&attributes, flags)
    }
}

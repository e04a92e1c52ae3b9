// SPDX-License-Identifier: Apache-2.0
import CLinux
import Glibc
import SystemPackage

/// A program that runs in the namespaces of another process, in the foreground: on our terminal, with our standard
/// input and output, and not longer than we live.
package struct EnteredProgram: Sendable {
    /// The corresponding C constants are `CLONE_NEWNET` and its like.
    package struct Namespaces: OptionSet, Hashable, Sendable {
        package let rawValue: CInt

        package init(rawValue: CInt) {
            self.rawValue = rawValue
        }

        package static let network = Self(rawValue: CInt(CLONE_NEWNET))
        package static let ipc = Self(rawValue: CInt(CLONE_NEWIPC))
        package static let uts = Self(rawValue: CInt(CLONE_NEWUTS))
        /// Brings the process's root directory along.
        package static let mount = Self(rawValue: CInt(CLONE_NEWNS))
        package static let process = Self(rawValue: CInt(CLONE_NEWPID))
    }

    /// As whom it runs.
    package struct Identity: Hashable, Sendable {
        package var user: UInt32
        package var group: UInt32
        package var groups: [UInt32]
        /// Bits of the capabilities that it may have at all: the bounding set.
        package var capabilities: UInt64
        package var noNewPrivileges: Bool

        package init(
            user: UInt32, group: UInt32, groups: [UInt32] = [], capabilities: UInt64 = .max,
            noNewPrivileges: Bool = false
        ) {
            self.user = user
            self.group = group
            self.groups = groups
            self.capabilities = capabilities
            self.noNewPrivileges = noNewPrivileges
        }
    }

    package var namespaces: Namespaces
    /// The first is the program, looked up in the environment's PATH once everything was entered.
    package var arguments: [String]
    /// "NAME=value"
    package var environment: [String]
    /// What is not there is passed over, and it begins in `/`.
    package var workingDirectory: String
    /// Nil: as we run.
    package var identity: Identity?

    package init(
        namespaces: Namespaces, arguments: [String], environment: [String], workingDirectory: String = "/",
        identity: Identity? = nil
    ) {
        self.namespaces = namespaces
        self.arguments = arguments
        self.environment = environment
        self.workingDirectory = workingDirectory
        self.identity = identity
    }

    /// Runs it in the namespaces of `process` and waits for its end. Needs CAP_SYS_ADMIN.
    ///
    /// - Throws: `ESRCH` when the process has ended; what exec(3) says of the program: `ENOENT`, `EACCES`.
    package func run(in process: ProcessHandle) throws(LinuxError) -> ExitStatus {
        let program = arguments.first ?? ""
        guard !program.isEmpty else { throw LinuxError("run", "command", .invalidArgument, reason: "it is empty") }
        let argv = try CStringArray(arguments, of: program)
        let environ = try CStringArray(environment, of: program)
        var status: CInt = 0
        var failed: UnsafePointer<CChar>?
        let result = argv.pointers.withUnsafeBufferPointer { argv in
            environ.pointers.withUnsafeBufferPointer { environ in
                workingDirectory.withCString { directory in
                    (identity?.groups ?? []).withUnsafeBufferPointer { groups in
                        var entry = tasknet_entry()
                        entry.arguments = argv.baseAddress
                        entry.environment = environ.baseAddress
                        entry.directory = directory
                        entry.groups = groups.baseAddress
                        return run(&entry, in: process, &status, &failed)
                    }
                }
            }
        }
        guard result == 0 else {
            let step = failed.map { String(cString: $0) } ?? "run"
            throw .last(step, step == "run" ? program : "for \(program)")
        }
        return status & 0x7f == 0 ? .exited(status >> 8 & 0xff) : .signaled(status & 0x7f)
    }

    /// Sees to it that nobody can write to this program's file through `/proc/PID/exe`, which a hostile container could
    /// otherwise do to the program that enters it. Runs this program again from the beginning, unless that was done.
    ///
    /// - Parameter arguments: this program's own.
    package static func protectOurFile(arguments: [String]) throws(LinuxError) {
        let argv = try CStringArray(arguments, of: "ourselves")
        let status = argv.pointers.withUnsafeBufferPointer { tasknet_run_from_read_only_file($0.baseAddress) }
        guard status == 0 else { throw .last("run from a read-only mount of", "/proc/self/exe") }
    }

    private func run(
        _ entry: inout tasknet_entry, in process: ProcessHandle, _ status: inout CInt,
        _ failed: inout UnsafePointer<CChar>?
    ) -> CInt {
        entry.namespaces = namespaces.rawValue
        if let identity {
            entry.changes_identity = 1
            entry.user = identity.user
            entry.group = identity.group
            entry.group_count = identity.groups.count
            entry.capabilities = identity.capabilities
            entry.no_new_privileges = identity.noNewPrivileges ? 1 : 0
        }
        return process.withRawDescriptor { raw in
            entry.process = raw
            return tasknet_enter_and_run(&entry, &status, &failed)
        }
    }
}

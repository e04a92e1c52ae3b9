// SPDX-License-Identifier: Apache-2.0
import CNetfilter
import Glibc
package import Linux
import Synchronization
import SystemPackage

/// The packet filter's structure (tables, chains, rules, sets) in nft's own language, through libnftables, in this
/// process.
///
/// For what changes rarely: nft reads what there is before each change. Elements of sets go by `ElementBatch`.
///
/// Each call enters the namespace, makes a libnftables context with a socket there and frees it again. Nothing is kept:
/// libnftables opens its sockets without close-on-exec, so that programs started later would inherit them, and it
/// remembers interfaces in variables of the process, which would be another namespace's. For the same reason only one
/// call runs at a time in a process, the others wait. libnftables ends the process when there is no memory.
package struct Ruleset: Sendable {
    private let namespace: NetworkNamespace?

    /// - Parameter namespace: nil is where the calling thread is at each call.
    package init(in namespace: NetworkNamespace? = nil) {
        self.namespace = namespace
    }

    /// Runs a text of nft's as one transaction: all of it is done, or nothing.
    ///
    /// The text is not looked into here. Names that come from outside have to pass `NetfilterName.require` before they
    /// are put into one.
    ///
    /// - Throws: `NetfilterError` with nft's own message, which tells the line; `LinuxError` when the namespace cannot
    ///   be
    ///   entered.
    package func apply(_ text: String) throws {
        _ = try run(text, "apply", "rules", isChange: true)
    }

    /// What a command (`list table inet tasknet`) prints. What would change rules or elements does not; `reset` does.
    package func list(_ command: String) throws -> String {
        try run(command, "run", "\"\(command)\"")
    }

    /// What a command prints as JSON, by libnftables-json(5).
    package func listJSON(_ command: String) throws -> String {
        try run(command, "run", "\"\(command)\"", format: UInt32(NFT_CTX_OUTPUT_JSON))
    }

    private func run(
        _ text: String, _ operation: String, _ object: String, isChange: Bool = false, format: UInt32 = 0
    ) throws -> String {
        // For C the text would end there, and half of it would be applied.
        if text.utf8.contains(0) { throw NetfilterError(operation, object, .invalidArgument, "it contains a NUL byte") }
        return try Self.turn.withLock { _ in
            guard let namespace else { return try Self.run(text, operation, object, isChange, format) }
            return try namespace.enter { try Self.run(text, operation, object, isChange, format) }
        }
    }

    private static let turn = Mutex(())

    private static func run(
        _ text: String, _ operation: String, _ object: String, _ isChange: Bool, _ format: UInt32
    ) throws -> String {
        // As a file: of a text that is handed to it nft shows the first line, wherever the error is.
        let file = try OwnedDescriptor.inMemory(Array(text.utf8), named: "nft")
        // libnftables ends the process when it cannot open its socket. Opening one like it tells why it could not.
        _ = try NetfilterSocket(in: nil)
        guard let context = nft_ctx_new(UInt32(NFT_CTX_DEFAULT)) else {
            throw NetfilterError(operation, object, .noMemory)
        }
        defer { nft_ctx_free(context) }
        guard nft_ctx_buffer_output(context) == 0, nft_ctx_buffer_error(context) == 0 else {
            throw NetfilterError(operation, object, .noMemory)
        }
        nft_ctx_set_dry_run(context, !isChange)
        nft_ctx_output_set_flags(context, format)
        let name = file.withRaw { "/proc/self/fd/\($0)" }
        guard nft_run_cmd_from_filename(context, name) == 0 else {
            let said = nft_ctx_get_error_buffer(context).map { String(cString: $0) } ?? ""
            throw NetfilterError(operation, object, Complaint(said, about: name))
        }
        return nft_ctx_get_output_buffer(context).map { String(cString: $0) } ?? ""
    }
}

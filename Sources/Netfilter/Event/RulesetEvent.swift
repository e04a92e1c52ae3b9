// SPDX-License-Identifier: Apache-2.0
import CNetfilter

/// Something that happened to a namespace's nf_tables.
package enum RulesetEvent: Hashable, Sendable {
    case transaction(RulesetTransaction)
    /// Some events were lost: whoever follows the ruleset has to look for itself.
    case overflow
}

/// What is told of a transaction that was made.
package struct RulesetTransaction: Hashable, Sendable {
    /// What the ruleset became by it, as in `NetfilterConnection.generation`. The corresponding C constant is
    /// `NFTA_GEN_ID`.
    package var generation: UInt32
    /// In which something was made, changed or deleted.
    package var tables: Set<TableID>
    /// Whose it was: the name of its thread, which whoever made it could choose. The corresponding C constant is
    /// `NFTA_GEN_PROC_NAME`.
    package var processName: String
    /// The thread's id in the host's first process namespace. The corresponding C constant is `NFTA_GEN_PROC_PID`.
    package var processID: UInt32

    package init(generation: UInt32, tables: Set<TableID>, processName: String, processID: UInt32) {
        self.generation = generation
        self.tables = tables
        self.processName = processName
        self.processID = processID
    }
}

extension RulesetTransaction {
    /// Its end is told last, after the objects that it changed.
    init?(end header: UnsafePointer<nlmsghdr>, tables: Set<TableID>) {
        let attributes = Attributes(header, offset: MemoryLayout<nfgenmsg>.size)
        guard let generation: UInt32 = attributes[CInt(NFTA_GEN_ID.rawValue)]?.number() else { return nil }
        self.init(
            generation: generation, tables: tables,
            processName: attributes[CInt(NFTA_GEN_PROC_NAME.rawValue)]?.text ?? "",
            processID: attributes[CInt(NFTA_GEN_PROC_PID.rawValue)]?.number() ?? 0)
    }
}

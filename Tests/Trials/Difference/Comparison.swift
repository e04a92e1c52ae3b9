// SPDX-License-Identifier: Apache-2.0

/// Holds what clients were told against what there is. Where neither could be told, what there is becomes what is known.
struct Comparison {
    let survey: Survey
    /// As they are to be after this, if there is no difference.
    var ledgers: [Ledger]
    /// Ids of tasks that the trial has hurt: they may have ended for it.
    let hurt: Set<String>
    let variant: TrialHost.Variant
    let daemonPID: Int32?
    private(set) var differences: [String] = []

    init(
        _ survey: Survey, _ ledgers: [Ledger], hurt: Set<String>, variant: TrialHost.Variant, daemonPID: Int32?
    ) {
        self.survey = survey
        self.ledgers = ledgers
        self.hurt = hurt
        self.variant = variant
        self.daemonPID = daemonPID
    }

    mutating func run() {
        differences += survey.api.unsettled
        compareTasks()
        compareSandboxes()
        compareGroups()
        compareDevices()
        compareAddresses()
        compareHost()
        compareFilter()
        compareNamespaces()
        compareProcesses()
    }

    mutating func differ(_ text: String) { differences.append(text) }

    /// Two sets that have to be the same.
    mutating func expect(_ found: Set<String>, toBe wanted: Set<String>, _ what: String) {
        for extra in found.subtracting(wanted).sorted() { differ("\(what): \(extra) is there, and nobody's") }
        for missing in wanted.subtracting(found).sorted() { differ("\(what): \(missing) is missing") }
    }
}

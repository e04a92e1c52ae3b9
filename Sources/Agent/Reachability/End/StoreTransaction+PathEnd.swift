// SPDX-License-Identifier: Apache-2.0
import Addressing
import ECSAPI
import VPC

extension StoreTransaction {
    /// What a text of a request stands for: `internet`, `host`, an address, an ENI, a task (its id or the beginning of
    /// it, its ARN, or its family where one of it runs), or a sandbox (its container's id or the beginning of it).
    ///
    /// - Parameter member: the request's, for the error.
    func pathEnd(_ text: String, _ member: String, in model: NetworkModel) throws -> PathEnd {
        if text == "internet" { return PathEnd(text: text, place: .internet) }
        if text == "host" { return PathEnd(text: text, place: .host) }
        if let address = IPAddress(text) {
            let owner = model.interfaces.first { $0.networkInterface.addresses.contains(address) }
            guard let owner else { return PathEnd(text: text, place: .address(address)) }
            return PathEnd(text: text, place: .networkInterface(owner.with(only: address)))
        }
        let search = PathEndSearch(text, member, model.interfaces)
        let record = try text.hasPrefix("eni-") ? search.networkInterface() : search.owner(among: unstoppedTasks())
        return PathEnd(text: text, place: .networkInterface(record))
    }
}

extension NetworkInterfaceRecord {
    /// As somebody means it who names it by one of its addresses.
    fileprivate func with(only address: IPAddress) -> NetworkInterfaceRecord {
        var record = self
        record.networkInterface.ipv4Addresses.removeAll { .v4($0.address) != address }
        record.networkInterface.ipv6Addresses.removeAll { .v6($0.address) != address }
        return record
    }

    /// "eni-... of task 0123"
    var ownerText: String { taskID.map { "task \($0)" } ?? sandbox.map { "\($0.key)" } ?? "nobody" }
}

/// Looks for the ENI that somebody means.
private struct PathEndSearch {
    let text: String
    let member: String
    let interfaces: [NetworkInterfaceRecord]

    init(_ text: String, _ member: String, _ interfaces: [NetworkInterfaceRecord]) {
        self.text = text
        self.member = member
        self.interfaces = interfaces
    }

    func networkInterface() throws -> NetworkInterfaceRecord {
        if let exact = interfaces.first(where: { $0.id == text }) { return exact }
        return try one(of: interfaces.filter { $0.id.hasPrefix(text) }) { "\($0.id) of \($0.ownerText)" }
    }

    /// The first ENI of a task or sandbox.
    func owner(among tasks: [TaskRecord]) throws -> NetworkInterfaceRecord {
        if text.contains(":") {
            let id = try TaskReference.id(of: text)
            return try interface(of: one(of: tasks.filter { $0.id == id }, \.label))
        }
        if let exact = tasks.first(where: { $0.id == text.lowercased() }) { return try interface(of: exact) }
        let sandboxes = firstOfSandboxes
        if let exact = sandboxes.first(where: { $0.sandbox?.key.containerID == text }) { return exact }
        let begun =
            tasks.filter { $0.id.hasPrefix(text.lowercased()) }.map { Owner.task($0) }
            + sandboxes.filter { $0.sandbox?.key.containerID.hasPrefix(text) == true }.map { Owner.sandbox($0) }
        let found = begun.isEmpty ? tasks.filter { $0.family == text }.map { Owner.task($0) } : begun
        switch try one(of: found, \.label) {
        case .task(let task): return try interface(of: task)
        case .sandbox(let interface): return interface
        }
    }

    private enum Owner {
        case task(TaskRecord)
        case sandbox(NetworkInterfaceRecord)

        var label: String {
            switch self {
            case .task(let task): task.label
            case .sandbox(let interface): interface.ownerText
            }
        }
    }

    private var firstOfSandboxes: [NetworkInterfaceRecord] {
        var seen: Set<String> = []
        return interfaces.filter { $0.sandbox.map { seen.insert($0.key.containerID).inserted } ?? false }
    }

    private func interface(of task: TaskRecord) throws -> NetworkInterfaceRecord {
        let own = interfaces.filter { $0.taskID == task.id }
        guard let first = own.min(by: { $0.networkInterface.index < $1.networkInterface.index }) else {
            throw APIError.invalidParameter(
                "\(member) \(text.shortened.debugDescription): \(task.label) has no network interface of its own: it is "
                    + "on the host's network, or is ending. For the former give host")
        }
        return first
    }

    private func one<Found>(of found: [Found], _ label: (Found) -> String) throws -> Found {
        guard let first = found.first else {
            throw APIError.resourceNotFound(
                """
                \(member) \(text.shortened.debugDescription) is not known: give a running task (the beginning of its id, \
                its ARN, or its family), an ENI (eni-...), a container's id, an address, internet or host; tasknet eni \
                list shows what there is
                """)
        }
        guard found.count == 1 else {
            throw APIError.resourceNotFound(
                "\(member) \(text.shortened.debugDescription) fits \(found.count): \(found.map(label).listed); "
                    + "give more of the id, or the ENI")
        }
        return first
    }
}

extension TaskRecord {
    /// "task 0123 (web)"
    fileprivate var label: String { "task \(id) (\(family))" }
}

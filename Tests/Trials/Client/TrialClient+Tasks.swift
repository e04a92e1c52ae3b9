// SPDX-License-Identifier: Apache-2.0
import ECSAPI
import TaskDefinitions
import VPC

extension TrialClient {
    mutating func registerDefinition() -> Outcome {
        let family = "c\(ledger.client)-definition"
        let (outcome, output) = call(
            RegisterTaskDefinition.self,
            RegisterTaskDefinition.Input(
                family: family, containerDefinitions: TaskShape.server.containers, networkMode: .awsvpc))
        if let arn = output?.taskDefinition?.taskDefinitionArn { ledger.definitions.insert(arn) }
        return outcome
    }

    mutating func run(_ slot: Int, _ shape: TaskShape) -> Outcome {
        guard ledger.tasks[slot] == nil else { return .skipped }
        let label = ledger.newName("t\(slot)")
        var input = RunTask.Input(taskDefinition: shape.family)
        input.startedBy = label
        let (outcome, output): (Outcome, RunTask.Output?)
        if shape == .dual {
            let interfaces = TrialHost.subnets.map { subnet in
                var interface = ElasticNetworkInterface()
                interface.interfaceType = .veth
                interface.subnetId = subnet.id
                interface.securityGroups = [TrialHost.baseGroup]
                return interface
            }
            (outcome, output) = call(
                TaskNetworkAPI.RunTask.self,
                TaskNetworkAPI.RunTask.Input(task: input, elasticNetworkInterfaces: interfaces))
        } else {
            input.networkConfiguration = NetworkConfiguration(
                awsvpcConfiguration: .init(
                    subnets: [TrialHost.subnets[slot % 2].id], securityGroups: [TrialHost.baseGroup]))
            (outcome, output) = call(RunTask.self, input)
        }
        switch outcome {
        case .acknowledged, .unknown:
            ledger.tasks[slot] = TaskEntry(
                label: label, shape: shape, arn: output?.tasks?.first?.taskArn, groupChoices: [[]])
        case .refused: ledger.refusedTasks.insert(label)
        case .absent, .skipped: break
        }
        return outcome
    }

    mutating func stop(_ slot: Int) -> Outcome {
        guard let arn = ledger.tasks[slot]?.arn else { return .skipped }
        let (outcome, _) = call(StopTask.self, StopTask.Input(task: arn, reason: "the trial said so"))
        switch outcome {
        case .acknowledged: ledger.tasks[slot]?.stop = .yes
        case .unknown: if ledger.tasks[slot]?.stop == .no { ledger.tasks[slot]?.stop = .unknown }
        case .refused, .absent, .skipped: break
        }
        return outcome
    }

    func describe() -> Outcome {
        let (outcome, output) = call(ListTasks.self, ListTasks.Input())
        guard let arns = output?.taskArns, !arns.isEmpty else { return outcome }
        return call(DescribeTasks.self, DescribeTasks.Input(tasks: arns)).outcome
    }

    mutating func setGroups(of task: Int, to slots: [Int]) -> Outcome {
        guard let entry = ledger.tasks[task], let id = entry.id else { return .skipped }
        let (listed, output) = call(
            TaskNetworkAPI.ListNetworkInterfaces.self, TaskNetworkAPI.ListNetworkInterfaces.Input(tasks: [id]))
        guard let first = output?.networkInterfaces?.first(where: { $0.index == 0 }) else { return listed }
        let groups = Set(
            slots.compactMap { slot in ledger.groups[slot].flatMap { $0.existence == .yes ? $0.id : nil } })
        let (outcome, _) = call(
            TaskNetworkAPI.ModifyNetworkInterfaceAttribute.self,
            .init(networkInterfaceId: first.networkInterfaceId, groups: [TrialHost.baseGroup] + groups.sorted()))
        switch outcome {
        case .acknowledged: ledger.tasks[task]?.groupChoices = [groups]
        case .unknown: ledger.tasks[task]?.groupChoices.append(groups)
        case .refused, .absent, .skipped: break
        }
        return outcome
    }
}

extension TaskShape {
    /// What its definition has.
    var containers: [ContainerDefinition] {
        switch self {
        case .server, .dual: [.trial("main", ["sleep", "100000"])]
        case .pair:
            [
                .trial("main", ["sleep", "100000"], after: "other"),
                .trial("other", ["sh", "-c", "sleep 100000 & wait"]),
            ]
        case .brief: [.trial("main", ["true"])]
        case .failing: [.trial("main", ["sh", "-c", "exit 3"]), .trial("other", ["sleep", "100000"])]
        case .commandless: [.trial("main", ["/bin/not-there"])]
        case .imageless: [.trial("main", ["true"], image: "not-there")]
        }
    }
}

extension ContainerDefinition {
    fileprivate static func trial(
        _ name: String, _ command: [String], after other: String? = nil, image: String = "busybox"
    ) -> ContainerDefinition {
        var definition = ContainerDefinition(name: name, image: image, command: command)
        definition.memory = 32
        definition.stopTimeout = 5
        if let other { definition.dependsOn = [ContainerDependency(containerName: other, condition: .start)] }
        return definition
    }
}

// SPDX-License-Identifier: Apache-2.0
import VPC

extension TaskDefinition {
    private var isFargate: Bool { requiresCompatibilities?.contains(.fargate) ?? false }

    /// The rules of processors and memory. tasknet runs what EC2 runs, so memory is required of each container unless the
    /// task has some, and Fargate's rules apply only to a definition that asks for Fargate.
    func validateSize() throws(ValidationFailure) {
        let cpu = try cpuUnits()
        let memory = try memoryMiB()
        if isFargate { try validateFargate(cpu: cpu, memory: memory) }
        var cpuSum = 0
        var memorySum = 0
        for container in containerDefinitions {
            let needed = container.memory ?? container.memoryReservation
            if memory == nil, needed == nil {
                throw client(
                    """
                    Invalid setting for container '\(container.name)'. \
                    At least one of 'memory' or 'memoryReservation' must be specified.
                    """)
            }
            if let memory, let most = [container.memory, container.memoryReservation].compactMap(\.self).max(),
                most > memory
            {
                throw client(
                    "The 'memory' setting for container '\(container.name)' is greater than for the task.",
                    "\(most) MiB, the task has \(memory)")
            }
            // Each is below 2^31 and there are at most ten.
            cpuSum += container.cpu ?? 0
            memorySum += container.memoryReservation ?? container.memory ?? 0
        }
        if let cpu, cpuSum > cpu {
            throw client(
                "The sum of all container 'cpu' values cannot be greater than the value of the task 'cpu'.",
                "\(cpuSum) units, the task has \(cpu)")
        }
        if let memory, memorySum > memory {
            throw client(
                "The sum of all container 'memory' values cannot be greater than the value of the task 'memory'.",
                "\(memorySum) MiB, the task has \(memory)")
        }
    }

    private func cpuUnits() throws(ValidationFailure) -> Int? {
        guard let cpu else { return nil }
        guard let units = TaskSize.cpuUnits(cpu), TaskSize.cpuRange.contains(units) else {
            throw client(
                "Invalid 'cpu' setting for task.",
                "\(cpu.shortened.debugDescription): give 128 to 196608 CPU units, or vCPUs such as \".25 vCPU\"")
        }
        return units
    }

    private func memoryMiB() throws(ValidationFailure) -> Int? {
        guard let memory else { return nil }
        guard let size = TaskSize.memoryMiB(memory), (ContainerDefinition.leastMemory...Int(Int32.max)).contains(size)
        else {
            throw client(
                "Invalid 'memory' setting for task.",
                "\(memory.shortened.debugDescription): give MiB, or GB such as \"0.5 GB\"")
        }
        return size
    }

    private func validateFargate(cpu: Int?, memory: Int?) throws(ValidationFailure) {
        if effectiveNetworkMode != .awsvpc {
            throw client("Fargate only supports network mode ‘awsvpc’.", "set networkMode to awsvpc")
        }
        guard let cpu else { throw client("Fargate requires that 'cpu' be defined at the task level.") }
        guard let memory else { throw client("Fargate requires that 'memory' be defined at the task level.") }
        if !TaskSize.isFargate(cpu: cpu, memory: memory) {
            throw client("No Fargate configuration exists for given values: \(cpu) CPU, \(memory) memory.")
        }
    }
}

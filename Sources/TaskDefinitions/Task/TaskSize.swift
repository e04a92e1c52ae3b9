// SPDX-License-Identifier: Apache-2.0

/// The size of a task: its processors and its memory.
package enum TaskSize {
    /// CPU units of `256`, `.25 vCPU` or `1vcpu`; nil when the text is none of these.
    package static func cpuUnits(_ text: String) -> Int? { amount(text, unit: "vcpu") }

    /// MiB of `512`, `0.5 GB` or `1gb`; nil when the text is none of these.
    package static func memoryMiB(_ text: String) -> Int? { amount(text, unit: "gb") }

    /// A whole number, or a decimal one with a unit of 1024.
    private static func amount(_ text: String, unit: String) -> Int? {
        guard text.utf8.count <= 32 else { return nil }
        let text = text.lowercased()
        let number = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        let rest = text[number.endIndex...].drop { $0 == " " }
        if rest.isEmpty { return Int(number) }
        guard rest == unit, let value = Double(number) else { return nil }
        let scaled = value * 1024
        return scaled == scaled.rounded() && scaled < 1e9 ? Int(scaled) : nil
    }

    /// 0.125 to 192 vCPUs.
    static let cpuRange = 128...196_608

    /// The sizes that Fargate has, CPU units and MiB.
    static func isFargate(cpu: Int, memory: Int) -> Bool {
        let gib = 1024
        switch cpu {
        case 256: return [gib / 2, gib, 2 * gib].contains(memory)
        case 512: return isStep(memory, from: 1, through: 4, by: 1)
        case 1024: return isStep(memory, from: 2, through: 8, by: 1)
        case 2048: return isStep(memory, from: 4, through: 16, by: 1)
        case 4096: return isStep(memory, from: 8, through: 30, by: 1)
        case 8192: return isStep(memory, from: 16, through: 60, by: 4)
        case 16384: return isStep(memory, from: 32, through: 120, by: 8)
        case 32768: return [60, 120, 244].contains { memory == $0 * gib }
        default: return false
        }
    }

    private static func isStep(_ memory: Int, from first: Int, through last: Int, by step: Int) -> Bool {
        stride(from: first, through: last, by: step).contains { memory == $0 * 1024 }
    }
}

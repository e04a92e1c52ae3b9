// SPDX-License-Identifier: Apache-2.0
import VPC

extension ContainerDefinition {
    func validate(_ check: HealthCheck) throws(ValidationFailure) {
        guard let kind = check.command.first, ["CMD", "CMD-SHELL"].contains(kind) else {
            throw invalid(
                """
                The health check command begins with \((check.command.first ?? "").shortened.debugDescription); \
                it has to begin with CMD or CMD-SHELL.
                """)
        }
        if check.command.count < 2 || check.command[1].isEmpty {
            throw invalid("The health check command has nothing behind \(kind).")
        }
        if check.command.contains(where: Text.containsNUL) {
            throw invalid("The health check command contains a NUL character.")
        }
        for (member, value, range) in [
            ("interval", check.interval, 5...300), ("timeout", check.timeout, 2...60),
            ("retries", check.retries, 1...10), ("startPeriod", check.startPeriod, 0...300),
        ] {
            guard let value, !range.contains(value) else { continue }
            throw invalid(
                "The health check's '\(member)' is \(value) and has to be \(range.lowerBound) to \(range.upperBound).")
        }
    }
}

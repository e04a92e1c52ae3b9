// SPDX-License-Identifier: Apache-2.0
import CLinux

extension Pause {
    /// Gives birth to a container, or to a command in the container `target`. The new process reads the specification and
    /// does everything else by itself, so that a failure leaves nothing.
    func fork(
        _ child: Child, in target: Child?, specification: consuming Descriptor, log: LogFile?
    ) throws(Failure) {
        let birth = try Channel()
        let death = try Pipe()
        if let log {
            child.streams = [try LogStream(log: log, name: "stdout"), try LogStream(log: log, name: "stderr")]
        }
        var newborn = Newborn(birth: birth.child.raw, death: death.writing.raw, specification: specification.raw)
        newborn.output = child.streams.first?.writingNumber ?? -1
        newborn.errors = child.streams.last?.writingNumber ?? -1

        var descriptor: Int32 = -1
        if let target {
            newborn.target = target.mainNumber
            child.process = try fork(newborn, into: newborn.target, &descriptor)
            child.adopt(main: Descriptor(owning: descriptor), pid: child.process)
        } else {
            let pid = tasknet_fork(UInt64(CLONE_NEWNS) | UInt64(CLONE_NEWPID), nil)
            if pid == 0 { newborn.run() }
            child.process = try check(pid, "start", child.name)
            child.death = consume death.reading
        }
        child.birth = consume birth.parent
        for stream in child.streams { stream.handOver() }
    }

    /// A child in the pid namespace that `container`, a pidfd, is in.
    private func fork(
        _ newborn: Newborn, into container: Int32, _ descriptor: inout Int32
    ) throws(Failure) -> pid_t {
        try check(setns(container, CLONE_NEWPID), "enter the container's pid namespace")
        let pid = tasknet_fork(UInt64(CLONE_PIDFD), &descriptor)
        if pid == 0 { newborn.run() }
        // ENOMEM is also what the kernel says for a namespace whose init is gone.
        let number = lastError
        // Only our own children's namespace was changed, and our own can always be chosen again.
        setns(ownProcessNamespace.raw, CLONE_NEWPID)
        if pid < 0 { throw Failure("start", reason: "cannot fork in the container", number: number) }
        return pid
    }
}

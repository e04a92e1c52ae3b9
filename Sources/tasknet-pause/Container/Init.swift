// SPDX-License-Identifier: Apache-2.0
import CLinux

/// Process 1 of a container: hands signals on to the main process, reaps, and ends as the main process ends. The kernel
/// then ends everything else in the container.
struct Init {
    let main: pid_t
    let death: Int32

    /// What ps shows, on the host and in the container.
    static func setName() {
        let name = Bytes("tasknet-init")
        name.withCText { _ = tasknet_prctl(PR_SET_NAME, UInt(bitPattern: $0)) }
        guard let arguments = tasknet_argument_values(), let first = arguments[0] else { return }
        var size = 0
        for index in 0..<Int(tasknet_argument_count()) {
            if let argument = arguments[index] { size = argument - first + strlen(argument) + 1 }
        }
        memset(first, 0, size)
        for index in 0..<min(name.count, size - 1) { first[index] = CChar(name[index]) }
    }

    /// It runs beside what it holds, as root of the same user namespace: it keeps nothing but the right to signal.
    func giveUpRights() {
        CapabilitySet.limit(to: 1 << UInt64(CAP_KILL))
        tasknet_set_capabilities(1 << UInt64(CAP_KILL), 1 << UInt64(CAP_KILL), 0)
    }

    func run() -> Never {
        var all = sigset_t()
        sigfillset(&all)
        while true {
            // All signals have been blocked since the pause process began.
            let signal = sigwaitinfo(&all, nil)
            if signal == SIGCHLD {
                reap()
            } else if signal > 0 {
                kill(main, signal)
            }
        }
    }

    private func reap() {
        var status: Int32 = 0
        while true {
            let pid = waitpid(-1, &status, WNOHANG)
            guard pid > 0 else { return }
            guard pid == main else { continue }
            write(death, &status, MemoryLayout<Int32>.size)
            let signal = tasknet_wait_signal(status)
            _exit(signal != 0 ? 128 + signal : tasknet_wait_exit_code(status))
        }
    }
}

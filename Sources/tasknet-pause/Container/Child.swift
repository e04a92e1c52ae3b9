// SPDX-License-Identifier: Apache-2.0
import CLinux

/// A container, or a command that runs in one.
final class Child {
    enum State { case starting, running, exited }

    let name: Bytes
    /// The container that an exec runs in; nil for a container.
    let container: Bytes?
    let created = wallClock()

    private(set) var state = State.starting
    /// The direct child of the pause process: a container's init, an exec's command.
    var process: pid_t = 0
    /// The main process, as the host sees it.
    private(set) var mainProcess: pid_t = 0
    private(set) var mainStartTime: UInt64 = 0
    private var mainDescriptor: Descriptor?

    /// Where the new process reports until its command runs; that closes it.
    var birth: Descriptor?
    /// Where a container's init leaves how the main process ended.
    var death: Descriptor?
    var streams: [LogStream] = []

    private(set) var root = Bytes()
    private(set) var started: UInt64 = 0
    private(set) var finished: UInt64 = 0
    private(set) var code: Int32 = 0
    private(set) var signal: Int32 = 0
    /// Why it could not be started.
    private(set) var failure: Birth.Report.Failure?

    /// Who waits for an answer.
    private(set) var client: Client?
    private(set) var requestNumber: Bytes

    init(name: Bytes, container: Bytes?, client: Client, requestNumber: Bytes) {
        self.name = name
        self.container = container
        self.client = client
        self.requestNumber = requestNumber
    }

    /// A pidfd of the main process; -1 before and after its life.
    var mainNumber: Int32 { mainDescriptor?.raw ?? -1 }

    /// The client that still waits for the answer to its request, once.
    func takeClient() -> Client? {
        defer { client = nil }
        return client
    }

    /// The main process is there, though its command may not run yet.
    func adopt(main descriptor: consuming Descriptor, pid: pid_t, root: Bytes = []) {
        mainProcess = pid
        mainStartTime = ProcessStatus(pid)?.startTime ?? 0
        mainDescriptor = consume descriptor
        self.root = root
    }

    /// Reads what the new process reports. True when its command has begun to run.
    func readBirth() -> Bool {
        while let channel = birth?.raw {
            switch Birth.receive(from: channel) {
            case .nothing: return false
            case .main(let descriptor, let root):
                adopt(main: Descriptor(owning: descriptor), pid: ProcessStatus.pid(of: descriptor) ?? 0, root: root)
                Birth.acknowledgeMain(on: channel)
            case .failed(let reported): failure = failure ?? reported
            case .end:
                birth = nil
                guard failure == nil, mainDescriptor != nil else { return false }
                state = .running
                started = wallClock()
                return true
            }
        }
        return false
    }

    /// The direct child was reaped with `status`: nothing of the container is left.
    func end(status: Int32) {
        finished = wallClock()
        var status = status
        // Init ends with the same code, but whether a signal had killed the main process only it has seen.
        if let death = death?.raw { read(death, &status, MemoryLayout<Int32>.size) }
        death = nil
        birth = nil
        mainDescriptor = nil
        signal = tasknet_wait_signal(status)
        code = signal != 0 ? 128 + signal : tasknet_wait_exit_code(status)
        if state == .starting && failure == nil {
            failure = .init(number: ECHILD, text: Bytes("start: ended before its command ran, exit code "))
            failure?.text.append(decimal: code)
        }
        state = .exited
    }

    /// SIGKILL takes a whole container by its init, and an exec with its process group.
    func send(signal: Int32) throws(Failure) {
        guard state != .exited else { throw Failure("signal", name, reason: "has ended", number: ESRCH) }
        if container != nil {
            // Before the command runs there is no group yet.
            if kill(-process, signal) != 0 { try check(kill(process, signal), "signal", name) }
        } else if signal == SIGKILL {
            try check(kill(process, signal), "signal", name)
        } else if let descriptor = mainDescriptor?.raw, state == .running {
            try check(tasknet_pidfd_send_signal(descriptor, signal), "signal", name)
        } else {
            throw Failure("signal", name, reason: "is not running yet", number: EAGAIN)
        }
    }
}

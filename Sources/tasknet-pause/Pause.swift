// SPDX-License-Identifier: Apache-2.0
import CLinux

/// The pause process: it holds the task's namespaces, is the parent of the task's containers, and waits.
final class Pause {
    let control: ControlSocket
    let hostname: Bytes
    private let signals: Descriptor
    /// To come back from a container's pid namespace.
    let ownProcessNamespace: Descriptor

    var clients: [Client] = []
    var children: [Child] = []
    /// Who asked for the end, and is told when it has come.
    var stopRequests: [(client: Client, number: Bytes)] = []
    private(set) var isStopping = false

    private var polled: [pollfd] = []
    private var sources: [Source] = []
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Pause.bufferSize, alignment: 16)

    private static let bufferSize = 16 << 10
    /// Messages of one client, and buffers of one output, between two looks at everything else.
    private static let roundsPerTurn = 4

    private enum Source {
        case signals
        case control
        case client(Client)
        case birth(Child)
        case output(LogStream)
    }

    init(control: ControlSocket, hostname: Bytes) throws(Failure) {
        self.control = control
        self.hostname = hostname
        var mask = sigset_t()
        sigfillset(&mask)
        try check(sigprocmask(SIG_SETMASK, &mask, nil), "sigprocmask")
        sigemptyset(&mask)
        for signal in [SIGCHLD, SIGTERM, SIGINT] { sigaddset(&mask, signal) }
        signals = try Descriptor(
            signalfd(-1, &mask, Int32(SFD_CLOEXEC | SFD_NONBLOCK)), "signalfd")
        ownProcessNamespace = try Descriptor.open("/proc/self/ns/pid", O_RDONLY, "open")
    }

    /// Returns when everything is over.
    func run() {
        while !(isStopping && children.allSatisfy { $0.state == .exited }) {
            collectSources()
            // No timeout: an idle pause process never wakes up. Except that a client waits for a descriptor.
            let count = poll(&polled, nfds_t(polled.count), control.isExhausted ? 100 : -1)
            if count < 0 && lastError != EINTR && lastError != EAGAIN { break }
            if control.isExhausted { acceptClients() }
            for index in polled.indices where count > 0 && polled[index].revents != 0 {
                serve(sources[index], polled[index].revents)
            }
            clients.removeAll { $0.isClosed }
        }
        // Before the answer: who has it may start another in our place.
        control.remove()
        for request in stopRequests {
            request.client.send(reply(TASKNET_PAUSE_OK, to: request.number))
        }
    }

    func stop() {
        isStopping = true
        for child in children where child.state != .exited { try? child.send(signal: SIGKILL) }
    }

    private func collectSources() {
        polled.removeAll(keepingCapacity: true)
        sources.removeAll(keepingCapacity: true)
        watch(signals.raw, .signals)
        if !control.isExhausted { watch(control.socket.raw, .control) }
        for client in clients {
            watch(client.socket.raw, .client(client), client.isWaitingToSend ? POLLIN | POLLOUT : POLLIN)
        }
        for child in children {
            if let birth = child.birth?.raw { watch(birth, .birth(child)) }
            for stream in child.streams {
                if let pipe = stream.number { watch(pipe, .output(stream)) }
            }
        }
    }

    private func watch(_ descriptor: Int32, _ source: Source, _ events: Int32 = POLLIN) {
        polled.append(pollfd(fd: descriptor, events: Int16(events), revents: 0))
        sources.append(source)
    }

    private func serve(_ source: Source, _ events: Int16) {
        switch source {
        case .signals: takeSignals()
        case .control: acceptClients()
        case .client(let client): serve(client, events)
        case .birth(let child): readBirth(of: child)
        case .output(let stream): stream.drain(buffer, rounds: Pause.roundsPerTurn)
        }
    }

    private func acceptClients() {
        while let client = control.accept() {
            if clients.count < Int(TASKNET_PAUSE_CLIENTS_MAX) { clients.append(client) }
        }
    }

    private func serve(_ client: Client, _ events: Int16) {
        if events & Int16(POLLOUT) != 0 { client.flush() }
        for _ in 0..<Pause.roundsPerTurn where !client.isClosed {
            let text = UnsafeMutableBufferPointer(
                start: buffer.baseAddress?.assumingMemoryBound(to: CChar.self),
                count: Int(TASKNET_PAUSE_MESSAGE_MAX))
            let isReceived = client.receive(into: text) { count, descriptor, flags in
                answer(
                    UnsafeBufferPointer(rebasing: text[..<count]), isWhole: flags & Int32(MSG_TRUNC) == 0,
                    specification: descriptor, from: client)
            }
            if !isReceived { return }
        }
    }

    private func takeSignals() {
        var information = signalfd_siginfo()
        while read(signals.raw, &information, MemoryLayout<signalfd_siginfo>.size) > 0 {
            if Int32(bitPattern: information.ssi_signo) != SIGCHLD { stop() }
        }
        reap()
    }

    /// Reaps containers and execs, and whatever else was left to us.
    private func reap() {
        var status: Int32 = 0
        while true {
            let pid = waitpid(-1, &status, WNOHANG)
            guard pid > 0 else { return }
            if let child = children.first(where: { $0.process == pid && $0.state != .exited }) {
                end(child, status: status)
            }
        }
    }

    private func end(_ child: Child, status: Int32) {
        readBirth(of: child)
        child.end(status: status)
        // What it wrote comes before the news of its end. Who else may hold the pipe does not matter any more; it cannot
        // write faster than this for ever.
        for stream in child.streams {
            stream.drain(buffer, rounds: 64)
            stream.close()
        }
        child.streams = []
        if child.failure == nil {
            announce(TASKNET_PAUSE_EXITED, child)
            dropOldExecs()
        } else {
            answerFailure(of: child)
        }
    }

    private func readBirth(of child: Child) {
        if child.readBirth() { answerStart(of: child) }
    }
}

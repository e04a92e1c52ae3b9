// SPDX-License-Identifier: Apache-2.0
import CLinux

/// The way from the command line into the background.
enum Program {
    private static let name = "tasknet-pause"

    static func run() -> Int32 {
        closeDescriptors(except: [])
        guard let arguments = Arguments() else { return 2 }
        do throws(Failure) {
            try Executable.protect()
            return try launch(arguments)
        } catch {
            complain(error.text)
            return 1
        }
    }

    static func complain(_ text: Bytes) {
        let line = Bytes(name) + Bytes(": ") + text + Bytes("\n")
        write(2, line, line.count)
    }

    private static func launch(_ arguments: Arguments) throws(Failure) -> Int32 {
        resetSignals()
        umask(0o022)
        try joinNamespaces(arguments)
        let ready = try Channel()
        let control = try ControlSocket(path: arguments.socket)
        let pid = tasknet_fork(0, nil)
        if pid == 0 { serve(control, arguments, ready: ready) }
        guard pid > 0 else {
            let failure = Failure("fork")
            control.remove()
            throw failure
        }
        return waitUntilReady(ready)
    }

    /// The child says that it serves, or it has said what is wrong and ends.
    private static func waitUntilReady(_ ready: consuming Channel) -> Int32 {
        let parent = ready.parent
        drop(ready.child)
        var mark: UInt8 = 0
        var count: Int
        repeat { count = recv(parent.raw, &mark, 1, 0) } while count < 0 && lastError == EINTR
        return count == 1 ? 0 : 1
    }

    private static func drop(_ descriptor: consuming Descriptor) {}

    /// Signals that the daemon ignores are not to be ignored by containers.
    private static func resetSignals() {
        for signal: Int32 in 1...64 { tasknet_reset_signal(signal) }
    }

    private static func joinNamespaces(_ arguments: Arguments) throws(Failure) {
        let path = Text(arguments.networkNamespace)
        let namespace = try Descriptor.open(
            arguments.networkNamespace, O_RDONLY | O_NONBLOCK | O_NOCTTY, "network namespace")
        try check(setns(namespace.raw, CLONE_NEWNET), "network namespace", path)
        try openLowPorts()
        try check(unshare(CLONE_NEWIPC | CLONE_NEWUTS), "ipc and uts namespaces")
        try check(sethostname(arguments.hostname, Text(arguments.hostname).count), "hostname", Text(arguments.hostname))
    }

    /// The address is the task's own, so a container need not be root to listen on port 80 of it; as with Docker.
    private static func openLowPorts() throws(Failure) {
        let path = "/proc/sys/net/ipv4/ip_unprivileged_port_start"
        let setting = try Descriptor.open(path, O_WRONLY, "open")
        try check(Int32(truncatingIfNeeded: write(setting.raw, "0", 1)), "write", Text(path))
    }

    /// In the background from here on.
    private static func serve(_ control: ControlSocket, _ arguments: Arguments, ready: consuming Channel) -> Never {
        do throws(Failure) {
            setsid()
            try check(chdir("/"), "chdir")
            try check(tasknet_prctl(PR_SET_CHILD_SUBREAPER, 1), "prctl")
            // Neither a container nor anybody else without CAP_SYS_PTRACE may look into this process or its copies.
            try check(tasknet_prctl(PR_SET_DUMPABLE, 0), "prctl")
            Bytes(name).withCText { _ = tasknet_prctl(PR_SET_NAME, UInt(bitPattern: $0)) }
            let pause = try Pause(control: control, hostname: Text(arguments.hostname).bytes)
            let null = try Descriptor.open("/dev/null", O_RDWR | O_NOCTTY, "open")
            // The pid that peers see is that of the process that listens.
            try control.listen()
            for standard: Int32 in 0...2 { dup2(null.raw, standard) }
            _ = consume null
            _ = tasknet_seqpacket_send(ready.child.raw, "r", 1, -1)
            _ = consume ready
            pause.run()
            _exit(0)
        } catch {
            complain(error.text)
            control.remove()
            _exit(1)
        }
    }
}

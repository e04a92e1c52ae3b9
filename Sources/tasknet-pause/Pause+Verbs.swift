// SPDX-License-Identifier: Apache-2.0
import CLinux

/// What clients may ask for.
extension Pause {
    func answer(
        _ bytes: UnsafeBufferPointer<CChar>, isWhole: Bool, specification: consuming Descriptor?, from client: Client
    ) {
        guard isWhole else {
            return refuse(Failure("message", reason: "too long", number: EMSGSIZE), [], client)
        }
        guard let request = Request(bytes) else {
            return refuse(Failure("message", reason: "not a list of NUL-terminated fields"), [], client)
        }
        do throws(Failure) {
            if let fault = request.fault { throw fault }
            try perform(request, specification, client)
        } catch {
            refuse(error, request.number, client)
        }
    }

    private func perform(
        _ request: Request, _ specification: consuming Descriptor?, _ client: Client
    ) throws(Failure) {
        if request.verb == TASKNET_PAUSE_START || request.verb == TASKNET_PAUSE_EXEC {
            guard let specification else {
                throw Failure(
                    request.verb.bytes.isEmpty ? "message" : "specification", reason: "no descriptor came with it")
            }
            try start(request, specification, client)
        } else if request.verb == TASKNET_PAUSE_SIGNAL {
            guard let signal = request.signal, (1...64).contains(signal) else {
                throw Failure("signal", reason: "no signal from 1 to 64 given")
            }
            try named(request).send(signal: signal)
            client.send(reply(TASKNET_PAUSE_OK, to: request.number))
        } else if request.verb == TASKNET_PAUSE_STATUS {
            for child in children {
                var message = reply(TASKNET_PAUSE_CHILD, to: request.number)
                describe(child, in: &message)
                client.send(message)
            }
            client.send(reply(TASKNET_PAUSE_OK, to: request.number))
        } else if request.verb == TASKNET_PAUSE_FORGET {
            let child = try named(request)
            guard child.state == .exited else {
                throw Failure("forget", child.name, reason: "has not ended", number: EBUSY)
            }
            children.removeAll { $0 === child }
            client.send(reply(TASKNET_PAUSE_OK, to: request.number))
        } else if request.verb == TASKNET_PAUSE_STOP {
            stopRequests.append((client, request.number))
            stop()
        } else if request.verb == TASKNET_PAUSE_HELLO {
            var message = reply(TASKNET_PAUSE_OK, to: request.number)
            message.add(TASKNET_PAUSE_KEY_VERSION, TASKNET_PAUSE_VERSION)
            message.add(TASKNET_PAUSE_KEY_PID, getpid())
            message.add(TASKNET_PAUSE_KEY_HOSTNAME, hostname)
            client.send(message)
        } else {
            throw Failure("message", request.verb, reason: "unknown verb", number: ENOSYS)
        }
    }

    private func named(_ request: Request) throws(Failure) -> Child {
        guard let name = request.name else { throw Failure("message", reason: "no name given") }
        guard let child = children.first(where: { name == $0.name }) else {
            throw Failure("name", name, reason: "no such container", number: ENOENT)
        }
        return child
    }

    private func start(_ request: Request, _ specification: consuming Descriptor, _ client: Client) throws(Failure) {
        let name = try checkedName(request)
        var target: Child?
        if request.verb == TASKNET_PAUSE_EXEC {
            target = children.first { child in request.container.map { $0 == child.name } ?? false }
            guard let target, target.container == nil, target.state == .running else {
                let container = request.container?.bytes ?? []
                throw Failure("container", container, reason: "is not running", number: ESRCH)
            }
        }
        let child = Child(
            name: name, container: target?.name, client: client, requestNumber: request.number)
        var log: LogFile?
        if let path = request.log, !(path == TASKNET_PAUSE_LOG_NONE) {
            guard path.buffer.first == UInt8(ascii: "/") else {
                throw Failure("log", path, reason: "not an absolute path")
            }
            log = try LogFile(path: path, maximumSize: request.logSize, files: request.logFiles)
        }
        try fork(child, in: target, specification: specification, log: log)
        children.append(child)
    }

    private func checkedName(_ request: Request) throws(Failure) -> Bytes {
        guard let name = request.name, (1...Int(TASKNET_PAUSE_NAME_MAX)).contains(name.count) else {
            throw Failure("name", reason: "1 to 255 bytes are needed")
        }
        guard name.buffer.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
            throw Failure("name", reason: "has control characters")
        }
        guard !isStopping else { throw Failure("start", name, reason: "the task is being stopped", number: ESHUTDOWN) }
        guard !children.contains(where: { name == $0.name }) else {
            throw Failure("name", name, reason: "is taken", number: EEXIST)
        }
        guard children.count < Int(TASKNET_PAUSE_CHILDREN_MAX) else {
            throw Failure("start", name, reason: "too many containers", number: EAGAIN)
        }
        return name.bytes
    }
}

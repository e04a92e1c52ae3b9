// SPDX-License-Identifier: Apache-2.0
import CLinux

/// Answers and events.
extension Pause {
    func reply(_ verb: String, to number: Bytes) -> Message {
        var message = Message(verb)
        message.add(TASKNET_PAUSE_KEY_REQUEST, number)
        return message
    }

    func refuse(_ failure: Failure, _ number: Bytes, _ client: Client) {
        refuse(failure.text, failure.number, number, client)
    }

    private func refuse(_ text: Bytes, _ errno: Int32, _ number: Bytes, _ client: Client) {
        var message = reply(TASKNET_PAUSE_ERROR, to: number)
        message.add(TASKNET_PAUSE_KEY_ERRNO, errno)
        message.add(TASKNET_PAUSE_KEY_TEXT, Bytes(text.prefix(Int(TASKNET_PAUSE_MESSAGE_MAX) - 512)))
        client.send(message)
    }

    /// The command runs: who asked for it gets an answer, the others an event.
    func answerStart(of child: Child) {
        let asker = child.takeClient()
        announce(TASKNET_PAUSE_STARTED, child, except: asker)
        var message = reply(TASKNET_PAUSE_OK, to: child.requestNumber)
        describe(child, in: &message)
        asker?.send(message)
    }

    /// The command could not be started, and what there was of it is gone.
    func answerFailure(of child: Child) {
        guard let failure = child.failure else { return }
        children.removeAll { $0 === child }
        let asker = child.takeClient()
        var event = Message(TASKNET_PAUSE_FAILED)
        event.add(TASKNET_PAUSE_KEY_NAME, child.name)
        event.add(TASKNET_PAUSE_KEY_ERRNO, failure.number)
        event.add(TASKNET_PAUSE_KEY_TEXT, failure.text)
        for client in clients where client !== asker { client.send(event) }
        if let asker { refuse(failure.text, failure.number, child.requestNumber, asker) }
    }

    func announce(_ event: String, _ child: Child, except asker: Client? = nil) {
        var message = Message(event)
        describe(child, in: &message)
        for client in clients where client !== asker { client.send(message) }
    }

    func describe(_ child: Child, in message: inout Message) {
        message.add(TASKNET_PAUSE_KEY_NAME, child.name)
        if let container = child.container { message.add(TASKNET_PAUSE_KEY_CONTAINER, container) }
        switch child.state {
        case .starting: message.add(TASKNET_PAUSE_KEY_STATE, TASKNET_PAUSE_STATE_STARTING)
        case .running: message.add(TASKNET_PAUSE_KEY_STATE, TASKNET_PAUSE_STATE_RUNNING)
        case .exited: message.add(TASKNET_PAUSE_KEY_STATE, TASKNET_PAUSE_STATE_EXITED)
        }
        message.add(TASKNET_PAUSE_KEY_PID, child.mainProcess)
        message.add(TASKNET_PAUSE_KEY_START_TIME, child.mainStartTime)
        message.add(TASKNET_PAUSE_KEY_CODE, child.code)
        message.add(TASKNET_PAUSE_KEY_SIGNAL, child.signal)
        message.add(TASKNET_PAUSE_KEY_CREATED, child.created)
        message.add(TASKNET_PAUSE_KEY_STARTED, child.started)
        message.add(TASKNET_PAUSE_KEY_FINISHED, child.finished)
        message.add(TASKNET_PAUSE_KEY_ROOT, child.root)
    }

    /// Execs whose client never came back do not pile up.
    func dropOldExecs() {
        var excess = children.count { $0.container != nil && $0.state == .exited } - Int(TASKNET_PAUSE_EXECS_KEPT)
        children.removeAll { child in
            guard excess > 0, child.container != nil, child.state == .exited else { return false }
            excess -= 1
            return true
        }
    }
}

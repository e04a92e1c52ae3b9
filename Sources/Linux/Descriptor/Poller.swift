// SPDX-License-Identifier: Apache-2.0
import CLinux
import Dispatch
import Glibc
import Synchronization
import SystemPackage

/// One thread that waits for many descriptors, for all who want to know.
///
/// A dispatch source would wake three threads to tell what one knows, and each of them takes a processor from the very
/// change that is told of.
final class Poller: Sendable {
    private struct State {
        /// By numbers that are given once: a descriptor's is another's as soon as it is closed.
        var registrations: [UInt64: Registration] = [:]
        var numbers: [CInt: UInt64] = [:]
        /// Those who have not begun to wait yet, and not given up either.
        var coming: Set<UInt64> = []
        private var last: UInt64 = 0

        mutating func newNumber() -> UInt64 {
            last += 1
            return last
        }
    }

    private struct Registration {
        let descriptor: CInt
        var waiting: [UInt64: CheckedContinuation<Void, Never>] = [:]
    }

    private let state = Mutex(State())
    private let epoll: CInt
    private let pause: Duration

    /// - Parameter pause: how long it waits for more to happen before it tells of what has.
    init(_ name: String, pause: Duration = .zero) {
        epoll = epoll_create1(CInt(EPOLL_CLOEXEC))
        precondition(epoll >= 0, "epoll_create1: \(Errno.last)")
        self.pause = pause
        DispatchQueue(label: name).async { self.run() }
    }

    /// Waits until there is something to read, or the other side has gone. Returns at once, with nothing to read, when the
    /// task is cancelled.
    ///
    /// - Parameter descriptor: open until this returns.
    func wait(for descriptor: CInt) async {
        let waiter = state.withLock { state in
            let number = state.newNumber()
            state.coming.insert(number)
            return number
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { begin(waiter, descriptor, $0) }
        } onCancel: {
            giveUp(waiter, descriptor)
        }
    }

    private func begin(_ waiter: UInt64, _ descriptor: CInt, _ continuation: CheckedContinuation<Void, Never>) {
        let isWaiting = state.withLock { state in
            guard state.coming.remove(waiter) != nil else { return false }
            if let number = state.numbers[descriptor] {
                state.registrations[number]?.waiting[waiter] = continuation
                return true
            }
            let number = state.newNumber()
            var event = epoll_event()
            event.events = EPOLLIN.rawValue | EPOLLRDHUP.rawValue | EPOLLONESHOT.rawValue
            event.data.u64 = number
            // What cannot be waited for (a file) can be read.
            guard epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event) == 0 else { return false }
            state.numbers[descriptor] = number
            state.registrations[number] = Registration(descriptor: descriptor, waiting: [waiter: continuation])
            return true
        }
        if !isWaiting { continuation.resume() }
    }

    private func giveUp(_ waiter: UInt64, _ descriptor: CInt) {
        let continuation = state.withLock { state -> CheckedContinuation<Void, Never>? in
            if state.coming.remove(waiter) != nil { return nil }
            guard let number = state.numbers[descriptor],
                let continuation = state.registrations[number]?.waiting.removeValue(forKey: waiter)
            else { return nil }
            if state.registrations[number]?.waiting.isEmpty == true { end(number, &state) }
            return continuation
        }
        continuation?.resume()
    }

    private func tell(_ number: UInt64) {
        let registration = state.withLock { end(number, &$0) }
        for continuation in registration?.waiting.values ?? [:].values { continuation.resume() }
    }

    /// Lets go of a descriptor, before anybody is told, who may close it.
    @discardableResult
    private func end(_ number: UInt64, _ state: inout State) -> Registration? {
        guard let registration = state.registrations.removeValue(forKey: number) else { return nil }
        state.numbers[registration.descriptor] = nil
        var event = epoll_event()
        _ = epoll_ctl(epoll, EPOLL_CTL_DEL, registration.descriptor, &event)
        return registration
    }

    private func run() {
        var events = [epoll_event](repeating: epoll_event(), count: 64)
        while true {
            var ready = look(&events, atMost: -1)
            if pause > .zero {
                usleep(useconds_t(pause / .microseconds(1)))
                ready += look(&events, atMost: 0)
            }
            for number in ready { tell(number) }
        }
    }

    private func look(_ events: inout [epoll_event], atMost milliseconds: CInt) -> [UInt64] {
        let count = epoll_wait(epoll, &events, CInt(events.count), milliseconds)
        return events.prefix(max(0, Int(count))).map(\.data.u64)
    }
}

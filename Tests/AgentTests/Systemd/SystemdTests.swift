// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import Logging
import Synchronization
import SystemPackage
import Testing

@testable import Agent

/// The other end of sd_notify.
final class NotifySocket: Sendable {
    let address: String
    private let descriptor: CInt

    init(_ address: String) throws {
        self.address = address
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        let bound = try #require(UnixSocketAddress(address)).withUnsafe { bind(descriptor, $0, $1) }
        try #require(bound == 0)
        // A test that waits for nothing fails instead of hanging. With all tests at once on few processors, a message may
        // well take its time.
        var limit = timeval(tv_sec: 300, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit { close(descriptor) }

    /// The next message.
    func next() -> String {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        return String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
    }
}

@Suite("sd_notify")
struct ServiceNotifierTests {
    @Test("States go out as one message, to a path or an abstract name")
    func messages() throws {
        let directory = try TemporaryDirectory()
        for address in [directory.path.appending("notify").string, "@tasknet-test-\(UUID().uuidString)"] {
            let socket = try NotifySocket(address)
            let notifier = try #require(ServiceNotifier(environment: ["NOTIFY_SOCKET": address]))
            notifier.notify(.ready, .status("2 tasks\nREADY=0"))
            #expect(socket.next() == "READY=1\nSTATUS=2 tasks READY=0")
            notifier.notify(.reloading(monotonicMicroseconds: 5))
            #expect(socket.next() == "RELOADING=1\nMONOTONIC_USEC=5")
            notifier.notify(.stopping)
            #expect(socket.next() == "STOPPING=1")
        }
    }

    @Test("Without systemd nothing is sent, and a systemd that is gone is no error")
    func absent() throws {
        #expect(ServiceNotifier(environment: [:]) == nil)
        #expect(ServiceNotifier(environment: ["NOTIFY_SOCKET": "relative"]) == nil)
        #expect(ServiceNotifier(environment: ["NOTIFY_SOCKET": "/" + String(repeating: "a", count: 200)]) == nil)
        try #require(ServiceNotifier(environment: ["NOTIFY_SOCKET": "/nonexistent/notify"])).notify(.ready)
    }

    @Test("The watchdog's interval is half of what systemd allows, and only for the process that it watches")
    func interval() {
        #expect(Watchdog.interval(["WATCHDOG_USEC": "30000000"], processID: 5) == .seconds(15))
        #expect(Watchdog.interval(["WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "5"], processID: 5) == .seconds(15))
        #expect(Watchdog.interval(["WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "6"], processID: 5) == nil)
        #expect(Watchdog.interval(["WATCHDOG_USEC": "0"], processID: 5) == nil)
        #expect(Watchdog.interval([:], processID: 5) == nil)
    }

    @Test("The watchdog hears nothing from a daemon that does not answer")
    func proof() async throws {
        let socket = try NotifySocket("@tasknet-test-\(UUID().uuidString)")
        struct NoAnswer: Error {}
        let rounds = Mutex(0)
        let watchdog = try #require(
            Watchdog(
                notifier: ServiceNotifier(environment: ["NOTIFY_SOCKET": socket.address]),
                environment: ["WATCHDOG_USEC": "2000"]
            ) {
                let round = rounds.withLock { rounds in
                    rounds += 1
                    return rounds
                }
                // The first answers, the next two do not, the last hangs until the end.
                if round == 2 || round == 3 { throw NoAnswer() }
                if round == 4 { ServiceNotifier(environment: ["NOTIFY_SOCKET": socket.address])?.notify(.status("4")) }
                if round > 4 { try await Task.sleep(for: .seconds(3600)) }
            })
        let running = Task { try await watchdog.run() }
        let messages = try await blocking { (0..<3).map { _ in socket.next() } }
        #expect(messages == ["WATCHDOG=1", "STATUS=4", "WATCHDOG=1"])
        running.cancel()
        try await running.value
    }
}

@Suite("Descriptors from systemd")
struct ListenDescriptorsTests {
    @Test("They are numbered from 3 and named")
    func names() {
        let environment = ["LISTEN_PID": "7", "LISTEN_FDS": "3", "LISTEN_FDNAMES": "control:endpoint:endpoint"]
        #expect(ListenDescriptors(environment, processID: 7).byName == ["control": [3], "endpoint": [4, 5]])
    }

    @Test(
        "What is another's, or makes no sense, is not taken",
        arguments: [
            [:], ["LISTEN_FDS": "1"], ["LISTEN_PID": "8", "LISTEN_FDS": "1"], ["LISTEN_PID": "7", "LISTEN_FDS": "-1"],
            ["LISTEN_PID": "7", "LISTEN_FDS": "99999999"], ["LISTEN_PID": "7", "LISTEN_FDS": "x"],
        ])
    func refused(environment: [String: String]) {
        #expect(ListenDescriptors(environment, processID: 7).byName.isEmpty)
    }

    @Test("Missing names are unknown")
    func unnamed() {
        #expect(ListenDescriptors(["LISTEN_PID": "7", "LISTEN_FDS": "2"], processID: 7).byName == ["unknown": [3, 4]])
    }
}

@Suite("Log lines")
struct StandardErrorLogTests {
    private func lines(_ style: StandardErrorLog.Style, _ body: (Logger) -> Void) -> String {
        let written = Written()
        var logger = Logger(label: "tasknetd") { label in
            StandardErrorLog(label: label, style: style) { text in written.text.withLock { $0 += text } }
        }
        logger.logLevel = .debug
        body(logger)
        return written.text.withLock { $0 }
    }

    private final class Written: Sendable {
        let text = Mutex("")
    }

    @Test("The journal gets a priority in front of each line")
    func journal() {
        let text = lines(.journal) { logger in
            logger.debug("a")
            logger.notice("two\nlines", metadata: ["task": "x y", "n": "1", "empty": ""])
            logger.critical("c")
        }
        #expect(
            text == """
                <7>tasknetd: a
                <5>tasknetd: two
                <5>lines empty="" n=1 task="x y"
                <2>tasknetd: c

                """)
    }

    @Test("People get the time and the level")
    func readable() throws {
        let text = lines(.readable) { $0.warning("a", metadata: ["quote": "say \"hi\"\n"]) }
        #expect(
            try /[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z warning tasknetd: a quote="say \\"hi\\"\\n"\n/.wholeMatch(
                in: text) != nil)
    }

    @Test("Standard error is the journal's only where systemd says so")
    func style() {
        #expect(StandardErrorLog.Style(environment: [:]) == .readable)
        #expect(StandardErrorLog.Style(environment: ["JOURNAL_STREAM": "1:2"]) == .readable)
        var status = stat()
        fstat(STDERR_FILENO, &status)
        let own = "\(status.st_dev):\(status.st_ino)"
        #expect(StandardErrorLog.Style(environment: ["JOURNAL_STREAM": own]) == .journal)
    }
}

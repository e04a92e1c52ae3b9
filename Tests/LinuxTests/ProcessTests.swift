// SPDX-License-Identifier: Apache-2.0
import Glibc
import Linux
import SystemPackage
import TestSupport
import Testing

struct ProcessTests {
    @Test func statusesComeBack() throws {
        #expect(try attempt(["sh", "-c", "exit 7"]).status == .exited(7))
        #expect(try attempt(["sh", "-c", "kill -KILL $$"]).status == .signaled(SIGKILL))
        #expect(ExitStatus.exited(7).code == 7)
        #expect(ExitStatus.signaled(SIGKILL).code == 137)
    }

    @Test func outputsOfBothKindsComeBackWhole() throws {
        let result = try run(["sh", "-c", "seq 1 50000; seq 1 50000 >&2"])
        #expect(result.output == result.errors)
        #expect(result.output.hasSuffix("49999\n50000\n"))
    }

    @Test func aProgramGetsItsDescriptorsAndNoOthers() throws {
        let pipe = try PipeEnds()
        let output = try PipeEnds()
        let inherited = fcntl(pipe.reading.withRaw { $0 }, F_DUPFD, 50)
        defer { close(inherited) }
        // Crosswise: the program's 5 is not what is 5 here.
        let script = "ls -l /proc/self/fd | sed -n 's/.* \\([0-9]*\\) -> .*/\\1/p' | tr '\\n' ' '; echo to five >&5"
        let program = Program(
            path: "/bin/sh", arguments: ["sh", "-c", script], environment: ["PATH=/usr/bin:/bin"],
            descriptors: [1: output.writing.withRaw { $0 }, 5: pipe.writing.withRaw { $0 }])
        let process = try program.spawn()
        let five = pipe.intoReading()
        let text = output.intoReading()
        #expect(String(decoding: try text.readToEnd(of: "output"), as: UTF8.self) == "0 1 2 3 5 ")
        #expect(String(decoding: try five.readToEnd(of: "five"), as: UTF8.self) == "to five\n")
        #expect(try process.reap() == .exited(0))
    }

    @Test func descriptorsMayChangePlaces() throws {
        let one = try PipeEnds()
        let two = try PipeEnds()
        let first = one.writing.withRaw { $0 }
        let second = two.writing.withRaw { $0 }
        let program = Program(
            path: "/bin/sh", arguments: ["sh", "-c", "echo first >&\(second); echo second >&\(first)"],
            descriptors: [first: second, second: first])
        guard first < 10, second < 10 else { return }  // What sh can name.
        let process = try program.spawn()
        let readingOne = one.intoReading()
        let readingTwo = two.intoReading()
        #expect(String(decoding: try readingOne.readToEnd(of: "one"), as: UTF8.self) == "first\n")
        #expect(String(decoding: try readingTwo.readToEnd(of: "two"), as: UTF8.self) == "second\n")
        #expect(try process.reap() == .exited(0))
    }

    @Test func environmentAndDirectoryAreWhatIsGiven() throws {
        let output = try PipeEnds()
        let program = Program(
            path: "/usr/bin/env", arguments: ["env", "-", "/bin/sh", "-c", "pwd"], environment: ["A=b"],
            descriptors: [1: output.writing.withRaw { $0 }], workingDirectory: "/usr")
        let process = try program.spawn()
        let text = output.intoReading()
        #expect(String(decoding: try text.readToEnd(of: "output"), as: UTF8.self) == "/usr\n")
        #expect(try process.reap() == .exited(0))

        let bare = try PipeEnds()
        let printer = Program(
            path: "/usr/bin/env", arguments: ["env"], environment: ["A=b"],
            descriptors: [1: bare.writing.withRaw { $0 }])
        let printing = try printer.spawn()
        let seen = bare.intoReading()
        #expect(String(decoding: try seen.readToEnd(of: "output"), as: UTF8.self) == "A=b\n")
        #expect(try printing.reap() == .exited(0))
    }

    @Test func whatCannotStartSaysSo() {
        let missing = #expect(throws: LinuxError.self) { try Program(path: "/no/such", arguments: ["such"]).spawn() }
        #expect(missing?.description == "start program /no/such: No such file or directory (ENOENT)")
        let directory = #expect(throws: LinuxError.self) { try Program(path: "/etc", arguments: ["etc"]).spawn() }
        #expect(directory?.errno == .permissionDenied)
        let cut = #expect(throws: LinuxError.self) { try Program(path: "/bin/true", arguments: ["a\0b"]).spawn() }
        #expect(cut?.errno == .invalidArgument)
    }

    @Test func handleTellsLifeAndDeath() throws {
        let process = try Program(path: "/bin/sleep", arguments: ["sleep", "1000"]).spawn()
        #expect(process.isAlive)
        #expect(try process.waitForExit(until: .now + .milliseconds(1)) == false)
        let again = try ProcessHandle(pid: process.pid, startTime: process.startTime)
        #expect(try again.signal(SIGKILL))
        #expect(try again.waitForExit())
        #expect(!process.isAlive, "a zombie has ended")
        #expect(try process.reap() == .signaled(SIGKILL))
        #expect(try again.signal(SIGTERM) == false)
        let gone = #expect(throws: LinuxError.self) {
            try ProcessHandle(pid: process.pid, startTime: process.startTime)
        }
        #expect(gone?.errno == .noSuchProcess)
        #expect(throws: LinuxError.self) { try process.reap() }
    }

    @Test func aLaterProcessOfTheSameNumberIsAnother() throws {
        let own = try ProcessHandle(pid: getpid())
        #expect(own.startTime > 0)
        let error = #expect(throws: LinuxError.self) { try ProcessHandle(pid: getpid(), startTime: own.startTime + 1) }
        #expect(
            error?.description
                == "open process \(getpid()): the number belongs to another process now (ESRCH)")
        #expect(throws: LinuxError.self) { try ProcessHandle(pid: -1) }
        #expect(throws: LinuxError.self) { try ProcessHandle(pid: CInt.max) }
    }

    @Test func exitIsAwaitedWithoutAThread() async throws {
        let processes = try (0..<20).map { _ in try Program(path: "/bin/sleep", arguments: ["sleep", "1000"]).spawn() }
        await withTaskGroup(of: Void.self) { group in
            for process in processes {
                group.addTask { await process.exited() }
            }
            for process in processes { _ = try? process.signal(SIGTERM) }
        }
        for process in processes { #expect(try process.reap() == .signaled(SIGTERM)) }
    }

    @Test func awaitingEndsWithItsTask() async throws {
        let process = try Program(path: "/bin/sleep", arguments: ["sleep", "1000"]).spawn()
        let waiting = Task { await process.exited() }
        waiting.cancel()
        await waiting.value
        #expect(process.isAlive)
        try process.signal(SIGKILL)
        #expect(try process.reap() == .signaled(SIGKILL))
    }
}

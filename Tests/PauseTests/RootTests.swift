// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import Linux
import Pause
import SystemPackage
import TestSupport
import Testing

/// A container's root file system, made of an image's directory.
@Suite(.requiresRoot, .serialized, .timeLimit(.minutes(2)))
struct RootTests {
    /// A layer on tmpfs, which every kernel takes, wherever the tests' directory lies.
    private func withImage(_ body: (PausedTask, ImageRoot) async throws -> Void) async throws {
        try await PausedTask.with { (task) async throws in
            let layers = task.host.directory.appending("layers")
            mkdir(layers.string, 0o755)
            try run(["mount", "-t", "tmpfs", "none", layers.string])
            try await body(task, try ImageRoot(in: task.host, layers: layers))
        }
    }

    @Test func changesGoToTheLayerAndTheImageStays() async throws {
        try await withImage { (task, image) async throws in
            let before = try image.contents()
            let script = "echo changed > /etc/group; mkdir /made; echo hello > /made/file; cat /made/file"
            let launch = image.launch(task.shell(script))
            let child = try await task.pause.start(launch)
            #expect(child.root == .overlay)
            #expect(try await task.finish("main") == (.exited(0), "hello\n"))
            #expect(try image.contents() == before)
            #expect(
                try String(contentsOfFile: image.path.appending("etc/group").string, encoding: .utf8) != "changed\n")
            let upper = image.upper
            #expect(try String(contentsOfFile: upper.appending("etc/group").string, encoding: .utf8) == "changed\n")
            // A second one in the same layer finds them.
            #expect(try await task.run(image.launch(task.shell("cat /made/file"))).output == "hello\n")
        }
    }

    @Test func aLayerThatCannotBeOneIsReplacedByMemory() async throws {
        try await withImage { (task, image) async throws in
            // An overlay is no upper layer of another one.
            let overlay = task.host.directory.appending("overlay")
            for path in [overlay, overlay.appending("mount")] { mkdir(path.string, 0o755) }
            let layers = image.upper.removingLastComponent()
            for name in ["top", "worktop"] { mkdir(layers.appending(name).string, 0o755) }
            try run([
                "mount", "-t", "overlay", "none", "-o",
                "lowerdir=\(layers),upperdir=\(layers)/top,workdir=\(layers)/worktop",
                overlay.appending("mount").string,
            ])
            var launch = image.launch(task.shell("echo x > /file; cat /file"))
            let upper = overlay.appending("mount").appending("up")
            let work = overlay.appending("mount").appending("wk")
            mkdir(upper.string, 0o755)
            mkdir(work.string, 0o755)
            launch.root = .directory(image.path, layer: .init(upper: upper, work: work))
            let child = try await task.pause.start(launch)
            #expect(child.root == .tmpfs)
            #expect(try await task.finish("main") == (.exited(0), "x\n"))
            #expect(try FileManager.default.contentsOfDirectory(atPath: upper.string).isEmpty)

            launch.root = .directory(image.path)
            #expect(try await task.pause.start(launch).root == .tmpfs)
            #expect(try await task.finish("main") == (.exited(0), "x\n"))
            #expect(try !image.contents().contains("file"))
        }
    }

    @Test func nothingOfTheHostIsThere() async throws {
        try await withImage { (task, image) async throws in
            let script = """
                ls / | while read name; do echo $name; done
                cat /proc/self/mountinfo | grep -c tasknet-test || true
                echo $$
                """
            let (_, output) = try await task.run(image.launch(task.shell(script)))
            #expect(output == "bin\ndev\netc\nhome\nproc\nsys\n0\n2\n")
            #expect(try await task.run(image.launch(task.shell("pwd; ls /.. | head -1"))).output == "/\nbin\n")
        }
    }

    @Test func hasTheUsualDevices() async throws {
        try await withImage { (task, image) async throws in
            let script = """
                exec 2>&1
                ls /dev
                for device in null zero full random urandom tty; do stat -c '%n %t:%T %a' /dev/$device; done
                echo gone > /dev/null; head -c 3 /dev/zero | od -An -tx1; ! echo > /dev/full; head -c 4 /dev/urandom | wc -c
                echo through stdout > /dev/stdout; echo through stderr > /dev/stderr
                stat -c %a /dev/shm /dev/pts/ptmx
                : < /dev/ptmx; echo > /dev/shm/file; ls /dev/shm
                """
            let (status, output) = try await task.run(image.launch(task.shell(script)))
            #expect(status == .exited(0))
            #expect(
                output == """
                    fd
                    full
                    mqueue
                    null
                    ptmx
                    pts
                    random
                    shm
                    stderr
                    stdin
                    stdout
                    tty
                    urandom
                    zero
                    /dev/null 1:3 666
                    /dev/zero 1:5 666
                    /dev/full 1:7 666
                    /dev/random 1:8 666
                    /dev/urandom 1:9 666
                    /dev/tty 5:0 666
                     00 00 00
                    sh: write error: No space left on device
                    4
                    through stdout
                    through stderr
                    1777
                    666
                    file

                    """)
        }
    }

    @Test func theKernelsSecretsAreOutOfReach() async throws {
        try await withImage { (task, image) async throws in
            let script = """
                for f in /proc/sys/kernel/hostname /proc/sysrq-trigger /proc/irq/x /sys/kernel/x; do
                    (: >> $f) 2>/dev/null && echo "could write $f"
                done
                for f in kcore keys timer_list sched_debug latency_stats interrupts; do
                    [ ! -e /proc/$f ] || [ "$(wc -c < /proc/$f)" = 0 ] || echo "could read $f"
                done
                for d in /proc/acpi /proc/scsi /sys/firmware; do [ ! -e $d ] || [ -z "$(ls $d)" ] || echo "could list $d"; done
                ls /sys/class/net
                """
            let (_, output) = try await task.run(image.launch(task.shell(script)))
            #expect(output == "lo\n")
            var launch = image.launch(task.shell("echo other > /proc/sys/kernel/hostname; wc -l < /proc/timer_list"))
            launch.command.isPrivileged = true
            #expect(try await task.run(launch).status == .exited(0))
        }
    }

    @Test func aReadOnlyRootStillHasItsMountPoints() async throws {
        try await withImage { (task, image) async throws in
            let script = """
                exec 2>/dev/null
                ! touch /file && ! touch /etc/file && ! mkdir /proc2
                cat /etc/hosts; echo ok > /data/deep/file; cat /data/deep/file; echo > /dev/null; touch /dev/shm/x
                ! echo >> /etc/hosts
                """
            var launch = image.launch(task.shell(script))
            launch.hasReadOnlyRoot = true
            let volume = task.host.directory.appending("volume")
            mkdir(volume.string, 0o755)
            launch.mounts = [.init(.bind(volume), at: "/data/deep")]
            launch.hosts = try task.file("hosts", "127.0.0.1 localhost\n")
            #expect(try await task.pause.start(launch).root == .readOnly)
            let (status, output) = try await task.finish("main")
            #expect(status == .exited(0))
            #expect(output == "127.0.0.1 localhost\nok\n")
            #expect(access(volume.appending("file").string, F_OK) == 0)
            #expect(try !image.contents().contains("data"))
        }
    }

    @Test func theTasksFilesAreInEtc() async throws {
        try await withImage { (task, image) async throws in
            let script = "cat /etc/hosts /etc/resolv.conf /etc/hostname; echo '# added' >> /etc/hosts"
            let launch = try task.withTaskFiles(image.launch(task.shell(script)))
            let (status, output) = try await task.run(launch)
            #expect(status == .exited(0))
            #expect(output == "hosts file\nresolv file\nhostname file\n")
            let hosts = try String(contentsOfFile: task.host.directory.appending("hosts").string, encoding: .utf8)
            #expect(hosts == "hosts file\n# added\n")
        }
    }

    @Test func aLinkInTheImageLeadsNowhere() async throws {
        try await withImage { (task, image) async throws in
            // To a file of the host, by every way out that a link can try.
            let outside = try task.file("outside", "outside\n")
            try image.link("../../../../../../..\(outside)", at: "etc/hosts")
            try image.link(outside.string, at: "etc/resolv.conf")
            try image.link("/nonexistent/dangling", at: "etc/hostname")
            let launch = try task.withTaskFiles(
                image.launch(task.shell("cat /etc/hosts /etc/resolv.conf /etc/hostname; echo more > /etc/resolv.conf")))
            let (status, output) = try await task.run(launch)
            #expect(status == .exited(0))
            #expect(output == "hosts file\nresolv file\nhostname file\n")
            #expect(try String(contentsOfFile: outside.string, encoding: .utf8) == "outside\n")
            #expect(
                try FileManager.default.destinationOfSymbolicLink(atPath: image.path.string + "/etc/resolv.conf")
                    == outside.string)
        }
    }

    @Test func anImageWhoseEtcIsALinkOutside() async throws {
        try await withImage { (task, image) async throws in
            let outside = task.host.directory.appending("outside-etc")
            mkdir(outside.string, 0o755)
            try FileManager.default.removeItem(atPath: image.path.appending("etc").string)
            try image.link("../../../../../../../../..\(outside)", at: "etc")
            let launch = try task.withTaskFiles(image.launch(task.shell("cat /etc/hosts")))
            // The link dangles in the container: its directory is made there, or refused, but never followed outside.
            _ = try? await task.run(launch)
            #expect(try FileManager.default.contentsOfDirectory(atPath: outside.string).isEmpty)
        }
    }

    @Test(arguments: ["proc", "sys", "dev"]) func aLinkIsNoPlaceForTheKernelsFiles(_ name: String) async throws {
        try await withImage { (task, image) async throws in
            try image.link("/etc", at: name)
            await #expect(throws: PauseError("mount \"/\(name)\": not a directory in the image", .notDirectory)) {
                try await task.pause.start(image.launch(task.shell("true")))
            }
        }
    }

    @Test func anImageWithoutEtc() async throws {
        try await withImage { (task, image) async throws in
            try FileManager.default.removeItem(atPath: image.path.appending("etc").string)
            let launch = try task.withTaskFiles(image.launch(task.shell("cat /etc/hosts; id -u; echo $HOME")))
            #expect(try await task.run(launch).output == "hosts file\n0\n/\n")
        }
    }

    @Test func mountsAreMadeFromTheTopDown() async throws {
        try await withImage { (task, image) async throws in
            let directory = task.host.directory
            for name in ["a", "a/sub", "b", "ro"] { mkdir(directory.appending(name).string, 0o755) }
            _ = try task.file("a/file", "in a\n")
            _ = try task.file("b/file", "in b\n")
            let single = try task.file("single", "single\n")
            let script = """
                cat /data/file /data/sub/file /etc/app/single.conf
                echo written > /data/sub/new
                ! echo x > /ro/new && ! echo x > /etc/app/single.conf
                touch /scratch/x; stat -c %a /scratch
                df -k /scratch | tail -1 | { read _ size _; echo $size; }
                """
            var launch = image.launch(task.shell(script))
            launch.mounts = [
                .init(.bind(directory.appending("b")), at: "/data/sub"),
                .init(.bind(directory.appending("a")), at: "/data"),
                .init(.bind(directory.appending("ro"), isReadOnly: true), at: "/ro"),
                .init(.bind(single, isReadOnly: true), at: "/etc/app/single.conf"),
                .init(.tmpfs(size: 1 << 20), at: "/scratch"),
            ]
            let (status, output) = try await task.run(launch)
            #expect(status == .exited(0))
            #expect(output.hasPrefix("in a\nin b\nsingle\n"))
            #expect(output.contains("1777\n") && output.contains("1024\n"))
            #expect(try String(contentsOfFile: directory.string + "/b/new", encoding: .utf8) == "written\n")
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory.string + "/ro").isEmpty)
        }
    }

    @Test func readOnlyHoldsForWhatIsMountedBelow() async throws {
        try await withImage { (task, image) async throws in
            let outer = task.host.directory.appending("outer")
            let inner = outer.appending("inner")
            mkdir(outer.string, 0o755)
            mkdir(inner.string, 0o755)
            try run(["mount", "-t", "tmpfs", "none", inner.string])
            var launch = image.launch(task.shell("! touch /outer/inner/x"))
            launch.mounts = [.init(.bind(outer, isReadOnly: true), at: "/outer")]
            #expect(try await task.run(launch).status == .exited(0))
            #expect(try FileManager.default.contentsOfDirectory(atPath: inner.string).isEmpty)
        }
    }

    @Test func aPathWithOverlaysOwnSigns() async throws {
        try await withImage { (task, image) async throws in
            let odd = task.host.directory.appending("a:b,c\\d e=f")
            try FileManager.default.moveItem(atPath: image.path.string, toPath: odd.string)
            var launch = image.launch(task.shell("echo fine > /x; cat /x"))
            launch.root = .directory(odd, layer: .init(upper: image.upper, work: image.work))
            #expect(try await task.pause.start(launch).root == .overlay)
            #expect(try await task.finish("main").output == "fine\n")
        }
    }

    @Test func sharedMemoryIsAsLargeAsItIsAskedFor() async throws {
        try await withImage { (task, image) async throws in
            var launch = image.launch(task.shell("df -k /dev/shm | tail -1 | { read _ size _; echo $size; }"))
            #expect(try await task.run(launch).output == "65536\n")
            launch.sharedMemorySize = 2 << 20
            #expect(try await task.run(launch).output == "2048\n")
        }
    }
}

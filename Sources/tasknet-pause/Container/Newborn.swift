// SPDX-License-Identifier: Apache-2.0
import CLinux

/// A process between its fork and its command.
struct Newborn {
    let birth: Int32
    let death: Int32
    let specification: Int32
    /// -1: the null device.
    var output: Int32 = -1
    var errors: Int32 = -1
    /// A pidfd of the container to enter; -1 for the init of a new one.
    var target: Int32 = -1

    func run() -> Never {
        do throws(Failure) {
            closeDescriptors(except: [birth, death, specification, output, errors, target])
            let specification = try Specification(descriptor: specification, isContainer: target < 0)
            if target >= 0 {
                try check(setns(target, CLONE_NEWNS), "enter the container's mount namespace")
                try Command(specification, output: output, errors: errors).execute()
            }
            try becomeInit(specification)
        } catch {
            fail(error)
        }
    }

    private func fail(_ failure: Failure) -> Never {
        Birth.sendFailure(failure, to: birth)
        _exit(127)
    }

    /// Builds the container around itself, starts its main process and waits for its end.
    private func becomeInit(_ specification: Specification) throws(Failure) -> Never {
        // No container outlives the pause process: there would be nobody to keep its exit code and its log.
        try check(tasknet_prctl(PR_SET_PDEATHSIG, UInt(SIGKILL)), "prctl")
        Init.setName()
        let root = try RootFileSystem(specification).mount()

        var descriptor: Int32 = -1
        let main = tasknet_fork(UInt64(CLONE_PIDFD), &descriptor)
        try check(main, "fork")
        if main == 0 {
            close(death)
            do throws(Failure) {
                try Command(specification, output: output, errors: errors).execute()
            } catch {
                fail(error)
            }
        }
        guard Birth.sendMain(descriptor, root: root, to: birth) else { _exit(125) }
        closeDescriptors(except: [death, birth])
        for standard: Int32 in 0...2 { close(standard) }
        let initProcess = Init(main: main, death: death)
        specification.release()
        initProcess.giveUpRights()
        // Last of all: the start is answered when nobody holds it any more, and by then this process has nothing left.
        close(birth)
        initProcess.run()
    }
}

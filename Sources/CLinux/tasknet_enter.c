// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE 1

#include "tasknet_enter.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <linux/close_range.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

// In the order in which they are done. The child tells by number which one failed.
static const char *const steps[] = {
    "start a process",          "enter the namespaces", "change the user",
    "reduce the capabilities",  "stay with us",         "run",
};
enum step { STEP_START, STEP_ENTER, STEP_USER, STEP_CAPABILITIES, STEP_DEATH, STEP_RUN };

struct failure {
    enum step step;
    int error;
};

// A program of root's gets on execve(2) what the bounding set leaves, any other gets nothing: so this set is the limit.
static int limit_capabilities(uint64_t allowed) {
    for (int bit = 0; bit < 64 && prctl(PR_CAPBSET_READ, bit, 0, 0, 0) >= 0; bit++)
        if (!(allowed >> bit & 1) && prctl(PR_CAPBSET_DROP, bit, 0, 0, 0) != 0) return -1;
    return 0;
}

// In the child. Returns the step that failed, with errno set; otherwise not at all.
static enum step become(const struct tasknet_entry *entry, pid_t parent) {
    int others = entry->namespaces & ~CLONE_NEWPID;
    if (others != 0 && setns(entry->process, others) != 0) return STEP_ENTER;
    if (chdir(entry->directory) != 0 && chdir("/") != 0) return STEP_ENTER;
    if (entry->changes_identity) {
        if (limit_capabilities(entry->capabilities) != 0) return STEP_CAPABILITIES;
        if (setgroups(entry->group_count, entry->groups) != 0) return STEP_USER;
        if (setresgid(entry->group, entry->group, entry->group) != 0) return STEP_USER;
        if (setresuid(entry->user, entry->user, entry->user) != 0) return STEP_USER;
        if (entry->no_new_privileges && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return STEP_CAPABILITIES;
    }
    if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0) return STEP_DEATH;
    // Our death before that would go unnoticed. From another pid namespace the parent's number is seen as 0.
    pid_t seen = getppid();
    if (seen != parent && seen != 0) _exit(128 + SIGKILL);

    sigset_t none;
    sigemptyset(&none);
    for (int number = 1; number < NSIG; number++) signal(number, SIG_DFL);
    sigprocmask(SIG_SETMASK, &none, NULL);
    // What our caller left open is not the program's.
    if (close_range(STDERR_FILENO + 1, UINT_MAX, CLOSE_RANGE_CLOEXEC) != 0) return STEP_RUN;
    environ = (char **)entry->environment;
    execvp(entry->arguments[0], entry->arguments);
    return STEP_RUN;
}

// The program that runs, for the handler. One at a time: there is one terminal.
static _Atomic pid_t attended;
// A signal that came when there was no program yet; another thread than the one that holds it back may have got it.
static _Atomic int waiting;

static void pass_on_waiting(void) {
    pid_t program = attended;
    if (program <= 0) return;
    int number = atomic_exchange(&waiting, 0);
    if (number != 0) kill(program, number);
}

static void pass_on(int number) {
    int error = errno;
    waiting = number;
    pass_on_waiting();
    errno = error;
}

// In a child of ours: its namespace of processes is the calling thread's, as far as new children go, only for the fork.
static pid_t fork_within(const struct tasknet_entry *entry) {
    if (!(entry->namespaces & CLONE_NEWPID)) return fork();
    int home = open("/proc/self/ns/pid", O_RDONLY | O_CLOEXEC);
    if (home < 0) return -1;
    pid_t child = setns(entry->process, CLONE_NEWPID) == 0 ? fork() : -1;
    if (child != 0) {
        int error = errno;
        if (setns(home, CLONE_NEWPID) != 0 && child < 0) error = errno;
        close(home);
        errno = error;
    }
    return child;
}

int tasknet_enter_and_run(const struct tasknet_entry *entry, int *status, const char **failed) {
    *failed = steps[STEP_START];
    int report[2];
    if (pipe2(report, O_CLOEXEC) != 0) return -1;
    // Held back until it is known whom they are passed on to.
    const int passed_on[] = {SIGTERM, SIGHUP, SIGUSR1, SIGUSR2};
    enum { PASSED_ON = sizeof passed_on / sizeof *passed_on };
    struct sigaction former[PASSED_ON];
    sigset_t held, before;
    sigemptyset(&held);
    for (int index = 0; index < PASSED_ON; index++) sigaddset(&held, passed_on[index]);
    pthread_sigmask(SIG_BLOCK, &held, &before);
    for (int index = 0; index < PASSED_ON; index++) {
        struct sigaction action = {.sa_handler = pass_on};
        sigaction(passed_on[index], &action, &former[index]);
    }
    pid_t self = getpid();
    pid_t child = fork_within(entry);
    if (child == 0) {
        struct failure failure = {.step = become(entry, self)};
        failure.error = errno;
        ssize_t written = write(report[1], &failure, sizeof failure);
        _exit(written == sizeof failure ? 127 : 126);
    }
    int error = errno;
    close(report[1]);
    attended = child;
    pass_on_waiting();
    // The terminal's own signals are the program's affair.
    void (*interrupt)(int) = signal(SIGINT, SIG_IGN);
    void (*quit)(int) = signal(SIGQUIT, SIG_IGN);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    int result = -1;
    if (child > 0) {
        do result = waitpid(child, status, 0);
        while (result < 0 && errno == EINTR);
        error = errno;
        struct failure failure;
        if (read(report[0], &failure, sizeof failure) == sizeof failure) {
            *failed = steps[failure.step];
            result = -1;
            error = failure.error;
        }
    }
    attended = 0;
    waiting = 0;
    for (int index = 0; index < PASSED_ON; index++) sigaction(passed_on[index], &former[index], NULL);
    signal(SIGINT, interrupt);
    signal(SIGQUIT, quit);
    close(report[0]);
    errno = error;
    return result < 0 ? -1 : 0;
}

int tasknet_run_from_read_only_file(char *const *arguments) {
    const char *path = "/proc/self/exe";
    struct statvfs status;
    if (statvfs(path, &status) != 0) return -1;
    if (status.f_flag & ST_RDONLY) return 0;
    int file = open_tree(AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
    if (file < 0) return -1;
    struct mount_attr attributes = {.attr_set = MOUNT_ATTR_RDONLY};
    if (mount_setattr(file, "", AT_EMPTY_PATH, &attributes, sizeof attributes) == 0)
        execveat(file, "", arguments, environ, AT_EMPTY_PATH);
    int error = errno;
    close(file);
    errno = error;
    return -1;
}

// SPDX-License-Identifier: Apache-2.0
// A program in the namespaces of another process, on our terminal.
#ifndef TASKNET_ENTER_H
#define TASKNET_ENTER_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/// What is to run, and where. All pointers are borrowed for the call.
struct tasknet_entry {
    /// pidfd of a process in the namespaces.
    int process;
    /// CLONE_NEW* of those to enter. With CLONE_NEWNS the process's root becomes the program's.
    int namespaces;
    /// Ends with NULL. The first is the program, looked up in the PATH of `environment` after everything was entered.
    char *const *arguments;
    char *const *environment;
    /// Where it begins; what is not there is passed over, and it begins in `/`.
    const char *directory;
    /// Whether the four members below count. The program runs as we do otherwise.
    int changes_identity;
    uid_t user;
    gid_t group;
    const gid_t *groups;
    size_t group_count;
    /// Bits of the capabilities that it may have at all.
    uint64_t capabilities;
    int no_new_privileges;
};

/// Runs it in the foreground and waits for its end. SIGTERM, SIGHUP, SIGUSR1 and SIGUSR2 that come meanwhile are passed
/// on; what the terminal sends reaches it by itself. It does not outlive us.
///
/// Returns 0 and the status of waitpid(2) when it ran; -1 with errno set, and what failed, when it did not.
int tasknet_enter_and_run(const struct tasknet_entry *entry, int *status, const char **failed);

/// Runs this program again, with the same environment, from a read-only mount of its own file that hangs nowhere. What a
/// container is told to run may be /proc/self/exe, which is this program on the host: nobody must be able to write to it
/// through that link.
///
/// Returns 0 when it runs from a file that cannot be written to already; -1 with errno set; not at all when it runs again.
int tasknet_run_from_read_only_file(char *const *arguments);

#endif

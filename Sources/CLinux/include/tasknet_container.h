// SPDX-License-Identifier: Apache-2.0
// What tasknet-pause needs of the C library and the kernel: Embedded Swift has no Glibc module, so the headers are named
// here, and variadic functions, macros with arguments and system calls without a C function get one.
// Each returns what the system call returns, with errno set.
//
// For that program only, which is compiled with TASKNET_CONTAINER and _GNU_SOURCE: the latter gives some of glibc's types
// another shape than Swift's Glibc module.
#ifndef TASKNET_CONTAINER_H
#define TASKNET_CONTAINER_H
#ifdef TASKNET_CONTAINER

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/// The arguments of this process, as they lie in its memory.
int tasknet_argument_count(void);
char **tasknet_argument_values(void);

int tasknet_openat(int directory, const char *path, int flags, mode_t mode);
int tasknet_prctl(int operation, unsigned long argument);
/// Default action for a signal: rt_sigaction(2), also for the two that the C library keeps for itself.
int tasknet_reset_signal(int signal);
int tasknet_set_nonblocking(int descriptor);
int tasknet_set_rlimit(int resource, uint64_t soft, uint64_t hard);

/// fork(2) with clone3(2)'s flags. With CLONE_PIDFD, `pidfd` receives the descriptor.
pid_t tasknet_fork(uint64_t flags, int *pidfd);
/// execveat(2) of the file itself, with an empty environment.
int tasknet_execute(int descriptor, char *const *arguments);

int tasknet_wait_exit_code(int status);
int tasknet_wait_signal(int status);

/// keyctl(2), KEYCTL_JOIN_SESSION_KEYRING: a new one without a name.
int tasknet_new_session_keyring(void);

int tasknet_pivot_root(const char *new_root, const char *put_old);
int tasknet_mount_set_read_only(int directory, const char *path, unsigned flags);

/// The capability sets of this thread. Bits above the kernel's last one are ignored.
int tasknet_set_capabilities(uint64_t permitted, uint64_t effective, uint64_t inheritable);
int tasknet_get_permitted_capabilities(uint64_t *permitted);

#endif
#endif

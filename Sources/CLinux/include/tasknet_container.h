// SPDX-License-Identifier: Apache-2.0
// What tasknet-pause needs of the C library and the kernel: Embedded Swift has no Glibc module, so the headers are named
// here, and variadic functions, macros with arguments and system calls without a C function get one.
// Each returns what the system call returns, with errno set.
#ifndef TASKNET_CONTAINER_H
#define TASKNET_CONTAINER_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif

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
int tasknet_seals(int descriptor);
int tasknet_set_nonblocking(int descriptor);
int tasknet_set_rlimit(int resource, uint64_t soft, uint64_t hard);

/// fork(2) with clone3(2)'s flags. With CLONE_PIDFD, `pidfd` receives the descriptor.
pid_t tasknet_fork(uint64_t flags, int *pidfd);
int tasknet_pidfd_send_signal(int pidfd, int signal);
/// execveat(2) of the file itself, with an empty environment.
int tasknet_execute(int descriptor, char *const *arguments);

int tasknet_wait_exited(int status);
int tasknet_wait_exit_code(int status);
int tasknet_wait_signal(int status);

int tasknet_pivot_root(const char *new_root, const char *put_old);
int tasknet_mount_set_read_only(int directory, const char *path, unsigned flags);

/// The capability sets of this thread. Bits above the kernel's last one are ignored.
int tasknet_set_capabilities(uint64_t permitted, uint64_t effective, uint64_t inheritable);
int tasknet_get_permitted_capabilities(uint64_t *permitted);

/// A SOCK_SEQPACKET socket bound to or connected with `path`: ENAMETOOLONG when it does not fit.
int tasknet_bind(int socket, const char *path);
int tasknet_connect(int socket, const char *path);
/// accept4(2), close-on-exec and nonblocking.
int tasknet_accept(int socket);
/// The process at the other end: pid and uid.
int tasknet_peer(int socket, pid_t *pid, uid_t *uid);

/// sendmsg(2) without SIGPIPE; `descriptor` goes along unless it is negative.
ssize_t tasknet_send(int socket, const void *bytes, size_t count, int descriptor);
/// recvmsg(2), nonblocking. The first descriptor that came along, close-on-exec, or -1; further ones are closed.
/// `flags` receives MSG_TRUNC, MSG_CTRUNC.
ssize_t tasknet_receive(int socket, void *bytes, size_t count, int *descriptor, int *flags);

#endif

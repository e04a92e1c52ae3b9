// SPDX-License-Identifier: Apache-2.0
// System calls and constants that Swift's Glibc module cannot see, because glibc hides them behind _GNU_SOURCE, because
// they are macros with arguments, or because it has no function for them.
//
// This header does not define it either: that would give some of glibc's types another shape than Swift's Glibc module.
//
// What returns an int returns -1 and sets errno on failure, like the call that it stands for.
#ifndef TASKNET_CLINUX_H
#define TASKNET_CLINUX_H

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/magic.h>
#include <linux/sched.h>
#include <malloc.h>
#include <spawn.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/types.h>

#include "tasknet_pause.h"

// Namespaces.

/// setns(2).
int tasknet_setns(int fd, int type);

/// unshare(2).
int tasknet_unshare(int flags);

/// What the calling thread has noted last; -1 where it has noted nothing.
int tasknet_entered_namespace(void);

/// Notes the descriptor of the network namespace that the calling thread has gone into; -1 when it is back.
void tasknet_note_entered_namespace(int fd);

/// The CLONE_NEW* constant of the namespace behind a descriptor: ioctl NS_GET_NSTYPE. ENOTTY: not a namespace.
int tasknet_namespace_type(int fd);

/// The number of the network namespace that the calling thread is in, which no other has until the next boot: getsockopt
/// SO_NETNS_COOKIE. ENOPROTOOPT: the kernel has none (before Linux 5.14).
int tasknet_namespace_cookie(uint64_t *cookie);

// Files.

extern const int TASKNET_O_PATH;

/// open(2), which is variadic.
int tasknet_open(const char *path, int flags, mode_t mode);

/// fstatfs(2): only the type, one of linux/magic.h.
int tasknet_filesystem_type(int fd, unsigned long *type);

/// pipe2(2) with O_CLOEXEC.
int tasknet_pipe(int fds[2]);

/// A duplicate at or above a number, closed on exec: fcntl(2) F_DUPFD_CLOEXEC.
int tasknet_duplicate(int fd, int lowest);

// TAP links.

/// Makes a TAP link that stays when the descriptor of /dev/net/tun is closed: ioctls TUNSETIFF (with the virtio header,
/// as virtual machines want it), TUNSETOWNER, TUNSETGROUP and TUNSETPERSIST. EBUSY: there is one of that name.
int tasknet_tap_create(int fd, const char *name, uid_t owner, gid_t group);

// Processes.

/// pidfd_open(2).
int tasknet_pidfd_open(pid_t pid, unsigned flags);

/// pidfd_send_signal(2).
int tasknet_pidfd_send_signal(int pidfd, int signal);

/// posix_spawn_file_actions_addclosefrom_np(3), which returns the error.
int tasknet_spawn_close_from(posix_spawn_file_actions_t *actions, int lowest);

/// posix_spawn_file_actions_addchdir_np(3), which returns the error.
int tasknet_spawn_change_directory(posix_spawn_file_actions_t *actions, const char *path);

extern const short TASKNET_POSIX_SPAWN_SETSID;

// Sockets.

/// What came back for something that a socket has sent. The corresponding C type is struct sock_extended_err.
struct tasknet_socket_error {
    int error;
    /// Whether it was ICMP of either IP version, and not this host's own finding.
    int is_icmp;
    uint8_t type;
    uint8_t code;
    /// Who said so, as many bytes as its IP version's addresses have, and their number; 0 where nobody did.
    uint8_t offender[16];
    int offender_length;
};

/// The next entry of a socket's error queue (IP_RECVERR, IPV6_RECVERR): recvmsg(2) with MSG_ERRQUEUE. EAGAIN: it is empty.
int tasknet_socket_error_next(int fd, struct tasknet_socket_error *found);

/// The next datagram of a netlink socket, without waiting: recvmsg(2) with MSG_DONTWAIT. The number that the socket's
/// namespace has for the one that it is from is the control message NETLINK_LISTEN_ALL_NSID; -1 where it has none. ENOBUFS: the
/// kernel has dropped some, or it is larger than the buffer.
ssize_t tasknet_netlink_receive(int fd, void *buffer, size_t size, uint32_t *port, int32_t *namespace_id);

// Errors.

/// "ENOENT" for ENOENT; NULL for a number that is no error.
const char *tasknet_errno_name(int error);

#endif

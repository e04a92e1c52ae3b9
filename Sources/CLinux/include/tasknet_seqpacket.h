// SPDX-License-Identifier: Apache-2.0
// Sockets that keep messages apart (SOCK_SEQPACKET on a unix path), and the sealed memory that travels beside a message.
// What returns an int or a size returns -1 and sets errno on failure.
#ifndef TASKNET_SEQPACKET_H
#define TASKNET_SEQPACKET_H

#include <stddef.h>
#include <sys/types.h>

/// socket(2), closed on exec and nonblocking.
int tasknet_seqpacket_socket(void);

/// bind(2) and connect(2): ENAMETOOLONG when the path does not fit, EINVAL when it is empty.
int tasknet_seqpacket_bind(int socket, const char *path);
int tasknet_seqpacket_connect(int socket, const char *path);
/// accept4(2), close-on-exec and nonblocking.
int tasknet_seqpacket_accept(int socket);
/// The process at the other end: pid and uid.
int tasknet_seqpacket_peer(int socket, pid_t *pid, uid_t *uid);

/// sendmsg(2) without SIGPIPE; `descriptor` goes along unless it is negative.
ssize_t tasknet_seqpacket_send(int socket, const void *bytes, size_t count, int descriptor);
/// recvmsg(2), nonblocking. The first descriptor that came along, close-on-exec, or -1; further ones are closed.
/// `flags` receives MSG_TRUNC, MSG_CTRUNC.
ssize_t tasknet_seqpacket_receive(int socket, void *bytes, size_t count, int *descriptor, int *flags);

/// A memfd with these bytes that nobody can change any more.
int tasknet_sealed_memory(const char *name, const void *bytes, size_t count);
/// Whether a descriptor is such memory.
int tasknet_is_sealed_memory(int descriptor);

#endif

// SPDX-License-Identifier: Apache-2.0
// Who is at the other end of a unix socket.
#ifndef TASKNET_PEER_H
#define TASKNET_PEER_H

// Plain C types (pid_t, uid_t and gid_t are these): <sys/types.h> under _GNU_SOURCE defines fd_set otherwise than
// Swift's Glibc module has it, and a file that imports both does not compile.

/// getsockopt(2) SO_PEERCRED: the process as it was at connect(2). -1 and errno on failure.
int tasknet_peer_credentials(int fd, int *pid, unsigned *uid, unsigned *gid);

/// getsockopt(2) SO_PEERGROUPS: the supplementary groups. Returns how many there are; none are stored where they do not
/// all fit. -1 and errno on failure.
int tasknet_peer_groups(int fd, unsigned *groups, int capacity);

#endif

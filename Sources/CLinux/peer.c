// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE 1

#include "tasknet_peer.h"

#include <errno.h>
#include <sys/socket.h>

int tasknet_peer_credentials(int fd, int *pid, unsigned *uid, unsigned *gid) {
    struct ucred peer;
    socklen_t length = sizeof peer;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0) return -1;
    *pid = peer.pid;
    *uid = peer.uid;
    *gid = peer.gid;
    return 0;
}

int tasknet_peer_groups(int fd, unsigned *groups, int capacity) {
    _Static_assert(sizeof(gid_t) == sizeof *groups, "gid_t is an unsigned int on Linux");
    socklen_t length = (socklen_t)capacity * sizeof *groups;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &length) != 0 && errno != ERANGE) return -1;
    return (int)(length / sizeof *groups);
}

// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE 1

#include "clinux.h"

#include <errno.h>
#include <linux/errqueue.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <linux/netlink.h>
#include <linux/nsfs.h>
#include <netinet/in.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

int setns(int fd, int type);
int unshare(int flags);

const int TASKNET_O_PATH = O_PATH;
const short TASKNET_POSIX_SPAWN_SETSID = POSIX_SPAWN_SETSID;

int tasknet_setns(int fd, int type) { return setns(fd, type); }

int tasknet_unshare(int flags) { return unshare(flags); }

static _Thread_local int entered_namespace = -1;

int tasknet_entered_namespace(void) { return entered_namespace; }

void tasknet_note_entered_namespace(int fd) { entered_namespace = fd; }

int tasknet_namespace_type(int fd) { return ioctl(fd, NS_GET_NSTYPE); }

int tasknet_namespace_cookie(uint64_t *cookie) {
#ifdef SO_NETNS_COOKIE
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    socklen_t size = sizeof *cookie;
    int result = getsockopt(fd, SOL_SOCKET, SO_NETNS_COOKIE, cookie, &size);
    int error = errno;
    close(fd);
    errno = error;
    return result;
#else
    (void)cookie;
    errno = ENOPROTOOPT;
    return -1;
#endif
}

int tasknet_open(const char *path, int flags, mode_t mode) { return open(path, flags, mode); }

int tasknet_filesystem_type(int fd, unsigned long *type) {
    struct statfs status;
    if (fstatfs(fd, &status) != 0)
        return -1;
    *type = (unsigned long)status.f_type;
    return 0;
}

int tasknet_tap_create(int fd, const char *name, uid_t owner, gid_t group) {
    struct ifreq request = {.ifr_flags = (short)(IFF_TAP | IFF_VNET_HDR | IFF_ONE_QUEUE | IFF_TUN_EXCL)};
    strncpy(request.ifr_name, name, IFNAMSIZ - 1);
    if (ioctl(fd, TUNSETIFF, &request) != 0 || ioctl(fd, TUNSETOWNER, (unsigned long)owner) != 0 ||
        ioctl(fd, TUNSETGROUP, (unsigned long)group) != 0)
        return -1;
    return ioctl(fd, TUNSETPERSIST, 1);
}

int tasknet_pipe(int fds[2]) { return pipe2(fds, O_CLOEXEC); }

int tasknet_duplicate(int fd, int lowest) { return fcntl(fd, F_DUPFD_CLOEXEC, lowest); }

int tasknet_pidfd_open(pid_t pid, unsigned flags) { return (int)syscall(SYS_pidfd_open, pid, flags); }

int tasknet_pidfd_send_signal(int pidfd, int signal) {
    return (int)syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0);
}

int tasknet_spawn_close_from(posix_spawn_file_actions_t *actions, int lowest) {
    return posix_spawn_file_actions_addclosefrom_np(actions, lowest);
}

int tasknet_spawn_change_directory(posix_spawn_file_actions_t *actions, const char *path) {
    return posix_spawn_file_actions_addchdir_np(actions, path);
}

const char *tasknet_errno_name(int error) { return strerrorname_np(error); }

int tasknet_socket_error_next(int fd, struct tasknet_socket_error *found) {
    char payload[64];
    union {
        char bytes[512];
        struct cmsghdr align;
    } control;
    struct iovec vector = {.iov_base = payload, .iov_len = sizeof payload};
    struct msghdr message = {.msg_iov = &vector,
                             .msg_iovlen = 1,
                             .msg_control = control.bytes,
                             .msg_controllen = sizeof control.bytes};
    memset(found, 0, sizeof *found);
    if (recvmsg(fd, &message, MSG_ERRQUEUE | MSG_DONTWAIT) < 0)
        return -1;
    for (struct cmsghdr *header = CMSG_FIRSTHDR(&message); header != NULL; header = CMSG_NXTHDR(&message, header)) {
        int is_v4 = header->cmsg_level == IPPROTO_IP && header->cmsg_type == IP_RECVERR;
        int is_v6 = header->cmsg_level == IPPROTO_IPV6 && header->cmsg_type == IPV6_RECVERR;
        struct sock_extended_err error;
        if ((!is_v4 && !is_v6) || header->cmsg_len < CMSG_LEN(sizeof error))
            continue;
        memcpy(&error, CMSG_DATA(header), sizeof error);
        found->error = (int)error.ee_errno;
        found->is_icmp = error.ee_origin == SO_EE_ORIGIN_ICMP || error.ee_origin == SO_EE_ORIGIN_ICMP6;
        found->type = error.ee_type;
        found->code = error.ee_code;
        // The offender's address follows.
        size_t rest = header->cmsg_len - CMSG_LEN(sizeof error);
        const unsigned char *address = CMSG_DATA(header) + sizeof error;
        sa_family_t family = 0;
        if (rest >= sizeof family)
            memcpy(&family, address, sizeof family);
        if (family == AF_INET && rest >= sizeof(struct sockaddr_in)) {
            memcpy(found->offender, address + offsetof(struct sockaddr_in, sin_addr), 4);
            found->offender_length = 4;
        } else if (family == AF_INET6 && rest >= sizeof(struct sockaddr_in6)) {
            memcpy(found->offender, address + offsetof(struct sockaddr_in6, sin6_addr), 16);
            found->offender_length = 16;
        }
        return 0;
    }
    errno = ENOMSG;
    return -1;
}

ssize_t tasknet_netlink_receive(int fd, void *buffer, size_t size, uint32_t *port, int32_t *namespace_id) {
    union {
        char bytes[256];
        struct cmsghdr align;
    } control;
    struct sockaddr_nl sender = {0};
    struct iovec vector = {.iov_base = buffer, .iov_len = size};
    struct msghdr message = {.msg_name = &sender,
                             .msg_namelen = sizeof sender,
                             .msg_iov = &vector,
                             .msg_iovlen = 1,
                             .msg_control = control.bytes,
                             .msg_controllen = sizeof control.bytes};
    ssize_t count;
    do {
        count = recvmsg(fd, &message, MSG_DONTWAIT);
    } while (count < 0 && errno == EINTR);
    if (count < 0)
        return -1;
    if (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) {
        errno = ENOBUFS;
        return -1;
    }
    *port = sender.nl_pid;
    *namespace_id = -1;
    for (struct cmsghdr *header = CMSG_FIRSTHDR(&message); header != NULL; header = CMSG_NXTHDR(&message, header)) {
        if (header->cmsg_level == SOL_NETLINK && header->cmsg_type == NETLINK_LISTEN_ALL_NSID &&
            header->cmsg_len >= CMSG_LEN(sizeof *namespace_id))
            memcpy(namespace_id, CMSG_DATA(header), sizeof *namespace_id);
    }
    return count;
}


// SPDX-License-Identifier: Apache-2.0
#include "tasknet_container.h"

#include <linux/sched.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <sys/un.h>

static int argument_count;
static char **argument_values;

// glibc hands a constructor what it hands main.
__attribute__((constructor)) static void keep_arguments(int count, char **values) {
    argument_count = count;
    argument_values = values;
}

int tasknet_argument_count(void) { return argument_count; }

char **tasknet_argument_values(void) { return argument_values; }

int tasknet_openat(int directory, const char *path, int flags, mode_t mode) {
    return openat(directory, path, flags | O_CLOEXEC, mode);
}

int tasknet_prctl(int operation, unsigned long argument) { return prctl(operation, argument, 0UL, 0UL, 0UL); }

int tasknet_seals(int descriptor) { return fcntl(descriptor, F_GET_SEALS); }

int tasknet_set_nonblocking(int descriptor) {
    int flags = fcntl(descriptor, F_GETFL);
    return flags < 0 ? flags : fcntl(descriptor, F_SETFL, flags | O_NONBLOCK);
}

int tasknet_set_rlimit(int resource, uint64_t soft, uint64_t hard) {
    struct rlimit limit = {.rlim_cur = soft, .rlim_max = hard};
    return setrlimit((__rlimit_resource_t)resource, &limit);
}

pid_t tasknet_fork(uint64_t flags, int *pidfd) {
    struct clone_args arguments = {.flags = flags, .exit_signal = SIGCHLD, .pidfd = (uint64_t)(uintptr_t)pidfd};
    return (pid_t)syscall(SYS_clone3, &arguments, sizeof arguments);
}

int tasknet_pidfd_send_signal(int pidfd, int signal) {
    return (int)syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0);
}

int tasknet_execute(int descriptor, char *const *arguments) {
    char *const environment[] = {NULL};
    return (int)syscall(SYS_execveat, descriptor, "", arguments, environment, AT_EMPTY_PATH);
}

int tasknet_wait_exited(int status) { return WIFEXITED(status); }

int tasknet_wait_exit_code(int status) { return WEXITSTATUS(status); }

int tasknet_wait_signal(int status) { return WIFSIGNALED(status) ? WTERMSIG(status) : 0; }

int tasknet_pivot_root(const char *new_root, const char *put_old) {
    return (int)syscall(SYS_pivot_root, new_root, put_old);
}

int tasknet_mount_set_read_only(int directory, const char *path, unsigned flags) {
    struct mount_attr attributes = {.attr_set = MOUNT_ATTR_RDONLY};
    return mount_setattr(directory, path, flags, &attributes, sizeof attributes);
}

int tasknet_set_capabilities(uint64_t permitted, uint64_t effective, uint64_t inheritable) {
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];
    for (int word = 0; word < _LINUX_CAPABILITY_U32S_3; word++) {
        data[word].permitted = (uint32_t)(permitted >> (32 * word));
        data[word].effective = (uint32_t)(effective >> (32 * word));
        data[word].inheritable = (uint32_t)(inheritable >> (32 * word));
    }
    return (int)syscall(SYS_capset, &header, data);
}

int tasknet_get_permitted_capabilities(uint64_t *permitted) {
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];
    int result = (int)syscall(SYS_capget, &header, data);
    if (result == 0) *permitted = data[0].permitted | (uint64_t)data[1].permitted << 32;
    return result;
}

static int unix_address(struct sockaddr_un *address, socklen_t *length, const char *path) {
    size_t count = strlen(path);
    if (count == 0 || count >= sizeof address->sun_path) {
        errno = count == 0 ? EINVAL : ENAMETOOLONG;
        return -1;
    }
    memset(address, 0, sizeof *address);
    address->sun_family = AF_UNIX;
    memcpy(address->sun_path, path, count + 1);
    *length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + count + 1);
    return 0;
}

int tasknet_bind(int socket, const char *path) {
    struct sockaddr_un address;
    socklen_t length;
    if (unix_address(&address, &length, path) != 0) return -1;
    return bind(socket, (struct sockaddr *)&address, length);
}

int tasknet_connect(int socket, const char *path) {
    struct sockaddr_un address;
    socklen_t length;
    if (unix_address(&address, &length, path) != 0) return -1;
    return connect(socket, (struct sockaddr *)&address, length);
}

int tasknet_accept(int socket) { return accept4(socket, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK); }

int tasknet_peer(int socket, pid_t *pid, uid_t *uid) {
    struct ucred credentials;
    socklen_t length = sizeof credentials;
    if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &length) != 0) return -1;
    *pid = credentials.pid;
    *uid = credentials.uid;
    return 0;
}

ssize_t tasknet_send(int socket, const void *bytes, size_t count, int descriptor) {
    struct iovec part = {.iov_base = (void *)bytes, .iov_len = count};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    union {
        struct cmsghdr header;
        char space[CMSG_SPACE(sizeof(int))];
    } control;
    if (descriptor >= 0) {
        memset(&control, 0, sizeof control);
        message.msg_control = &control;
        message.msg_controllen = sizeof control;
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(header), &descriptor, sizeof descriptor);
    }
    ssize_t sent;
    do sent = sendmsg(socket, &message, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    return sent;
}

// Keeps the first descriptor of the control messages and closes the others.
static int first_descriptor(struct msghdr *message) {
    int first = -1;
    for (struct cmsghdr *header = CMSG_FIRSTHDR(message); header != NULL; header = CMSG_NXTHDR(message, header)) {
        if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
        size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t index = 0; index < count; index++) {
            int descriptor;
            memcpy(&descriptor, CMSG_DATA(header) + index * sizeof(int), sizeof descriptor);
            if (first < 0) first = descriptor;
            else close(descriptor);
        }
    }
    return first;
}

ssize_t tasknet_receive(int socket, void *bytes, size_t count, int *descriptor, int *flags) {
    struct iovec part = {.iov_base = bytes, .iov_len = count};
    union {
        struct cmsghdr header;
        char space[CMSG_SPACE(sizeof(int))];
    } control;
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    ssize_t received;
    do received = recvmsg(socket, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    while (received < 0 && errno == EINTR);
    *descriptor = received < 0 ? -1 : first_descriptor(&message);
    *flags = received < 0 ? 0 : message.msg_flags;
    return received;
}

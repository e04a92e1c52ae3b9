// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE 1
#define TASKNET_CONTAINER 1
#include "tasknet_container.h"

#include <linux/keyctl.h>
#include <linux/sched.h>
#include <sys/syscall.h>

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

int tasknet_reset_signal(int signal) {
    // The kernel's struct: handler, flags, restorer and mask, all zero.
    const unsigned long action[8] = {0};
    return (int)syscall(SYS_rt_sigaction, signal, action, NULL, (size_t)8);
}

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

int tasknet_execute(int descriptor, char *const *arguments) {
    char *const environment[] = {NULL};
    return (int)syscall(SYS_execveat, descriptor, "", arguments, environment, AT_EMPTY_PATH);
}

int tasknet_wait_exit_code(int status) { return WEXITSTATUS(status); }

int tasknet_wait_signal(int status) { return WIFSIGNALED(status) ? WTERMSIG(status) : 0; }

int tasknet_new_session_keyring(void) { return (int)syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL); }

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

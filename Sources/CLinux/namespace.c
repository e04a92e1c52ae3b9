// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE 1

#include "clinux.h"

#include <errno.h>
#include <pthread.h>
#include <stdint.h>

// The descriptor, or the error below zero.
static void *leave_for_new_network_namespace(void *unused) {
    (void)unused;
    if (tasknet_unshare(CLONE_NEWNET) != 0)
        return (void *)(intptr_t)-errno;
    int fd = tasknet_open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC, 0);
    return (void *)(intptr_t)(fd < 0 ? -errno : fd);
}

int tasknet_new_network_namespace(void) {
    pthread_t thread;
    int error = pthread_create(&thread, NULL, leave_for_new_network_namespace, NULL);
    if (error != 0) {
        errno = error;
        return -1;
    }
    void *outcome = NULL;
    error = pthread_join(thread, &outcome);
    int fd = error != 0 ? -error : (int)(intptr_t)outcome;
    if (fd < 0) {
        errno = -fd;
        return -1;
    }
    return fd;
}

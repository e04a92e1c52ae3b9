// SPDX-License-Identifier: Apache-2.0
//
// Netlink messages laid by hand, and one exchange with the kernel at a time.
#ifndef TASKNET_FLOOR_NETLINK_H
#define TASKNET_FLOOR_NETLINK_H

#include <linux/rtnetlink.h>
#include <stddef.h>
#include <stdint.h>

// A request under construction.
struct message {
    union {
        struct nlmsghdr header;
        char bytes[1024];
    };
};

_Noreturn void die(const char *what, int error);
double now_us(void);

void *begin(struct message *m, uint16_t type, uint16_t flags, size_t payload);
void *tail(struct message *m);
void put(struct message *m, uint16_t type, const void *data, size_t length);
void put_text(struct message *m, uint16_t type, const char *text);
void put_u32(struct message *m, uint16_t type, uint32_t value);
struct rtattr *open_nest(struct message *m, uint16_t type);
void close_nest(struct message *m, struct rtattr *nest);

int open_netlink(void);
// Sends the request and waits for the kernel's word on it. Any error ends the program.
void transact(int s, struct message *m, const char *what);

#endif

// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "netlink.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

_Noreturn void die(const char *what, int error) {
    fprintf(stderr, "floor: %s: %s\n", what, strerror(error));
    exit(1);
}

double now_us(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

void *tail(struct message *m) { return m->bytes + NLMSG_ALIGN(m->header.nlmsg_len); }

void *begin(struct message *m, uint16_t type, uint16_t flags, size_t payload) {
    memset(m, 0, sizeof *m);
    m->header.nlmsg_len = (uint32_t)NLMSG_LENGTH(payload);
    m->header.nlmsg_type = type;
    m->header.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags;
    return NLMSG_DATA(&m->header);
}

void put(struct message *m, uint16_t type, const void *data, size_t length) {
    struct rtattr *attribute = tail(m);
    attribute->rta_type = type;
    attribute->rta_len = (uint16_t)RTA_LENGTH(length);
    if (length > 0) memcpy(RTA_DATA(attribute), data, length);
    m->header.nlmsg_len = (uint32_t)(NLMSG_ALIGN(m->header.nlmsg_len) + RTA_ALIGN(attribute->rta_len));
}

void put_text(struct message *m, uint16_t type, const char *text) { put(m, type, text, strlen(text) + 1); }
void put_u32(struct message *m, uint16_t type, uint32_t value) { put(m, type, &value, sizeof value); }

struct rtattr *open_nest(struct message *m, uint16_t type) {
    struct rtattr *nest = tail(m);
    put(m, (uint16_t)(type | NLA_F_NESTED), NULL, 0);
    return nest;
}

void close_nest(struct message *m, struct rtattr *nest) {
    nest->rta_len = (uint16_t)((char *)tail(m) - (char *)nest);
}

int open_netlink(void) {
    int on = 1, s = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    if (s < 0) die("netlink socket", errno);
    setsockopt(s, SOL_NETLINK, NETLINK_GET_STRICT_CHK, &on, sizeof on);
    setsockopt(s, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof on);
    return s;
}

void transact(int s, struct message *m, const char *what) {
    static _Thread_local uint32_t sequence;
    m->header.nlmsg_seq = ++sequence;
    if (send(s, m->bytes, m->header.nlmsg_len, 0) != (ssize_t)m->header.nlmsg_len) die(what, errno);
    union {
        struct nlmsghdr header;
        char bytes[8192];
    } reply;
    ssize_t n = recv(s, reply.bytes, sizeof reply.bytes, 0);
    if (n < (ssize_t)NLMSG_LENGTH(sizeof(struct nlmsgerr))) die(what, n < 0 ? errno : EBADMSG);
    if (reply.header.nlmsg_type != NLMSG_ERROR || reply.header.nlmsg_seq != sequence) die(what, EBADMSG);
    struct nlmsgerr *answer = NLMSG_DATA(&reply.header);
    if (answer->error != 0) die(what, -answer->error);
}

// SPDX-License-Identifier: Apache-2.0
//
// The floor under the path: the same network that TaskNetworking makes for a task with one veth, made with nothing but
// system calls and hand-laid netlink messages, one request at a time. What this costs is the kernel's own price;
// scripts/demo sets the daemon's path beside it, in one run on one machine.
//
//     cc -O2 -o floor floor.c && sudo ./floor [rounds]
//
// It works in a network and mount namespace of its own, so that nothing is left on the host however it ends. Each
// round makes one network and keeps it until all rounds are over: the kernel takes namespaces apart in the
// background, and would otherwise do so during the next rounds. Microseconds, as JSON on standard output.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/ip.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <sched.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum step {
    NAMESPACE,
    VETH,
    PROXY_ARP,
    HOST_END,
    LOOPBACK,
    ADDRESS,
    DEFAULT_ROUTE,
    HOST_ROUTE,
    STEPS
};
static const char *const step_names[STEPS] = {
    "namespace", "veth pair", "proxy ARP", "host end up", "lo up", "address", "default route", "host route",
};

enum { MTU = 1400, SUBNET_PREFIX = 16, FIRST_INDEX = 1000, PROTOCOL_TASKNET = 84, MAX_ROUNDS = 50000 };

static _Noreturn void die(const char *what, int error) {
    fprintf(stderr, "floor: %s: %s\n", what, strerror(error));
    exit(1);
}

static double now_us(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

// A netlink request under construction.
struct message {
    union {
        struct nlmsghdr header;
        char bytes[1024];
    };
};

static void *tail(struct message *m) { return m->bytes + NLMSG_ALIGN(m->header.nlmsg_len); }

static void *begin(struct message *m, uint16_t type, uint16_t flags, size_t payload) {
    memset(m, 0, sizeof *m);
    m->header.nlmsg_len = (uint32_t)NLMSG_LENGTH(payload);
    m->header.nlmsg_type = type;
    m->header.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags;
    return NLMSG_DATA(&m->header);
}

static void put(struct message *m, uint16_t type, const void *data, size_t length) {
    struct rtattr *attribute = tail(m);
    attribute->rta_type = type;
    attribute->rta_len = (uint16_t)RTA_LENGTH(length);
    if (length > 0) memcpy(RTA_DATA(attribute), data, length);
    m->header.nlmsg_len = (uint32_t)(NLMSG_ALIGN(m->header.nlmsg_len) + RTA_ALIGN(attribute->rta_len));
}

static void put_text(struct message *m, uint16_t type, const char *text) { put(m, type, text, strlen(text) + 1); }
static void put_u32(struct message *m, uint16_t type, uint32_t value) { put(m, type, &value, sizeof value); }

static struct rtattr *open_nest(struct message *m, uint16_t type) {
    struct rtattr *nest = tail(m);
    put(m, (uint16_t)(type | NLA_F_NESTED), NULL, 0);
    return nest;
}

static void close_nest(struct message *m, struct rtattr *nest) {
    nest->rta_len = (uint16_t)((char *)tail(m) - (char *)nest);
}

static int open_netlink(void) {
    int on = 1, s = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    if (s < 0) die("netlink socket", errno);
    setsockopt(s, SOL_NETLINK, NETLINK_GET_STRICT_CHK, &on, sizeof on);
    setsockopt(s, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof on);
    return s;
}

static void transact(int s, struct message *m, const char *what) {
    static uint32_t sequence;
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

// A namespace bound at `path`, a socket in it, and this thread back where it was.
static void make_namespace(const char *path, int home, int *descriptor, int *socket_inside) {
    int file = open(path, O_CREAT | O_EXCL | O_RDONLY | O_CLOEXEC, 0444);
    if (file < 0) die(path, errno);
    close(file);
    if (unshare(CLONE_NEWNET) < 0) die("unshare", errno);
    if (mount("/proc/thread-self/ns/net", path, NULL, MS_BIND, NULL) < 0) die("bind namespace", errno);
    *descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (*descriptor < 0) die(path, errno);
    *socket_inside = open_netlink();
    if (setns(home, CLONE_NEWNET) < 0) die("setns", errno);
}

// Both ends in one message. The message is about the inner end and carries the host end as its peer, because the
// kernel can bring up only the first of the two while it makes them.
static void make_veth(int s, int namespace, const char *host_name, uint32_t host_index, const uint8_t mac[6]) {
    struct message m;
    struct ifinfomsg *link = begin(&m, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, sizeof *link);
    link->ifi_index = 2;
    link->ifi_flags = link->ifi_change = IFF_UP;
    put_text(&m, IFLA_IFNAME, "eth0");
    put(&m, IFLA_ADDRESS, mac, 6);
    put_u32(&m, IFLA_MTU, MTU);
    put_u32(&m, IFLA_NET_NS_FD, (uint32_t)namespace);
    struct rtattr *info = open_nest(&m, IFLA_LINKINFO);
    put(&m, IFLA_INFO_KIND, "veth", 4);
    struct rtattr *data = open_nest(&m, IFLA_INFO_DATA);
    struct rtattr *peer = open_nest(&m, VETH_INFO_PEER);
    struct ifinfomsg host = {.ifi_index = (int)host_index};
    memcpy(tail(&m), &host, sizeof host);
    m.header.nlmsg_len += (uint32_t)NLMSG_ALIGN(sizeof host);
    put_text(&m, IFLA_IFNAME, host_name);
    put_u32(&m, IFLA_MTU, MTU);
    close_nest(&m, peer);
    close_nest(&m, data);
    close_nest(&m, info);
    transact(s, &m, "create veth pair");
}

static void bring_up(int s, uint32_t index) {
    struct message m;
    struct ifinfomsg *link = begin(&m, RTM_NEWLINK, 0, sizeof *link);
    link->ifi_index = (int)index;
    link->ifi_flags = link->ifi_change = IFF_UP;
    transact(s, &m, "bring link up");
}

static void add_address(int s, uint32_t index, uint32_t address, uint8_t prefix) {
    struct message m;
    struct ifaddrmsg *a = begin(&m, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, sizeof *a);
    a->ifa_family = AF_INET;
    a->ifa_prefixlen = prefix;
    a->ifa_index = index;
    put_u32(&m, IFA_LOCAL, htonl(address));
    put_u32(&m, IFA_ADDRESS, htonl(address));
    transact(s, &m, "add address");
}

// `gateway`, `source` and `index`: zero leaves the attribute out.
static void add_route(int s, uint32_t destination, uint8_t prefix, uint32_t gateway, uint32_t source, uint32_t index) {
    struct message m;
    struct rtmsg *r = begin(&m, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, sizeof *r);
    r->rtm_family = AF_INET;
    r->rtm_dst_len = prefix;
    r->rtm_table = RT_TABLE_MAIN;
    r->rtm_protocol = PROTOCOL_TASKNET;
    r->rtm_scope = gateway != 0 ? RT_SCOPE_UNIVERSE : RT_SCOPE_LINK;
    r->rtm_type = RTN_UNICAST;
    if (prefix > 0) put_u32(&m, RTA_DST, htonl(destination));
    if (gateway != 0) put_u32(&m, RTA_GATEWAY, htonl(gateway));
    if (source != 0) put_u32(&m, RTA_PREFSRC, htonl(source));
    if (index != 0) put_u32(&m, RTA_OIF, index);
    transact(s, &m, "add route");
}

// What the host end needs before it comes up: who it is for, no IPv6 address of its own making, forwarding, source
// check and proxy ARP. These are sysctls too, but four writes to /proc cost five times this message.
static void set_up_host_end(int s, uint32_t index, const char *alias) {
    struct message m;
    struct ifinfomsg *link = begin(&m, RTM_NEWLINK, 0, sizeof *link);
    link->ifi_index = (int)index;
    put(&m, IFLA_IFALIAS, alias, strlen(alias));
    struct rtattr *families = open_nest(&m, IFLA_AF_SPEC);
    struct rtattr *inet = open_nest(&m, AF_INET);
    struct rtattr *settings = open_nest(&m, IFLA_INET_CONF);
    put_u32(&m, IPV4_DEVCONF_FORWARDING, 1);
    put_u32(&m, IPV4_DEVCONF_RP_FILTER, 1);
    put_u32(&m, IPV4_DEVCONF_PROXY_ARP, 1);
    close_nest(&m, settings);
    close_nest(&m, inet);
    struct rtattr *inet6 = open_nest(&m, AF_INET6);
    uint8_t mode = IN6_ADDR_GEN_MODE_NONE;
    put(&m, IFLA_INET6_ADDR_GEN_MODE, &mode, sizeof mode);
    close_nest(&m, inet6);
    close_nest(&m, families);
    transact(s, &m, "set up host end");
}

// Proxy ARP waits up to 0.8 s before it answers unless told otherwise.
static void answer_at_once(int s, uint32_t index) {
    struct message m;
    struct ndtmsg *table = begin(&m, RTM_SETNEIGHTBL, 0, sizeof *table);
    table->ndtm_family = AF_INET;
    put_text(&m, NDTA_NAME, "arp_cache");
    struct rtattr *parameters = open_nest(&m, NDTA_PARMS);
    uint64_t milliseconds = 0;
    put_u32(&m, NDTPA_IFINDEX, index);
    put(&m, NDTPA_PROXY_DELAY, &milliseconds, sizeof milliseconds);
    close_nest(&m, parameters);
    transact(s, &m, "set proxy delay");
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void print_quantiles(const char *name, double *samples, int count) {
    qsort(samples, (size_t)count, sizeof *samples, ascending);
    printf("{\"name\":\"%s\",\"medianMicroseconds\":%.1f,\"p95Microseconds\":%.1f}", name, samples[count / 2],
           samples[count * 95 / 100]);
}

// The stand-in for the host: its own namespaces, a gateway address, a place to bind namespaces in that goes with it.
static int make_host(const char *directory, uint32_t gateway) {
    if (unshare(CLONE_NEWNET | CLONE_NEWNS) < 0) die("unshare (root is needed)", errno);
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0) die("make mounts private", errno);
    if (mount("tmpfs", directory, "tmpfs", 0, NULL) < 0) die("mount tmpfs", errno);
    int s = open_netlink();
    bring_up(s, 1);
    add_address(s, 1, gateway, 32);
    return s;
}

static void run_round(int round, int host, int home, const char *directory, uint32_t gateway, double *stamps) {
    char path[64], name[IFNAMSIZ];
    uint8_t mac[6] = {0x0a, 0, 0, 0, (uint8_t)(round >> 8), (uint8_t)round};
    uint32_t host_index = FIRST_INDEX + (uint32_t)round, address = gateway + 3 + (uint32_t)round;
    int namespace, inside;
    snprintf(path, sizeof path, "%s/%d", directory, round);
    snprintf(name, sizeof name, "tn-%012x", (unsigned)round);
    stamps[0] = now_us();
    make_namespace(path, home, &namespace, &inside);
    stamps[NAMESPACE + 1] = now_us();
    make_veth(host, namespace, name, host_index, mac);
    stamps[VETH + 1] = now_us();
    set_up_host_end(host, host_index, "tasknet floor");
    answer_at_once(host, host_index);
    stamps[PROXY_ARP + 1] = now_us();
    bring_up(host, host_index);
    stamps[HOST_END + 1] = now_us();
    bring_up(inside, 1);
    stamps[LOOPBACK + 1] = now_us();
    add_address(inside, 2, address, SUBNET_PREFIX);
    stamps[ADDRESS + 1] = now_us();
    add_route(inside, 0, 0, gateway, 0, 2);
    stamps[DEFAULT_ROUTE + 1] = now_us();
    add_route(host, address, 32, 0, gateway, host_index);
    stamps[HOST_ROUTE + 1] = now_us();
    close(inside);
    close(namespace);
}

int main(int argc, char **argv) {
    int rounds = argc > 1 ? atoi(argv[1]) : 100;
    if (rounds < 1 || rounds > MAX_ROUNDS) {
        fprintf(stderr, "usage: floor [rounds, 1 to %d]\n", MAX_ROUNDS);
        return 2;
    }
    double *samples = calloc((size_t)rounds * (STEPS + 1), sizeof *samples);
    if (samples == NULL) die("memory", ENOMEM);
    const char *directory = "/tmp";
    uint32_t gateway = 0x0a000001;  // 10.0.0.1
    int host = make_host(directory, gateway);
    int home = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
    if (home < 0) die("own namespace", errno);

    for (int round = 0; round < rounds; round++) {
        double stamps[STEPS + 1];
        run_round(round, host, home, directory, gateway, stamps);
        for (int step = 0; step < STEPS; step++) samples[step * rounds + round] = stamps[step + 1] - stamps[step];
        samples[STEPS * rounds + round] = stamps[STEPS] - stamps[0];
    }

    printf("{\"rounds\":%d,\"steps\":[", rounds);
    for (int step = 0; step < STEPS; step++) {
        if (step > 0) printf(",");
        print_quantiles(step_names[step], samples + step * rounds, rounds);
    }
    printf("],\"total\":");
    print_quantiles("total", samples + STEPS * rounds, rounds);
    printf("}\n");
    return 0;
}

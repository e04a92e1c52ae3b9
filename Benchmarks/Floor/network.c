// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "network.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/ip.h>
#include <linux/neighbour.h>
#include <linux/veth.h>
#include <net/if.h>
#include <sched.h>
#include <stddef.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <unistd.h>

#include "netlink.h"

int make_host(const char *directory, uint32_t gateway) {
    if (unshare(CLONE_NEWNET | CLONE_NEWNS) < 0) die("unshare (root is needed)", errno);
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0) die("make mounts private", errno);
    if (mount("tmpfs", directory, "tmpfs", 0, NULL) < 0) die("mount tmpfs", errno);
    int s = open_netlink();
    bring_up(s, LOOPBACK_INDEX);
    add_address(s, LOOPBACK_INDEX, gateway, 32);
    return s;
}

int own_namespace(void) {
    int namespace = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
    if (namespace < 0) die("own namespace", errno);
    return namespace;
}

int make_namespace(const char *path, int home, int *socket_inside) {
    int file = open(path, O_CREAT | O_EXCL | O_RDONLY | O_CLOEXEC, 0444);
    if (file < 0) die(path, errno);
    close(file);
    if (unshare(CLONE_NEWNET) < 0) die("unshare", errno);
    if (mount("/proc/thread-self/ns/net", path, NULL, MS_BIND, NULL) < 0) die("bind namespace", errno);
    int namespace = open(path, O_RDONLY | O_CLOEXEC);
    if (namespace < 0) die(path, errno);
    *socket_inside = open_netlink();
    if (setns(home, CLONE_NEWNET) < 0) die("setns", errno);
    return namespace;
}

int open_netlink_in(int namespace, int home) {
    if (setns(namespace, CLONE_NEWNET) < 0) die("setns", errno);
    int s = open_netlink();
    if (setns(home, CLONE_NEWNET) < 0) die("setns", errno);
    return s;
}

void drop_namespace(const char *path) {
    if (umount2(path, MNT_DETACH) < 0) die("unmount namespace", errno);
    if (unlink(path) < 0) die(path, errno);
}

// Else the kernel makes as many as there are processors, uses one all the same, and waits to put the others away.
static void put_single_queue(struct message *m) {
    put_u32(m, IFLA_NUM_TX_QUEUES, 1);
    put_u32(m, IFLA_NUM_RX_QUEUES, 1);
}

static struct rtattr *open_peer(struct message *m, uint32_t index, const char *name) {
    struct rtattr *peer = open_nest(m, VETH_INFO_PEER);
    struct ifinfomsg header = {.ifi_index = (int)index};
    memcpy(tail(m), &header, sizeof header);
    m->header.nlmsg_len += (uint32_t)NLMSG_ALIGN(sizeof header);
    put_text(m, IFLA_IFNAME, name);
    put_u32(m, IFLA_MTU, MTU);
    put_single_queue(m);
    return peer;
}

// The message is about the inner end and carries the host end as its peer, because the kernel can bring up only the
// first of the two while it makes them.
void make_veth(int s, int namespace, const char *host_name, uint32_t host_index, const uint8_t mac[6], int is_down) {
    struct message m;
    struct ifinfomsg *link = begin(&m, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, sizeof *link);
    link->ifi_index = INNER_INDEX;
    if (!is_down) link->ifi_flags = link->ifi_change = IFF_UP;
    put_text(&m, IFLA_IFNAME, "eth0");
    if (!is_down) put(&m, IFLA_ADDRESS, mac, 6);
    put_u32(&m, IFLA_MTU, MTU);
    put_u32(&m, IFLA_NET_NS_FD, (uint32_t)namespace);
    put_single_queue(&m);
    struct rtattr *info = open_nest(&m, IFLA_LINKINFO);
    put(&m, IFLA_INFO_KIND, "veth", 4);
    struct rtattr *data = open_nest(&m, IFLA_INFO_DATA);
    struct rtattr *peer = open_peer(&m, host_index, host_name);
    close_nest(&m, peer);
    close_nest(&m, data);
    close_nest(&m, info);
    transact(s, &m, "create veth pair");
}

void make_bridged_veth(
    int s, int namespace, const char *host_name, uint32_t host_index, const uint8_t mac[6], uint32_t bridge) {
    struct message m;
    struct ifinfomsg *link = begin(&m, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, sizeof *link);
    link->ifi_index = (int)host_index;
    link->ifi_flags = link->ifi_change = IFF_UP;
    put_text(&m, IFLA_IFNAME, host_name);
    put_u32(&m, IFLA_MTU, MTU);
    put_u32(&m, IFLA_MASTER, bridge);
    put_single_queue(&m);
    struct rtattr *info = open_nest(&m, IFLA_LINKINFO);
    put(&m, IFLA_INFO_KIND, "veth", 4);
    struct rtattr *data = open_nest(&m, IFLA_INFO_DATA);
    struct rtattr *peer = open_peer(&m, INNER_INDEX, "eth0");
    put(&m, IFLA_ADDRESS, mac, 6);
    put_u32(&m, IFLA_NET_NS_FD, (uint32_t)namespace);
    close_nest(&m, peer);
    close_nest(&m, data);
    close_nest(&m, info);
    transact(s, &m, "create veth pair on the bridge");
}

void make_device(int s, const char *name, uint32_t index, const char *peer_name, const uint8_t mac[6]) {
    struct message m;
    struct ifinfomsg *link = begin(&m, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, sizeof *link);
    link->ifi_index = (int)index;
    put_text(&m, IFLA_IFNAME, name);
    put(&m, IFLA_ADDRESS, mac, 6);
    struct rtattr *info = open_nest(&m, IFLA_LINKINFO);
    put(&m, IFLA_INFO_KIND, "veth", 4);
    struct rtattr *data = open_nest(&m, IFLA_INFO_DATA);
    struct rtattr *peer = open_peer(&m, 0, peer_name);
    close_nest(&m, peer);
    close_nest(&m, data);
    close_nest(&m, info);
    transact(s, &m, "create device");
}

void make_bridge(int s, const char *name, uint32_t index) {
    struct message m;
    struct ifinfomsg *link = begin(&m, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, sizeof *link);
    link->ifi_index = (int)index;
    link->ifi_flags = link->ifi_change = IFF_UP;
    put_text(&m, IFLA_IFNAME, name);
    struct rtattr *info = open_nest(&m, IFLA_LINKINFO);
    put(&m, IFLA_INFO_KIND, "bridge", 6);
    close_nest(&m, info);
    transact(s, &m, "create bridge");
}

void move_device(int s, uint32_t index, int namespace, const char *new_name, uint32_t new_index, int is_up) {
    struct message m;
    struct ifinfomsg *link = begin(&m, RTM_NEWLINK, 0, sizeof *link);
    link->ifi_index = (int)index;
    link->ifi_change = IFF_UP;
    if (is_up) link->ifi_flags = IFF_UP;
    put_text(&m, IFLA_IFNAME, new_name);
    put_u32(&m, IFLA_NET_NS_FD, (uint32_t)namespace);
    put_u32(&m, IFLA_NEW_IFINDEX, new_index);
    transact(s, &m, "move device");
}

void bring_up(int s, uint32_t index) {
    struct message m;
    struct ifinfomsg *link = begin(&m, RTM_NEWLINK, 0, sizeof *link);
    link->ifi_index = (int)index;
    link->ifi_flags = link->ifi_change = IFF_UP;
    transact(s, &m, "bring link up");
}

void set_mac_and_bring_up(int s, uint32_t index, const uint8_t mac[6]) {
    struct message m;
    struct ifinfomsg *link = begin(&m, RTM_NEWLINK, 0, sizeof *link);
    link->ifi_index = (int)index;
    link->ifi_flags = link->ifi_change = IFF_UP;
    put(&m, IFLA_ADDRESS, mac, 6);
    transact(s, &m, "set MAC and bring link up");
}

// These are sysctls too, but four writes to /proc cost five times this message.
static void set_host_end_options(int s, uint32_t index, const char *alias, uint32_t group) {
    struct message m;
    struct ifinfomsg *link = begin(&m, RTM_NEWLINK, 0, sizeof *link);
    link->ifi_index = (int)index;
    put(&m, IFLA_IFALIAS, alias, strlen(alias));
    if (group != 0) put_u32(&m, IFLA_GROUP, group);
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

void set_up_host_end(int s, uint32_t index, const char *alias, uint32_t group) {
    set_host_end_options(s, index, alias, group);
    answer_at_once(s, index);
}

void delete_link(int s, uint32_t index) {
    struct message m;
    struct ifinfomsg *link = begin(&m, RTM_DELLINK, 0, sizeof *link);
    link->ifi_index = (int)index;
    transact(s, &m, "delete link");
}

void delete_group(int s, uint32_t group) {
    struct message m;
    begin(&m, RTM_DELLINK, 0, sizeof(struct ifinfomsg));
    put_u32(&m, IFLA_GROUP, group);
    transact(s, &m, "delete links of a group");
}

void add_address(int s, uint32_t index, uint32_t address, uint8_t prefix) {
    struct message m;
    struct ifaddrmsg *a = begin(&m, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, sizeof *a);
    a->ifa_family = AF_INET;
    a->ifa_prefixlen = prefix;
    a->ifa_index = index;
    put_u32(&m, IFA_LOCAL, htonl(address));
    put_u32(&m, IFA_ADDRESS, htonl(address));
    transact(s, &m, "add address");
}

static struct rtmsg *begin_route(
    struct message *m, uint16_t type, uint16_t flags, uint32_t destination, uint8_t prefix, uint32_t index) {
    struct rtmsg *r = begin(m, type, flags, sizeof *r);
    r->rtm_family = AF_INET;
    r->rtm_dst_len = prefix;
    r->rtm_table = RT_TABLE_MAIN;
    r->rtm_protocol = PROTOCOL_TASKNET;
    r->rtm_scope = RT_SCOPE_LINK;
    r->rtm_type = RTN_UNICAST;
    if (prefix > 0) put_u32(m, RTA_DST, htonl(destination));
    if (index != 0) put_u32(m, RTA_OIF, index);
    return r;
}

void add_route(int s, uint32_t destination, uint8_t prefix, uint32_t gateway, uint32_t index) {
    struct message m;
    struct rtmsg *r = begin_route(&m, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, destination, prefix, index);
    if (gateway != 0) {
        r->rtm_scope = RT_SCOPE_UNIVERSE;
        put_u32(&m, RTA_GATEWAY, htonl(gateway));
    }
    transact(s, &m, "add route");
}

void delete_route(int s, uint32_t destination, uint8_t prefix, uint32_t index) {
    struct message m;
    begin_route(&m, RTM_DELROUTE, 0, destination, prefix, index);
    transact(s, &m, "delete route");
}

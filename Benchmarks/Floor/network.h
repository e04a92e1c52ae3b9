// SPDX-License-Identifier: Apache-2.0
//
// What a task's network is made of, each part by one request to the kernel.
#ifndef TASKNET_FLOOR_NETWORK_H
#define TASKNET_FLOOR_NETWORK_H

#include <stdint.h>

enum {
    MTU = 1400,
    SUBNET_PREFIX = 16,
    LOOPBACK_INDEX = 1,
    // Of the task's end in its namespace: nothing that the kernel puts there by itself has it.
    INNER_INDEX = 1000,
    PROTOCOL_TASKNET = 84
};

// The stand-in for the host: namespaces of its own, a gateway address, a place to bind namespaces in that goes with
// it. Returns a netlink socket in it.
int make_host(const char *directory, uint32_t gateway);
// This thread's namespace, as a descriptor.
int own_namespace(void);

// A namespace bound at `path`, a socket in it, and this thread back where it was.
int make_namespace(const char *path, int home, int *socket_inside);
// A socket in the namespace, and this thread back where it was.
int open_netlink_in(int namespace, int home);
void drop_namespace(const char *path);

// Both ends in one message; the task's end is born in the namespace, up unless `is_down`.
void make_veth(int s, int namespace, const char *host_name, uint32_t host_index, const uint8_t mac[6], int is_down);
// A pair of which one end is a port of the bridge and up, the other one is in the namespace.
void make_bridged_veth(
    int s, int namespace, const char *host_name, uint32_t host_index, const uint8_t mac[6], uint32_t bridge);
// A pair with both ends on the host: what somebody else's device is.
void make_device(int s, const char *name, uint32_t index, const char *peer_name, const uint8_t mac[6]);
void make_bridge(int s, const char *name, uint32_t index);
// Moves a device, which gets its name and index there in the same request, and comes up if `is_up`.
void move_device(int s, uint32_t index, int namespace, const char *new_name, uint32_t new_index, int is_up);
void bring_up(int s, uint32_t index);
void set_mac_and_bring_up(int s, uint32_t index, const uint8_t mac[6]);
// What the host end needs before it comes up: who it is for, no IPv6 address of its own making, forwarding, source
// check and proxy ARP, which answers at once.
void set_up_host_end(int s, uint32_t index, const char *alias, uint32_t group);
void delete_link(int s, uint32_t index);
void delete_group(int s, uint32_t group);

void add_address(int s, uint32_t index, uint32_t address, uint8_t prefix);
// `gateway` and `index`: zero leaves the attribute out.
void add_route(int s, uint32_t destination, uint8_t prefix, uint32_t gateway, uint32_t index);
void delete_route(int s, uint32_t destination, uint8_t prefix, uint32_t index);

#endif

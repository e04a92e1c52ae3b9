// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "kinds.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdio.h>
#include <unistd.h>

#include "netlink.h"
#include "network.h"

enum { BRIDGE_INDEX = 2000, FIRST_INDEX = 10000, GROUP_OF_ALL = 84 };
static const uint32_t endpoint = 0xa9feaa02;  // 169.254.170.2, where ECS's bridge leads

uint32_t host_index(const struct network *network) { return FIRST_INDEX + (uint32_t)network->number; }

static void path_of(const struct network *network, const struct place *place, char path[static 64]) {
    snprintf(path, 64, "%s/%d", place->directory, network->number);
}

static void name_of(const struct network *network, char name[static IFNAMSIZ]) {
    snprintf(name, IFNAMSIZ, "%s%012x", network->kind == DEVICE ? "d-" : "tn-", (unsigned)network->number);
}

static uint32_t address_of(const struct network *network, const struct place *place) {
    return place->gateway + 3 + (uint32_t)network->slot;
}

struct mac {
    uint8_t bytes[6];
};

static struct mac mac_of(const struct network *network) {
    struct mac mac = {{0x0a, 0, 0, 0, (uint8_t)(network->slot >> 8), (uint8_t)network->slot}};
    return mac;
}

void make_bridge_of_place(int host, const struct place *place) {
    make_bridge(host, "floor-bridge", BRIDGE_INDEX);
    add_address(host, BRIDGE_INDEX, place->gateway, SUBNET_PREFIX);
}

void prepare(const struct network *network, int host, const struct place *place) {
    char path[64], name[IFNAMSIZ], peer[IFNAMSIZ];
    int inside, namespace;
    if (network->kind == COLD) return;
    path_of(network, place, path);
    name_of(network, name);
    namespace = make_namespace(path, place->home, &inside);
    if (network->kind == WARM) {
        make_veth(host, namespace, name, host_index(network), mac_of(network).bytes, 1);
        set_up_host_end(host, host_index(network), "tasknet floor", GROUP_OF_ALL);
        bring_up(inside, LOOPBACK_INDEX);
    } else if (network->kind == DEVICE) {
        snprintf(peer, sizeof peer, "p-%012x", (unsigned)network->number);
        make_device(host, name, host_index(network), peer, mac_of(network).bytes);
    }
    close(inside);
    close(namespace);
}

static int open_namespace(const char *path) {
    int namespace = open(path, O_RDONLY | O_CLOEXEC);
    if (namespace < 0) die(path, errno);
    return namespace;
}

static void add_routed(const struct network *network, int host, const struct place *place, double *stamps) {
    char path[64], name[IFNAMSIZ];
    uint32_t index = host_index(network), address = address_of(network, place);
    struct mac mac = mac_of(network);
    double ignored[STEPS + 1];
    int inside, namespace;
    if (stamps == NULL) stamps = ignored;
    path_of(network, place, path);
    name_of(network, name);
    stamps[0] = now_us();
    if (network->kind == COLD) {
        namespace = make_namespace(path, place->home, &inside);
    } else {
        namespace = open_namespace(path);
        inside = open_netlink_in(namespace, place->home);
    }
    stamps[NAMESPACE + 1] = now_us();
    if (network->kind != WARM) make_veth(host, namespace, name, index, mac.bytes, 0);
    stamps[VETH + 1] = now_us();
    if (network->kind != WARM) set_up_host_end(host, index, "tasknet floor", GROUP_OF_ALL);
    stamps[PROXY_ARP + 1] = now_us();
    bring_up(host, index);
    stamps[HOST_END + 1] = now_us();
    if (network->kind == WARM) {
        set_mac_and_bring_up(inside, INNER_INDEX, mac.bytes);
    } else {
        bring_up(inside, LOOPBACK_INDEX);
    }
    stamps[LOOPBACK + 1] = now_us();
    add_address(inside, INNER_INDEX, address, SUBNET_PREFIX);
    stamps[ADDRESS + 1] = now_us();
    add_route(inside, 0, 0, place->gateway, INNER_INDEX);
    stamps[DEFAULT_ROUTE + 1] = now_us();
    add_route(host, address, 32, 0, index);
    stamps[HOST_ROUTE + 1] = now_us();
    close(inside);
    close(namespace);
}

void add(const struct network *network, int host, const struct place *place, double *stamps) {
    char path[64], name[IFNAMSIZ];
    if (network->kind != DEVICE && network->kind != BRIDGED) {
        add_routed(network, host, place, stamps);
        return;
    }
    path_of(network, place, path);
    name_of(network, name);
    int namespace = open_namespace(path), inside = open_netlink_in(namespace, place->home);
    if (network->kind == DEVICE) {
        move_device(host, host_index(network), namespace, "eth0", INNER_INDEX, 1);
    } else {
        make_bridged_veth(
            host, namespace, name, host_index(network), mac_of(network).bytes, BRIDGE_INDEX);
        bring_up(inside, INNER_INDEX);
    }
    add_address(inside, INNER_INDEX, address_of(network, place), SUBNET_PREFIX);
    add_route(inside, network->kind == DEVICE ? 0 : endpoint, network->kind == DEVICE ? 0 : 32, place->gateway,
              INNER_INDEX);
    close(inside);
    close(namespace);
}

static int is_routed(const struct network *network) { return network->kind < DEVICE; }

void delete (const struct network *network, enum method method, int host, const struct place *place) {
    char path[64], name[IFNAMSIZ];
    path_of(network, place, path);
    name_of(network, name);
    if (method == DROP) {
        if (is_routed(network)) delete_route(host, address_of(network, place), 32, host_index(network));
        drop_namespace(path);
    } else if (method == DELLINK) {
        delete_link(host, host_index(network));
    } else if (method == BACK) {
        int namespace = open_namespace(path), inside = open_netlink_in(namespace, place->home);
        move_device(inside, INNER_INDEX, place->home, name, host_index(network), 0);
        close(inside);
        close(namespace);
    }
}

void discard(const struct network *network, enum method method, int host, const struct place *place) {
    char path[64];
    if (method == DROP) return;
    if (method == BACK) delete_link(host, host_index(network));
    path_of(network, place, path);
    drop_namespace(path);
}

void delete_all_by_group(int host) { delete_group(host, GROUP_OF_ALL); }

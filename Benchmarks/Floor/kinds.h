// SPDX-License-Identifier: Apache-2.0
//
// The kinds of network whose price is asked for: what is there before the clock starts, and what is made after.
#ifndef TASKNET_FLOOR_KINDS_H
#define TASKNET_FLOOR_KINDS_H

#include <stdint.h>

enum kind {
    COLD,     // nothing is there
    SANDBOX,  // the namespace is there, as CNI has it
    WARM,     // namespace and veth pair are there, both ends down
    DEVICE,   // namespace and a device on the host are there: it is moved
    BRIDGED,  // namespace and a bridge are there: a veth with a port on the bridge
    KINDS
};
enum method {
    DROP,    // the host's route, then the namespace's last reference: the kernel does the rest in the background
    DELLINK, // the host's end is deleted, which waits
    GROUP,   // all at once, by their link group
    BACK,    // a device is moved back to the host
    METHODS
};

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

// One network: `slot` says its addresses and is used again, `number` is its own for ever.
struct network {
    enum kind kind;
    int slot;
    int number;
};

// What is the same for all networks.
struct place {
    const char *directory;
    uint32_t gateway;
    int home;
};

// Of the host's end.
uint32_t host_index(const struct network *network);
void make_bridge_of_place(int host, const struct place *place);

// `host` is a socket on the host, one for each thread. `stamps`, where it is not NULL, has the time before the first
// step of COLD and after each.
void prepare(const struct network *network, int host, const struct place *place);
void add(const struct network *network, int host, const struct place *place, double *stamps);
void delete (const struct network *network, enum method method, int host, const struct place *place);
// What is left after a deletion, which nobody waits for.
void discard(const struct network *network, enum method method, int host, const struct place *place);
void delete_all_by_group(int host);

#endif

// SPDX-License-Identifier: Apache-2.0
//
// The floor under the path: the same network that TaskNetworking makes for a task with one veth, made with nothing but
// system calls and hand-laid netlink messages, one request at a time. What this costs is the kernel's own price.
//
//     cc -O2 -pthread -o floor *.c && sudo ./floor [rounds]     or     ./floor serve
//
// It works in a network and mount namespace of its own, so that nothing is left on the host however it ends.
//
// With a number, each round makes one network and keeps it until all rounds are over: the kernel takes namespaces apart
// in the background, and would otherwise do so during the next rounds. Microseconds, as JSON on standard output.
// With `serve`, it does what it is told on standard input (serve.c).
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kinds.h"
#include "netlink.h"
#include "network.h"
#include "serve.h"

static const char *const step_names[STEPS] = {
    "namespace", "veth pair", "proxy ARP", "host end up", "lo up", "address", "default route", "host route",
};

enum { MAX_ROUNDS = 50000 };

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void print_quantiles(const char *name, double *samples, int count) {
    qsort(samples, (size_t)count, sizeof *samples, ascending);
    printf("{\"name\":\"%s\",\"medianMicroseconds\":%.1f,\"p95Microseconds\":%.1f}", name, samples[count / 2],
           samples[count * 95 / 100]);
}

static int measure(int rounds, int host, const struct place *place) {
    double *samples = calloc((size_t)rounds * (STEPS + 1), sizeof *samples);
    if (samples == NULL) die("memory", ENOMEM);
    for (int round = 0; round < rounds; round++) {
        struct network network = {COLD, round, round};
        double stamps[STEPS + 1];
        add(&network, host, place, stamps);
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
    free(samples);
    return 0;
}

int main(int argc, char **argv) {
    int serves = argc > 1 && strcmp(argv[1], "serve") == 0;
    int rounds = argc > 1 && !serves ? atoi(argv[1]) : 100;
    if (rounds < 1 || rounds > MAX_ROUNDS || argc > 2) {
        fprintf(stderr, "usage: floor [rounds, 1 to %d] | serve\n", MAX_ROUNDS);
        return 2;
    }
    struct place place = {.directory = "/tmp", .gateway = 0x0a000001};  // 10.0.0.1
    int host = make_host(place.directory, place.gateway);
    place.home = own_namespace();
    return serves ? serve(host, &place) : measure(rounds, host, &place);
}

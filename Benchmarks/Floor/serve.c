// SPDX-License-Identifier: Apache-2.0
//
// Networks as they are asked for, one command a line; the answer is how many microseconds it took.
//
//     add KIND COUNT WORKERS        COUNT networks more: cold, sandbox, warm, device, bridged
//     delete METHOD COUNT WORKERS   the youngest COUNT of them: drop, dellink, group (those in the group of all), back
//     settle                        waits until the kernel has done what it does in the background, as far as links tell
//
// What a kind needs before is made before the clock starts, and what a deletion leaves is removed after it stopped.
#define _GNU_SOURCE
#include "serve.h"

#include <errno.h>
#include <net/if.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "netlink.h"

enum { MAX_NETWORKS = 50000, MAX_WORKERS = 64 };

static const char *const kind_names[KINDS] = {"cold", "sandbox", "warm", "device", "bridged"};
static const char *const method_names[METHODS] = {"drop", "dellink", "group", "back"};

static struct network networks[MAX_NETWORKS];
static int count, made;
// Deleted, and maybe still on its way out.
static struct network dying[MAX_NETWORKS];
static int dying_count;

static int number_of(const char *name, const char *const *names, int count_of_names) {
    for (int i = 0; i < count_of_names; i++)
        if (strcmp(name, names[i]) == 0) return i;
    return -1;
}

// What the threads share.
struct work {
    const struct place *place;
    int is_deletion;
    enum method method;
    int end;
    atomic_int next;
};

static void do_one(const struct work *work, int index, int host) {
    if (work->is_deletion) {
        delete (&networks[index], work->method, host, work->place);
    } else {
        add(&networks[index], host, work->place, NULL);
    }
}

static void *worker(void *argument) {
    struct work *work = argument;
    int host = open_netlink();
    for (int i; (i = atomic_fetch_add(&work->next, 1)) < work->end;) do_one(work, i, host);
    close(host);
    return NULL;
}

static double run(struct work *work, int workers, int host) {
    pthread_t threads[MAX_WORKERS];
    double start = now_us();
    if (work->is_deletion && work->method == GROUP) {
        delete_all_by_group(host);
    } else if (workers == 1) {
        for (int i = work->next; i < work->end; i++) do_one(work, i, host);
    } else {
        for (int i = 0; i < workers; i++) {
            int error = pthread_create(&threads[i], NULL, worker, work);
            if (error != 0) die("thread", error);
        }
        for (int i = 0; i < workers; i++) pthread_join(threads[i], NULL);
    }
    return now_us() - start;
}

static double add_many(enum kind kind, int number, int workers, int host, const struct place *place) {
    for (int i = count; i < count + number; i++) {
        networks[i] = (struct network){kind, i, made++};
        prepare(&networks[i], host, place);
    }
    struct work work = {.place = place, .end = count + number, .next = count};
    double took = run(&work, workers, host);
    count += number;
    return took;
}

static double delete_many(enum method method, int number, int workers, int host, const struct place *place) {
    struct work work = {.place = place, .is_deletion = 1, .method = method, .end = count, .next = count - number};
    double took = run(&work, workers, host);
    for (int i = count - number; i < count; i++) {
        discard(&networks[i], method, host, place);
        if (dying_count < MAX_NETWORKS) dying[dying_count++] = networks[i];
    }
    count -= number;
    return took;
}

static double settle(void) {
    double start = now_us();
    char name[IFNAMSIZ];
    for (; dying_count > 0; dying_count--)
        while (if_indextoname(host_index(&dying[dying_count - 1]), name) != NULL) usleep(1000);
    return now_us() - start;
}

// Returns a negative number for what is no command.
static double perform(char *line, int host, const struct place *place) {
    char verb[16], name[16];
    int number = 0, workers = 0;
    int fields = sscanf(line, "%15s %15s %d %d", verb, name, &number, &workers);
    if (fields == 1 && strcmp(verb, "settle") == 0) return settle();
    if (fields != 4 || number < 1 || workers < 1 || workers > MAX_WORKERS) return -1;
    int kind = number_of(name, kind_names, KINDS), method = number_of(name, method_names, METHODS);
    if (strcmp(verb, "add") == 0 && kind >= 0 && number <= MAX_NETWORKS - count)
        return add_many((enum kind)kind, number, workers, host, place);
    if (strcmp(verb, "delete") == 0 && method >= 0 && number <= count)
        return delete_many((enum method)method, number, workers, host, place);
    return -1;
}

int serve(int host, const struct place *place) {
    char line[128];
    make_bridge_of_place(host, place);
    while (fgets(line, sizeof line, stdin) != NULL) {
        double took = perform(line, host, place);
        if (took < 0) {
            fprintf(stderr, "floor: not understood: %s", line);
            return 2;
        }
        printf("%.1f\n", took);
        fflush(stdout);
    }
    return 0;
}

// SPDX-License-Identifier: Apache-2.0
//
// What packets pay on a path, in the plainest way: one process on each side, blocking calls, one byte each way.
//
//     packets serve ADDRESS PORT            answers every byte with a byte, connection by connection
//     packets requests ADDRESS PORT SECONDS     one connection: bytes there and back, one after the other
//     packets connections ADDRESS PORT SECONDS  a connection for each byte there and back
//     packets hello ADDRESS PORT            sends one datagram, then sleeps until SIGTERM: a container that tells that
//                                           its network works
//     packets echo ADDRESS PORT             sends every datagram back
//     packets datagrams ADDRESS PORT        sends one every 2 ms until SIGTERM, and prints how many were sent and how
//                                           many came back
//
// The clients print how many a second. A client resets its connections: one that is closed in order keeps its port for
// a minute, and there are 28,000 of them.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static _Noreturn void die(const char *what) {
    fprintf(stderr, "packets: %s: %s\n", what, strerror(errno));
    exit(1);
}

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static struct sockaddr_in parse(const char *address, const char *port) {
    struct sockaddr_in result = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};
    if (inet_pton(AF_INET, address, &result.sin_addr) != 1) {
        errno = EINVAL;
        die(address);
    }
    return result;
}

static int open_socket(int type) {
    int s = socket(AF_INET, type | SOCK_CLOEXEC, 0);
    if (s < 0) die("socket");
    return s;
}

static void set(int s, int level, int option, const void *value, socklen_t length) {
    if (setsockopt(s, level, option, value, length) < 0) die("setsockopt");
}

static void send_at_once(int s) {
    int on = 1;
    set(s, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

static int connect_to(const struct sockaddr_in *server) {
    struct linger reset = {.l_onoff = 1, .l_linger = 0};
    int s = open_socket(SOCK_STREAM);
    send_at_once(s);
    set(s, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    if (connect(s, (const struct sockaddr *)server, sizeof *server) < 0) die("connect");
    return s;
}

static void ask(int s) {
    char byte = 'x';
    if (send(s, &byte, 1, 0) != 1) die("send");
    if (recv(s, &byte, 1, 0) != 1) die("receive");
}

static int serve(const struct sockaddr_in *address) {
    int on = 1, listener = open_socket(SOCK_STREAM);
    set(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(listener, (const struct sockaddr *)address, sizeof *address) < 0) die("bind");
    if (listen(listener, 1024) < 0) die("listen");
    puts("ready");
    fflush(stdout);
    while (1) {
        int s = accept(listener, NULL, NULL);
        if (s < 0) continue;
        send_at_once(s);
        char byte;
        while (recv(s, &byte, 1, 0) == 1)
            if (send(s, &byte, 1, MSG_NOSIGNAL) != 1) break;
        close(s);
    }
}

static int requests(const struct sockaddr_in *server, double seconds) {
    int s = connect_to(server);
    long count = 0;
    double start = now(), end = start;
    for (; end < start + seconds; end = now(), count++) ask(s);
    close(s);
    printf("%.1f\n", (double)count / (end - start));
    return 0;
}

static int connections(const struct sockaddr_in *server, double seconds) {
    long count = 0;
    double start = now(), end = start;
    for (; end < start + seconds; end = now(), count++) {
        int s = connect_to(server);
        ask(s);
        close(s);
    }
    printf("%.1f\n", (double)count / (end - start));
    return 0;
}

static int echo(const struct sockaddr_in *address) {
    char bytes[64];
    int s = open_socket(SOCK_DGRAM);
    if (bind(s, (const struct sockaddr *)address, sizeof *address) < 0) die("bind");
    while (1) {
        struct sockaddr_in peer;
        socklen_t length = sizeof peer;
        ssize_t n = recvfrom(s, bytes, sizeof bytes, 0, (struct sockaddr *)&peer, &length);
        if (n > 0) sendto(s, bytes, (size_t)n, 0, (struct sockaddr *)&peer, length);
    }
}

static volatile sig_atomic_t is_ended;
static void end(int signal) {
    (void)signal;
    is_ended = 1;
}

static int datagrams(const struct sockaddr_in *server) {
    const struct timespec pause = {.tv_nsec = 2000000};
    long sent = 0, received = 0;
    uint32_t number;
    int s = open_socket(SOCK_DGRAM), is_waiting = 500;
    if (connect(s, (const struct sockaddr *)server, sizeof *server) < 0) die("connect");
    signal(SIGTERM, end);
    puts("ready");
    fflush(stdout);
    while (!is_ended || (received < sent && is_waiting-- > 0)) {
        number = (uint32_t)sent;
        if (!is_ended && send(s, &number, sizeof number, 0) == sizeof number) sent++;
        nanosleep(&pause, NULL);
        while (recv(s, &number, sizeof number, MSG_DONTWAIT) > 0) received++;
    }
    printf("%ld %ld\n", sent, received);
    return 0;
}

static int hello(const struct sockaddr_in *server) {
    int s = open_socket(SOCK_DGRAM);
    sigset_t ending;
    int signal;
    sigemptyset(&ending);
    sigaddset(&ending, SIGTERM);
    sigprocmask(SIG_BLOCK, &ending, NULL);
    if (sendto(s, "hello", 5, 0, (const struct sockaddr *)server, sizeof *server) != 5) die("send");
    sigwait(&ending, &signal);
    return 0;
}

int main(int argc, char **argv) {
    if (argc >= 4) {
        struct sockaddr_in address = parse(argv[2], argv[3]);
        if (argc == 4 && strcmp(argv[1], "serve") == 0) return serve(&address);
        if (argc == 4 && strcmp(argv[1], "hello") == 0) return hello(&address);
        if (argc == 4 && strcmp(argv[1], "echo") == 0) return echo(&address);
        if (argc == 4 && strcmp(argv[1], "datagrams") == 0) return datagrams(&address);
        if (argc == 5 && strcmp(argv[1], "requests") == 0) return requests(&address, atof(argv[4]));
        if (argc == 5 && strcmp(argv[1], "connections") == 0) return connections(&address, atof(argv[4]));
    }
    fprintf(stderr, "usage: packets serve|hello|echo|datagrams ADDRESS PORT | requests|connections ADDRESS PORT SECONDS\n");
    return 2;
}

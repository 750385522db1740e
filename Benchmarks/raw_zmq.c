/* The yardstick for Messaging: what plain C on libzmq reaches with the same security and payload.
 *
 *   cc -O2 -o raw_zmq raw_zmq.c -lzmq
 *   ./raw_zmq [--frames 1] [--outstanding 64] [--body-bytes 600] [--seconds 3]
 *
 * Forks a ROUTER that echoes and a DEALER that keeps `outstanding` requests in flight, over TCP on 127.0.0.1 with
 * CURVE (each process has its own context, made after the fork). A request is `frames` frames: with 1 the body alone,
 * the natural form; with 4 a magic, a kind and a header of 40 bytes go before it, which shows what each frame costs.
 * Prints round trips per second and each process's CPU time per round trip, in microseconds. No ZAP: admission costs
 * once per connection, not per message. MessagingBench compiles and runs this next to Messaging.
 */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <zmq.h>

static int frames = 1, outstanding = 64, body_bytes = 600;
static double seconds = 3;
static char server_public[41], server_secret[41], client_public[41], client_secret[41];

static double now(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

static void check(int ok, const char *what) {
    if (ok) return;
    fprintf(stderr, "%s: %s\n", what, zmq_strerror(zmq_errno()));
    exit(1);
}

static void set(void *socket, int option, int value) {
    check(zmq_setsockopt(socket, option, &value, sizeof value) == 0, "setsockopt");
}

/* Moves one message, frame by frame and without copying, from a socket back to it. */
static void echo(int port_pipe) {
    void *context = zmq_ctx_new(), *router = zmq_socket(context, ZMQ_ROUTER);
    char endpoint[256];
    size_t size = sizeof endpoint;
    set(router, ZMQ_LINGER, 0);
    set(router, ZMQ_CURVE_SERVER, 1);
    check(zmq_setsockopt(router, ZMQ_CURVE_SECRETKEY, server_secret, 41) == 0, "key");
    check(zmq_bind(router, "tcp://127.0.0.1:*") == 0, "bind");
    check(zmq_getsockopt(router, ZMQ_LAST_ENDPOINT, endpoint, &size) == 0, "endpoint");
    check(write(port_pipe, endpoint, sizeof endpoint) == sizeof endpoint, "pipe");
    zmq_msg_t message;
    zmq_msg_init(&message);
    for (;;) {
        if (zmq_msg_recv(&message, router, 0) < 0) {
            if (errno == EINTR) continue;
            exit(1);
        }
        int more = zmq_msg_more(&message);
        if (zmq_msg_send(&message, router, more ? ZMQ_SNDMORE : 0) < 0) exit(1);
        zmq_msg_init(&message);
    }
}

static void send_request(void *dealer, const char *body) {
    static const char header[40];
    if (frames >= 4) {
        check(zmq_send(dealer, "C1", 2, ZMQ_SNDMORE) == 2, "send");
        check(zmq_send(dealer, "\1", 1, ZMQ_SNDMORE) == 1, "send");
    }
    if (frames >= 2) check(zmq_send(dealer, header, frames >= 4 ? sizeof header : 8, ZMQ_SNDMORE) > 0, "send");
    check(zmq_send(dealer, body, body_bytes, 0) == body_bytes, "send");
}

static void receive_reply(void *dealer, zmq_msg_t *message) {
    do check(zmq_msg_recv(message, dealer, 0) >= 0, "recv"); while (zmq_msg_more(message));
}

int main(int count, char **arguments) {
    static const struct option options[] = {
        {"frames", required_argument, NULL, 'f'}, {"outstanding", required_argument, NULL, 'n'},
        {"body-bytes", required_argument, NULL, 'b'}, {"seconds", required_argument, NULL, 's'}, {NULL, 0, NULL, 0},
    };
    int option;
    while ((option = getopt_long(count, arguments, "", options, NULL)) != -1) {
        switch (option) {
        case 'f': frames = atoi(optarg); break;
        case 'n': outstanding = atoi(optarg); break;
        case 'b': body_bytes = atoi(optarg); break;
        case 's': seconds = atof(optarg); break;
        default: return 2;
        }
    }
    if ((frames != 1 && frames != 2 && frames != 4) || outstanding < 1 || body_bytes < 1 || seconds <= 0) {
        fprintf(stderr, "frames are 1, 2 or 4; the other values are positive\n");
        return 2;
    }
    check(zmq_curve_keypair(server_public, server_secret) == 0, "keys");
    check(zmq_curve_keypair(client_public, client_secret) == 0, "keys");
    int ends[2];
    char endpoint[256];
    check(pipe(ends) == 0, "pipe");
    pid_t server = fork();
    if (server == 0) echo(ends[1]);
    check(read(ends[0], endpoint, sizeof endpoint) == sizeof endpoint, "pipe");

    void *context = zmq_ctx_new(), *dealer = zmq_socket(context, ZMQ_DEALER);
    set(dealer, ZMQ_LINGER, 0);
    check(zmq_setsockopt(dealer, ZMQ_CURVE_SERVERKEY, server_public, 41) == 0, "key");
    check(zmq_setsockopt(dealer, ZMQ_CURVE_PUBLICKEY, client_public, 41) == 0, "key");
    check(zmq_setsockopt(dealer, ZMQ_CURVE_SECRETKEY, client_secret, 41) == 0, "key");
    check(zmq_connect(dealer, endpoint) == 0, "connect");
    char *body = calloc(1, body_bytes);
    zmq_msg_t message;
    zmq_msg_init(&message);
    send_request(dealer, body);
    receive_reply(dealer, &message);

    double start = now(CLOCK_MONOTONIC), end = start + seconds, cpu = now(CLOCK_PROCESS_CPUTIME_ID), stop = start;
    long done = 0;
    for (int i = 0; i < outstanding; i++) send_request(dealer, body);
    while (stop < end) {
        receive_reply(dealer, &message);
        send_request(dealer, body);
        if (++done % 64 == 0) stop = now(CLOCK_MONOTONIC);
    }
    cpu = now(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    kill(server, SIGKILL);
    struct rusage usage;
    wait4(server, NULL, 0, &usage);
    double server_cpu = usage.ru_utime.tv_sec + usage.ru_stime.tv_sec
        + (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
    printf("frames=%d body_bytes=%d outstanding=%d rate=%.0f client_us=%.2f server_us=%.2f\n",
           frames, body_bytes, outstanding, done / (stop - start), cpu / done * 1e6, server_cpu / done * 1e6);
    return 0;
}

/* The floor under "committed here, heard there": INSERT one row with its own commit, then publish over ZeroMQ to a
 * subscriber in another process. Prints one line per message: microseconds from before the INSERT to the receipt,
 * by CLOCK_MONOTONIC, which is one clock for all processes of a machine.
 *
 *   cc -O2 -I"$(pg_config --includedir)" -o insert_publish insert_publish.c -lpq -lzmq
 *   insert_publish <conninfo> <messages> <idle milliseconds between them> <payload bytes>
 */
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <zmq.h>

enum { WARMUP = 5 };

static long long now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static void require(int holds, const char *what) {
    if (holds) return;
    fprintf(stderr, "insert_publish: %s\n", what);
    exit(1);
}

/* Writes its endpoint's port to `ready`, then one line per message. */
static int subscribe(int ready, int messages) {
    void *context = zmq_ctx_new(), *socket = zmq_socket(context, ZMQ_SUB);
    char endpoint[256];
    size_t size = sizeof endpoint;
    int patience = 20000;
    zmq_setsockopt(socket, ZMQ_SUBSCRIBE, "", 0);
    zmq_setsockopt(socket, ZMQ_RCVTIMEO, &patience, sizeof patience);
    require(zmq_bind(socket, "tcp://127.0.0.1:*") == 0, "bind");
    require(zmq_getsockopt(socket, ZMQ_LAST_ENDPOINT, endpoint, &size) == 0, "endpoint");
    require(write(ready, endpoint, sizeof endpoint) == sizeof endpoint, "pipe");
    for (int count = 0; count < messages; count++) {
        long long began;
        require(zmq_recv(socket, &began, sizeof began, 0) == sizeof began, "no message within 20 s");
        long long took = now() - began;
        if (count >= WARMUP) printf("%.1f\n", took / 1000.0);
    }
    zmq_close(socket);
    zmq_ctx_term(context);
    return 0;
}

int main(int argc, char **argv) {
    require(argc == 5, "<conninfo> <messages> <idle milliseconds> <payload bytes>");
    int messages = atoi(argv[2]) + WARMUP, idle = atoi(argv[3]), bytes = atoi(argv[4]);
    require(messages > WARMUP && idle >= 0 && idle < 1000 && bytes > 0 && bytes < 1 << 20, "a number is out of range");
    int ready[2];
    require(pipe(ready) == 0, "pipe");
    pid_t child = fork();
    require(child >= 0, "fork");
    if (child == 0) return subscribe(ready[1], messages);

    char endpoint[256];
    require(read(ready[0], endpoint, sizeof endpoint) == sizeof endpoint, "the subscriber did not start");
    void *context = zmq_ctx_new(), *socket = zmq_socket(context, ZMQ_PUB);
    require(zmq_connect(socket, endpoint) == 0, "connect");
    PGconn *connection = PQconnectdb(argv[1]);
    require(PQstatus(connection) == CONNECTION_OK, PQerrorMessage(connection));
    char *payload = malloc(bytes);
    require(payload != NULL, "memory");
    memset(payload, 'x', bytes);
    PGresult *prepared = PQprepare(connection, "insert", "INSERT INTO bench.floor (payload) VALUES ($1::bytea)", 1, NULL);
    require(PQresultStatus(prepared) == PGRES_COMMAND_OK, PQerrorMessage(connection));
    PQclear(prepared);
    usleep(300000); /* The subscription travels to the publisher. */

    const char *values[1] = { payload };
    const int lengths[1] = { bytes }, formats[1] = { 1 };
    struct timespec pause = { 0, idle * 1000000L };
    for (int count = 0; count < messages; count++) {
        nanosleep(&pause, NULL);
        long long began = now();
        PGresult *inserted = PQexecPrepared(connection, "insert", 1, values, lengths, formats, 1);
        require(PQresultStatus(inserted) == PGRES_COMMAND_OK, PQerrorMessage(connection));
        PQclear(inserted);
        require(zmq_send(socket, &began, sizeof began, 0) == sizeof began, "send");
    }
    int status = 1;
    waitpid(child, &status, 0);
    PQfinish(connection);
    zmq_close(socket);
    zmq_ctx_term(context);
    free(payload);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

#pragma once
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <pthread.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <zmq.h>

/* Debian's zmq.h hides this option behind the draft API; the library itself honors it (MESSAGING §1). */
static const int CAIRN_ZMQ_ZAP_ENFORCE_DOMAIN = 93;

static inline int cairn_eventfd(void) { return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC); }
static inline void cairn_eventfd_ring(int fd) { uint64_t one = 1; (void)!write(fd, &one, sizeof one); }
static inline void cairn_eventfd_clear(int fd) { uint64_t count; (void)!read(fd, &count, sizeof count); }

/* Kernel limit: 15 characters and a terminator. */
static inline int cairn_thread_name(pthread_t thread, const char *name) { return pthread_setname_np(thread, name); }

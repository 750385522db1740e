/* What Linux has, and Swift's Glibc module leaves out. */
#pragma once
#include <pthread.h>
#include <spawn.h>
#include <sys/eventfd.h>

/* Declared here because glibc has them for _GNU_SOURCE only; with that, its types would be others than those that Swift's
   own modules were built with, and the two do not go together. */
extern int pthread_setname_np(pthread_t thread, const char *name);
extern int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *actions, int from);

static inline int cairn_eventfd(void) { return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC); }
static inline void cairn_eventfd_ring(int fd) { (void)eventfd_write(fd, 1); }
static inline void cairn_eventfd_clear(int fd) { eventfd_t count; (void)eventfd_read(fd, &count); }

/* Kernel limit: 15 characters and a terminator. */
static inline int cairn_thread_name(pthread_t thread, const char *name) { return pthread_setname_np(thread, name); }

/* A child gets our first three descriptors, or what the actions before this made of them, and no other: Foundation's pipes
   and NIO's sockets are open to every child, and a pipe whose writing end a daemon holds never ends for its reader. */
static inline int cairn_spawn_close_others(posix_spawn_file_actions_t *actions) {
    return posix_spawn_file_actions_addclosefrom_np(actions, 3);
}

#pragma once
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <libpq-fe.h>
#include <pthread.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* These are character macros in libpq, which Swift does not import. */
static const int CAIRN_PG_DIAG_SEVERITY = PG_DIAG_SEVERITY_NONLOCALIZED;
static const int CAIRN_PG_DIAG_SQLSTATE = PG_DIAG_SQLSTATE;
static const int CAIRN_PG_DIAG_MESSAGE_PRIMARY = PG_DIAG_MESSAGE_PRIMARY;
static const int CAIRN_PG_DIAG_CONSTRAINT_NAME = PG_DIAG_CONSTRAINT_NAME;
static const int CAIRN_PG_DIAG_TABLE_NAME = PG_DIAG_TABLE_NAME;
static const int CAIRN_PG_DIAG_SOURCE_FUNCTION = PG_DIAG_SOURCE_FUNCTION;

/* Neither eventfd nor pthread_setname_np is in Swift's Glibc module. */
static inline int cairn_pg_eventfd(void) { return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC); }
static inline void cairn_pg_eventfd_ring(int fd) { uint64_t one = 1; (void)!write(fd, &one, sizeof one); }
static inline void cairn_pg_eventfd_clear(int fd) { uint64_t count; (void)!read(fd, &count, sizeof count); }
static inline int cairn_pg_thread_name(pthread_t thread, const char *name) { return pthread_setname_np(thread, name); }

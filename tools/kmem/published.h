/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* The statistics of a process on libkmem, read from outside while it runs. */
#ifndef KMEM_TOOL_PUBLISHED_H
#define KMEM_TOOL_PUBLISHED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <kmem/published.h>

#include "core.h"
#include "dump.h"

#define BOOKS_ZONES 8
/* What /proc calls the published area. */
#define AREA_LINK "/memfd:" KMEM_PUB_NAME " (deleted)"

/* A cache's record, and what only the memory of the process tells. */
struct cache_books {
	struct kmem_pub_cache pub;
	uint64_t in_slots; /* objects in the CPUs' sheaves; see slots_known */
};

/* A copy of all records, of one moment as far as possible. */
struct books {
	pid_t pid;
	char comm[32];           /* name of the process */
	const struct dump *dump; /* not NULL: it is a machine, and this */
	const struct core *core; /* not NULL: it is a process that ended, .. */
	char backend[9];
	uint64_t when_ns; /* monotonic clock */
	uint64_t window_base, window_size;
	uint64_t standin; /* the top that stands for no sheaf */
	uint64_t area_bytes;
	struct kmem_pub_totals totals;
	struct kmem_pub_zone zone[BOOKS_ZONES];
	size_t nr_zones;
	struct kmem_pub_pcp *pcp;
	size_t nr_pcps;
	struct cache_books *cache; /* in the order of creation */
	size_t nr_caches;
	bool settled;     /* nothing moved while it was read */
	bool slots_known; /* in_slots is filled in, or slots_error says why */
	int slots_error;
	/* from /proc/PID/smaps: window and arrays, that is, what is usable */
	bool maps_known;
	uint64_t maps_window, maps_arrays, maps_area;
	uint64_t rss_window, rss_arrays, rss_area;
};

struct published;

/*
 * Attaches to a process; NULL after a complaint that begins with the name of
 * the command. which: the 1st, 2nd, .. area of a process that has several.
 */
struct published *published_open(const char *command, pid_t pid,
				 unsigned int which);
/* The same of memory in a file: a process's core, or a machine's dump. */
struct published *published_open_file(const char *command, const char *path,
				      unsigned int which);
void published_close(struct published *p);

/*
 * Reads the statistics into *b, which was zeroed or holds a reading from
 * before.  False when the process is gone, quietly, or after a complaint.
 */
bool published_read(struct published *p, struct books *b);

/* Sleeps; false as soon as the process has ended. */
bool published_sleep(struct published *p, double seconds);

/* Has it ended, or become another program? */
bool published_ended(struct published *p);

struct published_process {
	pid_t pid;
	char comm[32];
};

void published_process(const struct published *p, struct published_process *to);

/*
 * Asks the process to give memory back; false after a complaint.  The answer
 * is there when published_answer() is true; bytes are what went back.
 */
struct published_ask {
	int fd; /* the area, to be written to */
	size_t at;
	uint32_t number;
	uint64_t call; /* code for a thread of the process to run; 0: none */
};

bool published_ask(struct published *p, struct published_ask *a);
bool published_answer(const struct published_ask *a, uint64_t *bytes);
/* Has the thread that was made to call finished? */
bool published_called(const struct published_ask *a);
void published_ask_end(struct published_ask *a);

/*
 * What the call sites of the process hold; a thread of it that sleeps is lent
 * the call (borrow.h).  what is one of enum kmem_pub_what.
 */
struct published_sites {
	struct kmem_pub_site *site; /* free() it */
	size_t nr;
	bool on;
};

/* The record and the area to write to; false after a complaint. */
bool published_ask_open(struct published *p, struct published_ask *a);

/* False after a complaint.  Tries for so many seconds to find such a thread. */
bool published_sites(struct published *p, const char *command,
		     unsigned int what, double wait,
		     struct published_sites *to);

/* books.c */

/* Adds a record of that kind; false without memory. */
bool books_add(struct books *b, const char *from, uint32_t kind, size_t size);
/* After the last record: puts them in order and looks into the sheaves. */
void books_finish(struct books *b, uint64_t standin);
/* Fills in the maps_ and rss_ fields, which takes longer than the rest. */
void books_read_maps(struct books *b);
/* Copies n bytes at that address; false: errno says why it cannot be read. */
bool books_memory(const struct books *b, uint64_t from, void *to, size_t n);
/* Is it memory in a file?  Then nothing moves, and no system is asked. */
static inline bool books_of_file(const struct books *b)
{
	return b->dump || b->core;
}
/* "process 12 (name)", or what it is instead. */
const char *books_title(const struct books *b, char *to, size_t size);
void books_free(struct books *b);
void books_copy(struct books *to, const struct books *from);

/* Objects in whole sheaves of the barn. */
uint64_t cache_in_barn(const struct kmem_pub_cache *c);

static inline uint64_t cache_active(const struct kmem_pub_cache *c)
{
	return c->total_objects - c->free_objects;
}

/* What slabinfo calls pagesperslab. */
static inline uint64_t cache_pages(const struct kmem_pub_cache *c)
{
	return 1ull << c->order;
}

#endif

/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * What a process shows of its allocator while it runs: a shared area that
 * tools read, laid out here.  One word of it is theirs to write: asked.
 *
 * The area is the memfd "kmem" of the process.  It opens with a header; after
 * it lie records, each a multiple of 64 bytes, one after another up to used.
 * The counters in them are copies of the allocator's own books, made before
 * the lock that guards them is dropped.  seq is odd while a
 * record is being changed; a reader takes the record again until seq was even
 * and the same before and after.
 *
 * A reader checks magic and version and skips kinds that it does not know.
 */
#ifndef KMEM_PUBLISHED_H
#define KMEM_PUBLISHED_H

#include <stdint.h>

#define KMEM_PUB_MAGIC 0x3142555030306d6bull
#define KMEM_PUB_VERSION 6
#define KMEM_PUB_NAME "kmem"
#define KMEM_PUB_ALIGN 64

enum kmem_pub_kind {
	KMEM_PUB_FREE,   /* unused, may become any record of its size */
	KMEM_PUB_TOTALS, /* struct kmem_pub_totals, once */
	KMEM_PUB_ZONE,   /* struct kmem_pub_zone */
	KMEM_PUB_PCP,    /* struct kmem_pub_pcp, one a CPU seen */
	KMEM_PUB_CACHE,  /* struct kmem_pub_cache */
	KMEM_PUB_ASK,    /* struct kmem_pub_ask, once */
};

struct kmem_pub_header {
	uint64_t magic;
	uint32_t version;
	uint32_t pid;
	uint64_t size;        /* bytes usable; grows, ahead of used */
	uint64_t used;        /* up to here lie records */
	uint64_t window_base; /* address of "physical" 0 */
	uint64_t window_size;
	uint64_t standin; /* the top that stands for no sheaf */
	char backend[8];  /* "lock" or "rseq" */
};

struct kmem_pub_record {
	uint32_t kind;
	uint32_t size; /* of the whole record, bytes */
	uint32_t seq;
	uint32_t spare;
};

struct kmem_pub_totals {
	struct kmem_pub_record record;
	uint64_t usable_pages; /* of the window, all zones */
	uint64_t map_bytes;    /* page records of usable pages */
	uint64_t slab_map_bytes;
	uint64_t large_pages; /* in blocks kmalloc() took whole */
	uint64_t span_pages;
	uint64_t regions; /* mappings of their own */
	uint64_t region_bytes;
	uint64_t grown_calls;
	uint64_t purge_calls;
	uint64_t own_bytes;    /* other mappings of the allocator itself */
	uint64_t column_bytes; /* that of the rseq backend's slots */
	uint64_t kept;         /* freed mappings that wait for a new owner */
	uint64_t kept_bytes;
	/* pressure from outside: what came, and what was done about it */
	uint64_t pressure_sources; /* bits of enum kmem_pub_source */
	uint64_t pressure_events;
	uint64_t pressure_passes;
	uint64_t pressure_throttled; /* events that led to no pass */
	uint64_t pressure_bytes;     /* given back in passes */
	uint64_t asked_passes;       /* for kmem trim */
	uint64_t asked_bytes;
	uint64_t reclaim_runs, reclaim_pages; /* direct and background */
	uint64_t oom_runs, oom_pages;         /* calls of the notifiers */
	uint64_t shrunk;                      /* objects, by shrinkers */
	uint64_t kswapd_runs;                 /* of reclaim, by kswapd=1 */
	uint64_t kswapd_pages;  /* brought before they were needed */
	uint64_t percpu_bytes;  /* of all CPUs, populated */
	uint64_t vmalloc_pages; /* of vmalloc(), guard pages included */
	uint64_t areas;  /* address of the first struct kmem_pub_area, or 0 */
	uint64_t view;   /* of what kmem debug and kmem whatis read */
	uint64_t here;   /* address of the header, for who finds it in a dump */
	uint64_t number; /* of several areas of a process, in this order */
};

/*
 * An area of vmalloc(), in private memory of the process: records are never
 * given back, and next, which never changes, leads through all of them.  live
 * is not 0 while the rest is that of an area; it counts up.
 */
struct kmem_pub_area {
	uint64_t next;
	uint64_t live;
	uint64_t addr, size; /* with the guard page behind */
	uint64_t pages;
	uint64_t flags;  /* VM_* of <linux/vmalloc.h> */
	uint64_t caller; /* code address */
};

/* Where pressure is told. */
enum kmem_pub_source {
	KMEM_PUB_WATCH = 1,  /* MEMORY_PRESSURE_WATCH of the service manager */
	KMEM_PUB_PSI = 2,    /* stall information of the kernel */
	KMEM_PUB_CGROUP = 4, /* the limits of the own cgroup */
};

/*
 * Memory is asked for by making asked another number than it was.  The process
 * gives back what it can and then sets bytes, and done to the number that it
 * had read.  A number that is not the other's is all that is looked at, so a
 * process that writes here causes passes and nothing else.
 *
 * A process that sleeps passes nowhere.  So kmem has one of its threads run
 * the code at call, as a debugger would (tools/kmem/borrow.c); that gives back
 * for the number it finds, sets called to it and then sleeps until kmem puts
 * the thread back to where it was.
 *
 * The code at account is the same for the accounting of call sites.  It does
 * what `what` says, and writes what each site holds to nr_sites records at
 * sites, in private memory of the process, where they stay until the next time.
 * Then it sets told to the number that it found in wanted.  error is 0, or a
 * negative errno.
 */
struct kmem_pub_ask {
	struct kmem_pub_record record;
	uint32_t asked;
	uint32_t done;
	uint64_t bytes; /* given back for the last number done */
	uint64_t call;  /* address of the code; 0: there is none */
	uint32_t called;
	uint32_t what;    /* enum kmem_pub_what */
	uint64_t account; /* address of the code; 0: there is none */
	uint32_t wanted;
	uint32_t told;
	uint64_t sites, nr_sites;
	int32_t error;
	uint32_t on; /* accounting is on */
};

enum kmem_pub_what {
	KMEM_PUB_SITES_READ,
	KMEM_PUB_SITES_ON,
	KMEM_PUB_SITES_OFF,
};

/*
 * What a call site holds.  site is an address: of code or, where bit 63 is set,
 * of a struct alloc_tag (<linux/alloc_tag.h>); 0: it is not known which.
 */
#define KMEM_PUB_SITE_TAG (1ull << 63)
struct kmem_pub_site {
	uint64_t site, bytes, calls;
};

#define KMEM_PUB_ORDERS 11

struct kmem_pub_zone {
	struct kmem_pub_record record;
	char name[16];
	uint64_t start_pfn, end_pfn; /* as of page_to_pfn() */
	uint64_t grown_pfn;          /* usable below, except absent pages */
	uint64_t absent;
	uint64_t free;     /* pages on the free lists */
	uint64_t purged;   /* of these, memory is with the OS */
	uint64_t isolated; /* pages on their way there */
	uint64_t mark[3];  /* min, low, high */
	uint64_t highatomic, free_highatomic; /* pages kept, of these free */
	uint64_t deepest; /* pages of the reserve used at the worst */
	uint64_t nr_free[KMEM_PUB_ORDERS];
	uint64_t allocs, frees; /* blocks through the zone's lock */
};

struct kmem_pub_pcp {
	struct kmem_pub_record record;
	uint64_t cpu;
	uint64_t pages;
	uint64_t refills, drains; /* blocks to and from the zone */
};

struct kmem_pub_cache {
	struct kmem_pub_record record;
	char name[64];
	uint32_t size, object_size;
	uint32_t objects, order; /* of the preferred slab */
	uint32_t align;
	uint32_t sheaf_bytes; /* 0: keeps none */
	uint32_t flags;
	uint32_t number; /* counts up with each cache made */
	/* slabs; under the node's list_lock, with seq */
	uint64_t slabs, slab_pages;
	uint64_t total_objects, free_objects;
	uint64_t partial, empty;
	uint64_t taken, given; /* objects out of and into slabs */
	uint64_t refills, flushes;
	uint64_t slabs_made, slabs_freed;
	/* barn; under its lock, without seq */
	uint64_t barn_full, barn_empty;
	uint64_t barn_gets, barn_puts;
	/* slots are private memory: where they lie, how many, how far apart */
	uint64_t slots, nr_slots, slot_stride;
	/* those of the rseq backend; their words less standin */
	uint64_t column, nr_cpus, column_stride;
	uint64_t self; /* address of the struct kmem_cache */
};

#endif

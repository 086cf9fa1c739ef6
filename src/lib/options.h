/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The options of the library: "key=value,key,key=value", and one table of them
 * from which they are parsed, refused, explained and tested.
 *
 * An item that is wrong in any part is ignored, and reported: half a number, a
 * number out of range, a word that is none of the option's, a key that does not
 * exist, a key for the second time.
 */
#ifndef LIB_OPTIONS_H
#define LIB_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum option_key {
	OPT_MEM,
	OPT_DECAY_MS,
	OPT_KEEP,
	OPT_BURST,
	OPT_THP,
	OPT_RT,
	OPT_BACKGROUND,
	OPT_KSWAPD,
	OPT_PRESSURE,
	OPT_PRESSURE_MS,
	OPT_PRESSURE_ROOT,
	OPT_MIN_FREE_KBYTES,
	OPT_ATOMIC_CHECKS,
	OPT_PANIC_ON_WARN,
	OPT_PERCPU,
	OPT_SLABINFO,
	OPT_EVERY,
	OPT_PUBLISH,
	OPT_SLABINFO_PID,
	OPT_TORTURE,
	OPT_SLAB_DEBUG,
	OPT_KFENCE_SAMPLE_INTERVAL,
	OPT_KFENCE_NUM_OBJECTS,
	OPT_CHECK,
	OPT_QUARANTINE,
	OPT_INIT_ON_ALLOC,
	OPT_INIT_ON_FREE,
	OPT_PAGE_POISON,
	OPT_FAILSLAB,
	OPT_FAILSLAB_CACHE_FILTER,
	OPT_FAILSLAB_IGNORE_GFP_WAIT,
	OPT_FAILSLAB_VERBOSE,
	OPT_FAIL_PAGE_ALLOC,
	OPT_FAIL_PAGE_ALLOC_MIN_ORDER,
	OPT_FAIL_PAGE_ALLOC_IGNORE_GFP_WAIT,
	OPT_FAIL_PAGE_ALLOC_VERBOSE,
	OPT_FAIL_NTH,
	OPT_FAIL_STACK,
	OPT_MEM_PROFILING,
	OPT_LINES,
	OPT_LEAK_CHECK,
	OPT_TEST_CASE,
	OPT_TEST_CASE_LEAKS,
	OPT_TEST_CASE_PEAK,
	OPT_TEST_CASE_ALLOCATIONS,
	OPTIONS
};

enum option_type {
	OPTION_FLAG,   /* 0 or 1 */
	OPTION_NUMBER, /* whole, from least to most */
	OPTION_SIZE,   /* bytes: 0, or from least to most */
	OPTION_WORD,   /* one of the words; the value is its place */
	OPTION_TEXT,   /* any but the empty text */
	/*
	 * Any text; after its '=' it goes on over commas, up to what has a '='
	 * or is the name of an option.
	 */
	OPTION_LIST,
	OPTION_FAULT, /* INTERVAL,PROBABILITY,SPACE,TIMES; ends as a list */
};

/* The values of OPT_PERCPU and OPT_PRESSURE. */
enum option_percpu { PERCPU_AUTO, PERCPU_RSEQ, PERCPU_LOCK };
/* What is lost is reported when the process ends; by its status as well. */
enum option_leak_check { LEAK_CHECK_OFF, LEAK_CHECK_REPORT, LEAK_CHECK_EXIT };
enum option_check { CHECK_OFF, CHECK_CHEAP, CHECK_STRICT };
enum option_pressure {
	PRESSURE_NONE,
	PRESSURE_ALL,
	PRESSURE_WATCH,
	PRESSURE_PSI,
	PRESSURE_CGROUP,
};

#define OPTION_WORDS 8

struct option_def {
	const char *name;
	const char *alias; /* or NULL */
	enum option_type type;
	int64_t least, most;
	int64_t standard;                /* when it is not given */
	int64_t bare;                    /* for the key alone; 0: refused */
	const char *words[OPTION_WORDS]; /* up to a NULL */
	const char *example;             /* a value that suits any program */
	const char *help;
};

extern const struct option_def option_table[OPTIONS];

/*
 * Called for an item that is refused, of n bytes; why is a clause that says
 * what would have been accepted.
 */
typedef void option_refused(const char *item, size_t n, const char *why);

/*
 * Replaces what was parsed before; the text and the table must stay where they
 * are. refused may be NULL.  Returns how many items were refused.
 */
unsigned int options_parse(const char *all, option_refused *refused);

/* A flag, number, size or word. [nb] */
int64_t option_value(enum option_key key);
/* A text or list, without a NUL at its end; NULL: not given. [nb] */
const char *option_text(enum option_key key, size_t *n);

/* The numbers of such a text; false: it is none. */
#define OPTION_FAULTS 4
bool option_fault(const char *text, size_t n, int64_t value[OPTION_FAULTS]);

/* What the option accepts, as refused gets it; at most n bytes with the NUL. */
void option_accepts(enum option_key key, char *buf, size_t n);

#endif

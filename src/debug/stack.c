/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Call stacks, remembered by number.
 *
 * A record of where something began has no room for a stack, and most stacks
 * repeat: so each is kept once, in an area of STACK_BYTES, under a number of 32
 * bits.  Numbers are places in the area, in units of 16 bytes.
 *
 *	area	[hash next nr | pc pc pc ..] [hash next nr | pc ..] ...
 *	bucket	number of the stack that came last, or 0
 *
 * Nothing is ever removed, so a reader needs no lock, and a writer claims its
 * place by an addition and publishes it by a compare-and-exchange of the
 * bucket.  Two threads that bring the same stack at the same time may keep it
 * twice.  When the area is full a stack has number 0.
 *
 * The area is untouched, and costs nothing, until a stack comes; it is not
 * charged to the hard limit.
 */
#include "debug/stack.h"

#include "debug/report.h"
#include "debug/view.h"
#include "lib/errno.h"
#include "lib/mem.h"
#include "lib/text.h"
#include "sync/lock.h"
#include "port/port.h"

#define STACK_BYTES (8ul << 20)
#define UNIT STACK_UNIT
#define UNITS (STACK_BYTES / UNIT)
#define BUCKETS 4096u

/* Of the longest stack. */
#define UNITS_MOST \
	((sizeof(struct stack_kept) + STACK_DEPTH * sizeof(void *)) / UNIT)

static struct once booted;
static char *area;
static uint32_t used; /* units; it may run past the end */
uint32_t bucket[BUCKETS] BULKY("stacks");

/* The largest power of two of pages that an OS may have is far below. */
static int stack_setup(void)
{
	void *pc[STACK_DEPTH];

	area = port_map(STACK_BYTES, port_page_size(), false);
	if (!area)
		return -ENOMEM;
	debug_view.stacks = area;
	/* number 0 is not used */
	__atomic_store_n(&used, 1, __ATOMIC_RELEASE);
	/* its first call may set up something: here */
	port_stack(pc, STACK_DEPTH);
	return 0;
}

bool stack_boot(void)
{
	return (once_done(&booted) || !once_run(&booted, stack_setup)) &&
	       once_done(&booted);
}

static struct stack_kept *kept_at(uint32_t number)
{
	return (struct stack_kept *)(void *)(area + (size_t)number * UNIT);
}

static uint32_t hash_of(void *const *pc, unsigned int n)
{
	uint64_t h = n;

	while (n--)
		h = (h ^ (uintptr_t)pc[n]) * 0x9e3779b97f4a7c15ull;
	return (uint32_t)(h >> 32);
}

static uint32_t stack_find(uint32_t number, uint32_t hash, void *const *pc,
			   unsigned int n)
{
	const struct stack_kept *k;

	for (; number; number = k->next) {
		k = kept_at(number);
		if (k->hash == hash && k->nr == n &&
		    !memcmp(k->pc, pc, n * sizeof(*pc)))
			break;
	}
	return number;
}

/* A place for n addresses, or 0. */
static uint32_t stack_claim(unsigned int n)
{
	size_t bytes = sizeof(struct stack_kept) + n * sizeof(void *);
	uint32_t units = (uint32_t)(ALIGN_UP(bytes, (size_t)UNIT) / UNIT);
	uint32_t at = __atomic_load_n(&used, __ATOMIC_RELAXED);

	/* Progress: another thread claimed. */
	do {
		if (at > UNITS - units) {
			__atomic_fetch_add(&debug_view.lost_stacks, 1,
					   __ATOMIC_RELAXED);
			return 0;
		}
	} while (!__atomic_compare_exchange_n(&used, &at, at + units, false,
					      __ATOMIC_RELAXED,
					      __ATOMIC_RELAXED));
	return at;
}

uint32_t stack_keep(void *const *pc, unsigned int n)
{
	uint32_t hash, first, number, *head;
	struct stack_kept *k;

	if (!n || !once_done(&booted))
		return 0;
	hash = hash_of(pc, n);
	head = &bucket[hash % BUCKETS];
	/* acquire: pairs with the release below */
	first = __atomic_load_n(head, __ATOMIC_ACQUIRE);
	number = stack_find(first, hash, pc, n);
	if (number)
		return number;
	number = stack_claim(n);
	if (!number)
		return 0;
	k = kept_at(number);
	k->hash = hash;
	k->nr = n;
	memcpy(k->pc, pc, n * sizeof(*pc));
	/* Progress: another thread kept a stack. */
	do
		k->next = first;
	while (!__atomic_compare_exchange_n(head, &first, number, false,
					    __ATOMIC_RELEASE,
					    __ATOMIC_ACQUIRE));
	__atomic_fetch_add(&debug_view.nr_stacks, 1, __ATOMIC_RELAXED);
	return number;
}

unsigned int stack_get(uint32_t number, void *const **pc)
{
	struct stack_kept *k;

	if (!number || number >= __atomic_load_n(&used, __ATOMIC_RELAXED) ||
	    number > UNITS - UNITS_MOST)
		return 0;
	k = kept_at(number);
	if (k->nr > STACK_DEPTH || hash_of(k->pc, k->nr) != k->hash)
		return 0;
	*pc = k->pc;
	return k->nr;
}

/* Frames of the library itself that may stand before the one asked for. */
#define INNER 12

unsigned int stack_here(void **pc, const void *from)
{
	void *all[STACK_DEPTH + INNER];
	unsigned int n = port_stack(all, ARRAY_LEN(all)), i = 0;

	while (i < n && all[i] != from)
		i++;
	if (i == n) {
		pc[0] = (void *)(uintptr_t)from;
		return 1;
	}
	n = n - i < STACK_DEPTH ? n - i : STACK_DEPTH;
	memcpy(pc, all + i, n * sizeof(*pc));
	return n;
}

/* A name, and a line of source. */
#define FRAME_BYTES 448

void stack_frames(void *const *pc, unsigned int n, bool fault,
		  void (*line)(void *ctx, const char *text), void *ctx)
{
	const char *const *from = port_lines(pc, n, fault);
	char text[FRAME_BYTES], name[160];
	unsigned int i;

	for (i = 0; i < n; i++) {
		port_symbol(pc[i], name, sizeof(name));
		if (from && from[i])
			text_format(text, sizeof(text), "%s (%s)", name,
				    from[i]);
		else
			text_format(text, sizeof(text), "%s", name);
		line(ctx, text);
	}
	if (from)
		port_lines_end();
}

static void frame_line(void *ctx, const char *text)
{
	(void)ctx;
	report_line(" %s", text);
}

void stack_lines(void *const *pc, unsigned int n)
{
	stack_frames(pc, n, false, frame_line, NULL);
}

void stack_lines_fault(void *const *pc, unsigned int n)
{
	stack_frames(pc, n, true, frame_line, NULL);
}

void report_line_here(void)
{
	const void *caller = port_task()->caller;
	void *pc[STACK_DEPTH];

	report_line_task();
	report_line("Call Trace:");
	if (caller)
		stack_lines(pc, stack_here(pc, caller));
}

unsigned long stack_count(void)
{
	return __atomic_load_n(&debug_view.nr_stacks, __ATOMIC_RELAXED);
}

unsigned long stack_lost(void)
{
	return __atomic_load_n(&debug_view.lost_stacks, __ATOMIC_RELAXED);
}

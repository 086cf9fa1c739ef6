/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Memory of the fake port.  Ranges are kept in a plain table under one mutex:
 * unit tests make few of them.  A claim has a byte for each page that says
 * whose it is; these come from mmap too, since malloc may be what is being
 * tested.
 */
#define _GNU_SOURCE 1

#include "port/fake/own.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define WINDOW_DEFAULT ((size_t)64 << 20)
#define RANGES 4096

/* Of a page of a claim. */
enum { CLAIMED, USABLE, OTHERS };

/* A claim when usable is set, else a range of port_map(). */
struct range {
	char *at;
	size_t bytes; /* without the guard */
	bool guard;
	char *was_behind; /* of split(): the range that it was cut from */
	unsigned char *usable;
	size_t committed;
};

static struct range ranges[RANGES];
static size_t window_bytes = WINDOW_DEFAULT;
static size_t page_bytes = 4096;
static size_t cleared;
static bool counts;

static bool aligned(uintptr_t x)
{
	return !(x & (page_bytes - 1));
}

void fake_set_window(size_t bytes)
{
	window_bytes = bytes ? bytes : WINDOW_DEFAULT;
}

void fake_set_page_size(size_t bytes)
{
	REQUIRE(bytes >= 4096 && !(bytes & (bytes - 1)), "page of %zu bytes",
		bytes);
	page_bytes = bytes;
}

size_t port_page_size(void)
{
	return page_bytes;
}

void fake_set_counts(bool now)
{
	__atomic_store_n(&counts, now, __ATOMIC_RELAXED);
}

static struct range *range_of(const void *p, bool claim)
{
	struct range *r;

	for (r = ranges; r < ranges + RANGES; r++)
		if (r->at && !r->usable == !claim &&
		    (uintptr_t)p - (uintptr_t)r->at < r->bytes)
			return r;
	return NULL;
}

static struct range *range_new(void)
{
	struct range *r;

	for (r = ranges; r < ranges + RANGES; r++)
		if (!r->at)
			return r;
	fake_misuse("more than %d ranges", RANGES);
}

/* n bytes that fault, at a multiple of align. */
static char *map_none(size_t n, size_t align)
{
	size_t slack = align > 4096 ? align - 4096 : 0, total, before;
	char *p;

	if (__builtin_add_overflow(n, slack, &total))
		return NULL;
	p = mmap(NULL, total, PROT_NONE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (p == MAP_FAILED)
		return NULL;
	before = -(uintptr_t)p & (align - 1);
	if (before)
		munmap(p, before);
	if (slack > before)
		munmap(p + before + n, slack - before);
	return p + before;
}

void *port_claim(size_t *size, size_t min, size_t align)
{
	LOCKED();
	unsigned char *usable;
	size_t n = *size;
	struct range *r;
	char *p;

	REQUIRE(aligned(n) && n, "claim of %zu bytes", n);
	REQUIRE(!(align & (align - 1)) && align >= page_bytes,
		"claim aligned to %zu", align);
	if (fake_count(FAKE_CLAIM))
		return NULL;
	while (n > window_bytes && n / 2 >= min)
		n /= 2;
	if (n > window_bytes)
		return NULL;
	p = map_none(n, align);
	usable = mmap(NULL, n / page_bytes, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (!p || usable == MAP_FAILED)
		fake_misuse("the host refuses %zu bytes", n);
	r = range_new();
	*r = (struct range){ .at = p, .bytes = n, .usable = usable };
	*size = n;
	return p;
}

/* Of the page at p. */
static size_t index_in(const struct range *r, const void *p)
{
	return ((uintptr_t)p - (uintptr_t)r->at) / page_bytes;
}

/* The claim that has all of [p, p + n). */
static struct range *whole(const char *what, char *p, size_t n)
{
	struct range *r = range_of(p, true);

	REQUIRE(n && aligned((uintptr_t)p | n), "%s of %p + %#zx: odd", what,
		(void *)p, n);
	REQUIRE(r && n <= r->bytes - (size_t)(p - r->at),
		"%s of %p + %#zx: outside of any claim", what, (void *)p, n);
	return r;
}

/* Set by fake_set_direct(). */
static uint64_t physical = UINT64_MAX, dma_end;

void fake_set_direct(uint64_t first, uint64_t end)
{
	physical = first;
	dma_end = end;
}

static unsigned char dirt;

void fake_set_direct_dirt(unsigned char byte)
{
	dirt = byte;
}

/* The records are a claim of their own, which follows nothing. */
int port_direct(size_t n, struct port_direct *d)
{
	size_t bytes = (n + page_bytes - 1) & ~(page_bytes - 1);

	if (physical == UINT64_MAX)
		return 0;
	d->records = port_claim(&bytes, bytes, page_bytes);
	if (d->records && port_commit(d->records, bytes))
		d->records = NULL;
	if (d->records && dirt)
		memset(d->records, dirt, bytes);
	d->physical = physical;
	d->dma_end = dma_end;
	return d->records ? 1 : PORT_NO_MEMORY;
}

bool port_counts(void)
{
	fake_count_locked(FAKE_COUNTS);
	return __atomic_load_n(&counts, __ATOMIC_RELAXED);
}

/* Every page of [p, p + n) is of one kind, and becomes another. */
static void change(struct range *r, char *p, size_t n, int from, int to)
{
	size_t i = index_in(r, p), end = i + n / page_bytes;

	for (; i < end; i++) {
		REQUIRE(r->usable[i] == from, "%p is %d and was to become %d",
			(void *)(r->at + i * page_bytes), r->usable[i], to);
		r->usable[i] = (unsigned char)to;
		r->committed += to == USABLE ? page_bytes : 0;
		r->committed -= from == USABLE ? page_bytes : 0;
	}
}

int port_commit(void *p, size_t n)
{
	LOCKED();
	struct range *r = whole("commit", p, n);
	size_t i = index_in(r, p), end = i + n / page_bytes;

	if (fake_count(FAKE_COMMIT))
		return PORT_NO_MEMORY;
	for (; i < end; i++)
		if (r->usable[i] != CLAIMED)
			return PORT_TAKEN;
	if (mprotect(p, n, PROT_READ | PROT_WRITE))
		fake_misuse("the host refuses to commit %zu bytes", n);
	change(r, p, n, CLAIMED, USABLE);
	return 0;
}

bool port_uncommit(void *p, size_t n)
{
	LOCKED();
	struct range *r = whole("uncommit", p, n);

	if (fake_count(FAKE_UNCOMMIT))
		return false;
	change(r, p, n, USABLE, CLAIMED);
	if (madvise(p, n, MADV_DONTNEED) || mprotect(p, n, PROT_NONE))
		fake_misuse("the host refuses to uncommit %zu bytes", n);
	return true;
}

void fake_take(void *p, size_t n, bool taken)
{
	LOCKED();

	change(whole("take", p, n), p, n, taken ? CLAIMED : OTHERS,
	       taken ? OTHERS : CLAIMED);
}

void port_purge(void *p, size_t n)
{
	LOCKED();

	fake_count(FAKE_PURGE);
	/* none of it may be anything but usable */
	change(whole("purge", p, n), p, n, USABLE, USABLE);
	if (madvise(p, n, MADV_DONTNEED))
		fake_misuse("the host refuses to purge");
}

void port_clear(void *p, size_t n)
{
	LOCKED();
	struct range *r = range_of(p, false);

	fake_count(FAKE_CLEAR);
	if (r)
		REQUIRE(n <= r->bytes - (size_t)((char *)p - r->at),
			"clear of %p + %#zx: more than the range", p, n);
	else
		whole("clear", p, n);
	memset(p, 0, n);
	cleared += n;
}

size_t fake_cleared(void)
{
	LOCKED();

	return cleared;
}

/* There is always a page that faults, so that overruns show. */
static char *map_usable(size_t n, size_t align)
{
	size_t total;
	char *p;

	if (__builtin_add_overflow(n, page_bytes, &total))
		return NULL;
	p = map_none(total, align);
	if (p && mprotect(p, n, PROT_READ | PROT_WRITE)) {
		munmap(p, total);
		return NULL;
	}
	return p;
}

void *port_map(size_t n, size_t align, bool guard)
{
	LOCKED();
	struct range *r;
	char *p;

	REQUIRE(n && aligned(n), "map of %zu bytes", n);
	REQUIRE(!(align & (align - 1)), "map aligned to %zu", align);
	if (fake_count(FAKE_MAP))
		return NULL;
	p = map_usable(n, align > page_bytes ? align : page_bytes);
	if (!p)
		return NULL;
	r = range_new();
	*r = (struct range){ .at = p, .bytes = n, .guard = guard };
	return p;
}

/* The range that was mapped with just these. */
static struct range *exact(const char *what, void *p, size_t n, bool guard)
{
	struct range *r = range_of(p, false);

	REQUIRE(r && r->at == p, "%s of %p: no such range", what, p);
	REQUIRE(r->bytes == n && r->guard == guard,
		"%s of %p: %#zx bytes guard %d, mapped as %#zx guard %d", what,
		p, n, guard, r->bytes, r->guard);
	return r;
}

void port_unmap(void *p, size_t n, bool guard)
{
	LOCKED();
	struct range *r = exact("unmap", p, n, guard);

	fake_count(FAKE_UNMAP);
	munmap(p, n + page_bytes);
	*r = (struct range){ 0 };
}

/* Always moves, so that a caller that keeps the old address shows. */
void *port_remap(void *p, size_t old, size_t n, bool guard)
{
	LOCKED();
	struct range *r = exact("remap", p, old, guard);
	char *q;

	REQUIRE(n && aligned(n), "remap to %zu bytes", n);
	if (fake_count(FAKE_REMAP))
		return NULL;
	q = map_usable(n, page_bytes);
	if (!q)
		return NULL;
	memcpy(q, p, old < n ? old : n);
	munmap(p, old + page_bytes);
	r->at = q;
	r->bytes = n;
	return q;
}

bool port_split(void *p, size_t n, size_t at)
{
	LOCKED();
	struct range *r = exact("split", p, n, true), *rest;

	REQUIRE(at && aligned(at) && at < n && n - at > page_bytes,
		"split of %#zx bytes at %#zx", n, at);
	if (fake_count(FAKE_SPLIT))
		return false;
	if (mprotect(r->at + at, page_bytes, PROT_NONE))
		return false;
	rest = range_new();
	*rest = (struct range){ .at = r->at + at + page_bytes,
				.bytes = n - at - page_bytes,
				.guard = true,
				.was_behind = p };
	r->bytes = at;
	return true;
}

/* Only what was cut last, and from this very range. */
bool port_join(void *p, size_t n, size_t more)
{
	LOCKED();
	struct range *r = exact("join", p, n, true);
	struct range *rest = exact("join", r->at + n + page_bytes, more, true);

	if (fake_count(FAKE_JOIN) || rest->was_behind != p ||
	    mprotect(r->at + n, page_bytes, PROT_READ | PROT_WRITE))
		return false;
	r->bytes += page_bytes + more;
	*rest = (struct range){ 0 };
	return true;
}

/* Adds up all claims, or all other ranges. */
static struct sums {
	size_t bytes, committed;
	unsigned int nr;
} sum(bool claims)
{
	LOCKED();
	const struct range *r;
	struct sums sums = { 0 };

	for (r = ranges; r < ranges + RANGES; r++) {
		if (!r->at || !r->usable == claims)
			continue;
		sums.bytes += r->bytes;
		sums.committed += r->committed;
		sums.nr++;
	}
	return sums;
}

size_t fake_claimed(void)
{
	return sum(true).bytes;
}

size_t fake_committed(void)
{
	return sum(true).committed;
}

size_t fake_mapped(void)
{
	return sum(false).bytes;
}

unsigned int fake_maps(void)
{
	return sum(false).nr;
}

bool fake_usable(const void *p)
{
	LOCKED();
	struct range *r = range_of(p, true);

	return r ? r->usable[index_in(r, p)] == USABLE :
		   range_of(p, false) != NULL;
}

bool port_guard(void *p, size_t n, bool on)
{
	LOCKED();
	struct range *r = range_of(p, true);

	REQUIRE(n && aligned((uintptr_t)p | n), "guard of %p + %#zx: odd", p,
		n);
	REQUIRE(r && n <= r->bytes - (size_t)((char *)p - r->at),
		"guard of %p + %#zx: not of a claim", p, n);
	if (fake_count(FAKE_GUARD))
		return false;
	return !mprotect(p, n, on ? PROT_NONE : PROT_READ | PROT_WRITE);
}

static fault_fn *on_fault;

bool port_on_fault(fault_fn *fn)
{
	on_fault = fn;
	return true;
}

bool fake_fault(void *addr, const void *pc, bool write)
{
	return on_fault && on_fault(addr, pc, write);
}

int port_populate(void *p, size_t n)
{
	if (fake_count_locked(FAKE_POPULATE))
		return -ENOMEM;
	for (size_t i = 0; i < n; i += page_bytes)
		if (!fake_usable((char *)p + i))
			abort();
	return 0;
}

int port_populate_image(void)
{
	return 0;
}

int port_lock_memory(void *p, size_t n)
{
	(void)p;
	(void)n;
	return fake_count_locked(FAKE_LOCK) ? -ENOMEM : 0;
}

void port_large(void *p, size_t n)
{
	fake_count_locked(FAKE_LARGE);
	if (!fake_usable(p) || !fake_usable((char *)p + n - 1))
		abort();
}

/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Memory of the bare port: a table of ranges that are free to be used.
 *
 * The claim is the direct map from the first range on; what is no free range of
 * it is "taken".  The records of its pages, and the arena of port_map(), are
 * cut off the ranges first.  Nothing tells whether a range was written before,
 * so a commit overwrites it with zeros, and so does a purge.
 */
#include "port/bare/own.h"

#include "lib/errno.h"
#include "lib/mem.h"

#define PAGE ((uint64_t)4096)
#define BLOCK ((uint64_t)4 << 20)
#define SPAN_LEAST ((uint64_t)20 << 20)
#define DMA_BYTES ((uint64_t)16 << 20)
/* For what the core maps for itself, on any machine. */
#define ARENA_LEAST ((size_t)256 << 10)

struct bare_map bare_machine;

static struct bare_lock table_lock;
static struct bare_range ranges[BARE_RANGES]; /* ascending, none touch */
static unsigned int nr_ranges;
static uint64_t span_start, span_end;
static char *published;

/* The arena: pages, and for each the length of the run that begins there. */
static struct {
	struct bare_lock lock;
	char *base;
	uint32_t *run;
	size_t pages;
} arena;

static void *at(uint64_t physical)
{
	return bare_machine.direct + physical;
}

static uint64_t physical_of(const void *p)
{
	return (uintptr_t)p - (uintptr_t)bare_machine.direct;
}

/* --- the table ------------------------------------------------------------ */

static bool room_for_one(void)
{
	return nr_ranges < BARE_RANGES;
}

static void insert_at(unsigned int i, struct bare_range r)
{
	for (unsigned int k = nr_ranges++; k > i; k--)
		ranges[k] = ranges[k - 1];
	ranges[i] = r;
}

static void remove_at(unsigned int i)
{
	nr_ranges--;
	for (; i < nr_ranges; i++)
		ranges[i] = ranges[i + 1];
}

/* One that overlaps none is added, and joined with those that it touches. */
static int add_range(uint64_t start, uint64_t end)
{
	unsigned int i = 0;

	while (i < nr_ranges && ranges[i].end < start)
		i++;
	/* i: the first that ends at start or later */
	if (i < nr_ranges && ranges[i].end == start) {
		ranges[i].end = end;
		if (i + 1 < nr_ranges && ranges[i + 1].start == end) {
			ranges[i].end = ranges[i + 1].end;
			remove_at(i + 1);
		}
		return 0;
	}
	if (i < nr_ranges && ranges[i].start == end) {
		ranges[i].start = start;
		return 0;
	}
	if (!room_for_one())
		return -ENOMEM;
	insert_at(i, (struct bare_range){ start, end });
	return 0;
}

/* What the table has of [start, end) is taken out. */
static int cut(uint64_t start, uint64_t end)
{
	for (unsigned int i = 0; i < nr_ranges; i++) {
		struct bare_range *r = &ranges[i], was = *r;

		if (end <= was.start || start >= was.end)
			continue;
		if (start <= was.start && end >= was.end) {
			remove_at(i--);
		} else if (start <= was.start) {
			r->start = end;
		} else {
			r->end = start;
			if (end >= was.end)
				continue;
			if (!room_for_one())
				return -ENOMEM;
			insert_at(i + 1, (struct bare_range){ end, was.end });
		}
	}
	return 0;
}

static bool overlaps(uint64_t start, uint64_t end)
{
	for (unsigned int i = 0; i < nr_ranges; i++)
		if (start < ranges[i].end && end > ranges[i].start)
			return true;
	return false;
}

static bool is_free(uint64_t start, uint64_t end)
{
	unsigned long state = bare_lock(&table_lock);
	bool whole = false;

	for (unsigned int i = 0; i < nr_ranges; i++)
		whole |= start >= ranges[i].start && end <= ranges[i].end;
	bare_unlock(&table_lock, state);
	return whole;
}

/* n bytes for the port itself, from the end of the highest range that can. */
static void *cut_off(size_t n)
{
	uint64_t start;

	n = ALIGN_UP(n, PAGE);
	for (unsigned int i = nr_ranges; i-- > 0;) {
		if (ranges[i].end - ranges[i].start < n)
			continue;
		start = ranges[i].end - n;
		cut(start, ranges[i].end);
		return at(start);
	}
	return NULL;
}

/* --- the start ------------------------------------------------------------ */

static int take_map(const struct bare_map *m)
{
	uint64_t last = 0;
	int err = 0;

	if (!m->nr_ram || m->nr_ram > BARE_RANGES || !m->nr_cpus ||
	    (uintptr_t)m->direct % BLOCK)
		return -EINVAL;
	for (unsigned int i = 0; i < m->nr_ram && !err; i++) {
		uint64_t start = ALIGN_UP(m->ram[i].start, PAGE);
		uint64_t end = ALIGN_DOWN(m->ram[i].end, PAGE);

		if (m->ram[i].start < last || m->ram[i].end < m->ram[i].start)
			return -EINVAL;
		last = m->ram[i].end;
		if (start < end)
			err = add_range(start, end);
	}
	span_start = ALIGN_DOWN(m->ram[0].start, BLOCK);
	span_end = m->most > last ? m->most : last;
	for (unsigned int i = 0; i < m->nr_reserved && !err; i++)
		err = cut(ALIGN_DOWN(m->reserved[i].start, PAGE),
			  ALIGN_UP(m->reserved[i].end, PAGE));
	/* an address of 0 would be taken for none */
	return err ? err : m->direct ? 0 : cut(0, PAGE);
}

int bare_memory_start(void)
{
	size_t bytes = ALIGN_UP(bare_machine.mapped, PAGE) + ARENA_LEAST;
	size_t pages = bytes / PAGE;
	int err = take_map(&bare_machine);

	if (err)
		return err;
	arena.base = cut_off(bytes + pages * sizeof(*arena.run));
	if (!arena.base)
		return -ENOMEM;
	arena.pages = pages;
	arena.run = (void *)(arena.base + bytes);
	memset(arena.run, 0, pages * sizeof(*arena.run));
	if (bare_machine.published) {
		published = cut_off(bare_machine.published);
		if (!published)
			return -ENOMEM;
	}
	return 0;
}

/* It does not grow: what finds no room in it is not shown. */
void *port_publish(const char *name, size_t n, size_t *usable)
{
	(void)name;
	*usable = ALIGN_UP(bare_machine.published, PAGE);
	*usable = *usable < n ? *usable : n;
	if (published)
		memset(published, 0, *usable);
	return published;
}

size_t port_page_size(void)
{
	return PAGE;
}

/*
 * All that there is, however much was asked for: mem= limits what is used, not
 * where it lies.
 */
void *port_claim(size_t *size, size_t min, size_t align)
{
	uint64_t end = span_end;

	if (end - span_start < SPAN_LEAST)
		end = span_start + SPAN_LEAST;
	*size = ALIGN_UP(end - span_start, (uint64_t)align);
	return *size < min ? NULL : at(span_start);
}

int port_direct(size_t n, struct port_direct *d)
{
	uint64_t dma_end = bare_machine.dma_end;

	if (!dma_end)
		dma_end = (span_start < DMA_BYTES ? 0 : span_start) + DMA_BYTES;
	d->records = cut_off(n);
	d->physical = span_start;
	d->dma_end = ALIGN_DOWN(dma_end, BLOCK);
	return d->records ? 1 : -ENOMEM;
}

int bare_add_memory(uint64_t start, uint64_t end)
{
	unsigned long state;
	int err = -EINVAL;

	start = ALIGN_UP(start, PAGE);
	end = ALIGN_DOWN(end, PAGE);
	if (start >= end || start < span_start || end > span_end)
		return err;
	state = bare_lock(&table_lock);
	if (!overlaps(start, end))
		err = add_range(start, end);
	bare_unlock(&table_lock, state);
	if (!err && core_memory)
		core_memory(at(start), end - start);
	return err;
}

/* --- the claim ------------------------------------------------------------ */

bool port_counts(void)
{
	return false;
}

int port_commit(void *p, size_t n)
{
	uint64_t start = physical_of(p);

	if (!is_free(start, start + n))
		return PORT_TAKEN;
	memset(p, 0, n);
	return 0;
}

bool port_uncommit(void *p, size_t n)
{
	(void)p;
	(void)n;
	return false;
}

void port_large(void *p, size_t n)
{
	(void)p;
	(void)n;
}

int port_populate(void *p, size_t n)
{
	(void)p;
	(void)n;
	return 0;
}

int port_populate_image(void)
{
	return 0;
}

int port_lock_memory(void *p, size_t n)
{
	return port_populate(p, n);
}

void port_purge(void *p, size_t n)
{
	memset(p, 0, n);
}

void port_clear(void *p, size_t n)
{
	memset(p, 0, n);
}

bool port_guard(void *p, size_t n, bool on)
{
	(void)p;
	(void)n;
	(void)on;
	return false;
}

bool port_on_fault(fault_fn *fn)
{
	(void)fn;
	return false;
}

/* --- the arena ------------------------------------------------------------ */

/* The first free run of so many pages at a multiple of align; pages: none. */
static size_t __arena_find(size_t pages, size_t align)
{
	size_t i = 0, free = 0, first = 0;

	while (i < arena.pages && free < pages) {
		if (arena.run[i]) {
			i += arena.run[i];
			free = 0;
			continue;
		}
		if (!free && (uintptr_t)(arena.base + i * PAGE) % align) {
			i++;
			continue;
		}
		first = free++ ? first : i;
		i++;
	}
	return free == pages ? first : arena.pages;
}

/* Nothing is mapped here, so a page behind it does not fault. */
void *port_map(size_t n, size_t align, bool guard)
{
	size_t pages = n / PAGE, i;
	unsigned long state;
	char *p = NULL;

	if (guard && !bare_machine.mapped)
		return NULL;
	state = bare_lock(&arena.lock);
	i = __arena_find(pages, align);
	if (i < arena.pages) {
		arena.run[i] = (uint32_t)pages;
		p = arena.base + i * PAGE;
	}
	bare_unlock(&arena.lock, state);
	if (p)
		memset(p, 0, n);
	return p;
}

void port_unmap(void *p, size_t n, bool guard)
{
	unsigned long state = bare_lock(&arena.lock);

	(void)n;
	(void)guard;
	arena.run[(size_t)((char *)p - arena.base) / PAGE] = 0;
	bare_unlock(&arena.lock, state);
}

/* In its place where it can be, else as a copy. */
void *port_remap(void *p, size_t old, size_t n, bool guard)
{
	size_t i = (size_t)((char *)p - arena.base) / PAGE, end = n / PAGE;
	unsigned long state = bare_lock(&arena.lock);
	size_t k = i + old / PAGE;
	char *q;

	while (k < i + end && k < arena.pages && !arena.run[k])
		k++;
	if (k >= i + end)
		arena.run[i] = (uint32_t)end;
	bare_unlock(&arena.lock, state);
	if (k >= i + end) {
		if (n > old)
			memset((char *)p + old, 0, n - old);
		return p;
	}
	q = port_map(n, PAGE, guard);
	if (!q)
		return NULL;
	memcpy(q, p, old);
	port_unmap(p, old, guard);
	return q;
}

bool port_split(void *p, size_t n, size_t cut_at)
{
	(void)p;
	(void)n;
	(void)cut_at;
	return false;
}

bool port_join(void *p, size_t n, size_t more)
{
	(void)p;
	(void)n;
	(void)more;
	return false;
}

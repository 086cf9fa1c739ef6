/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The records of a published area as values: what a reading is made into, and
 * what only the process's memory and the system tell: the objects in sheaves,
 * and what is mapped and resident.
 */
#include "published.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>

#define SLOTS_MAX 65536
/* As many ranges as one call reads. */
#define COLUMN_CPUS_MOST 1024

/* --- records -------------------------------------------------------------- */

/* A record may be shorter or longer than ours: an older or newer library. */
static void record_copy(void *to, size_t room, const char *from, size_t size)
{
	memset(to, 0, room);
	memcpy(to, from, size < room ? size : room);
}

bool books_add(struct books *b, const char *from, uint32_t kind, size_t size)
{
	struct cache_books *c;
	void *more;

	switch (kind) {
	case KMEM_PUB_TOTALS:
		record_copy(&b->totals, sizeof(b->totals), from, size);
		return true;
	case KMEM_PUB_ZONE:
		if (b->nr_zones < BOOKS_ZONES)
			record_copy(&b->zone[b->nr_zones++], sizeof(b->zone[0]),
				    from, size);
		return true;
	case KMEM_PUB_PCP:
		more = realloc(b->pcp, (b->nr_pcps + 1) * sizeof(*b->pcp));
		if (!more)
			return false;
		b->pcp = more;
		record_copy(&b->pcp[b->nr_pcps++], sizeof(*b->pcp), from, size);
		return true;
	case KMEM_PUB_CACHE:
		more = realloc(b->cache,
			       (b->nr_caches + 1) * sizeof(*b->cache));
		if (!more)
			return false;
		b->cache = more;
		c = &b->cache[b->nr_caches];
		c->in_slots = 0;
		record_copy(&c->pub, sizeof(c->pub), from, size);
		c->pub.name[sizeof(c->pub.name) - 1] = 0;
		/* one that is being made has no size yet */
		if (c->pub.size && c->pub.order < 32 && c->pub.name[0])
			b->nr_caches++;
		return true;
	}
	return true;
}

/* --- objects in sheaves --------------------------------------------------- */

/*
 * The slots of a cache are an array of slot_stride bytes each; a slot opens
 * with two tops, main and spare.  A top points just past the last object of
 * a sheaf that is aligned to its own size and whose first word is not an
 * object, so the address alone says how many there are.
 */
static uint64_t top_objects(uint64_t top, uint64_t standin, uint32_t bytes)
{
	uint64_t base;

	if (!top || top == standin || !bytes)
		return 0;
	base = (top - 8) & ~((uint64_t)bytes - 1);
	return (top - base) / 8 - 1;
}

bool books_memory(const struct books *b, uint64_t from, void *to, size_t n)
{
	struct iovec here = { to, n };
	struct iovec there = { (void *)(uintptr_t)from, n };
	ssize_t got;

	if (b->dump)
		return dump_read(b->dump, from, to, n);
	if (b->core)
		return core_read(b->core, from, to, n);
	got = process_vm_readv(b->pid, &here, 1, &there, 1, 0);
	if (got >= 0 && got != (ssize_t)n)
		errno = EFAULT;
	return got == (ssize_t)n;
}

/* Two words at nr places, a stride apart, in one call where there is one. */
static bool pairs_read(const struct books *b, uint64_t at, uint64_t stride,
		       uint64_t nr, uint64_t (*words)[2])
{
	static struct iovec there[COLUMN_CPUS_MOST];
	struct iovec here = { words, nr * sizeof(*words) };
	uint64_t i;

	for (i = 0; i < nr; i++, at += stride) {
		if (books_of_file(b) &&
		    !books_memory(b, at, words[i], sizeof(*words)))
			return false;
		there[i].iov_base = (void *)(uintptr_t)at;
		there[i].iov_len = sizeof(*words);
	}
	return books_of_file(b) || process_vm_readv(b->pid, &here, 1, there, nr,
						    0) == (ssize_t)here.iov_len;
}

/* The rseq backend's: two words for each CPU, a unit apart. */
static bool column_read(const struct books *b, uint64_t standin,
			struct cache_books *c)
{
	const struct kmem_pub_cache *k = &c->pub;
	static uint64_t words[COLUMN_CPUS_MOST][2];
	uint64_t i, w;

	if (!k->column || !k->nr_cpus || !k->sheaf_bytes)
		return true;
	if (k->nr_cpus > COLUMN_CPUS_MOST || k->column_stride > 1ul << 30) {
		errno = EINVAL;
		return false;
	}
	if (!pairs_read(b, k->column, k->column_stride, k->nr_cpus, words))
		return false;
	for (i = 0; i < k->nr_cpus; i++)
		for (w = 0; w < 2; w++)
			if (words[i][w])
				c->in_slots +=
					top_objects(words[i][w] + standin,
						    standin, k->sheaf_bytes);
	return true;
}

/* False: the memory of the process cannot be read, and errno says why. */
static bool slots_read(const struct books *b, uint64_t standin,
		       struct cache_books *c)
{
	const struct kmem_pub_cache *k = &c->pub;
	uint64_t i, tops[2];
	char *slots;
	bool good;

	c->in_slots = 0;
	if (!column_read(b, standin, c))
		return false;
	if (!k->slots || !k->nr_slots || !k->sheaf_bytes)
		return true;
	if (k->nr_slots > SLOTS_MAX || k->slot_stride < sizeof(tops) ||
	    k->slot_stride > 4096) {
		errno = EINVAL;
		return false;
	}
	slots = malloc(k->nr_slots * k->slot_stride);
	if (!slots)
		return false;
	good = books_memory(b, k->slots, slots, k->nr_slots * k->slot_stride);
	for (i = 0; good && i < k->nr_slots; i++) {
		memcpy(tops, slots + i * k->slot_stride, sizeof(tops));
		c->in_slots += top_objects(tops[0], standin, k->sheaf_bytes);
		c->in_slots += top_objects(tops[1], standin, k->sheaf_bytes);
	}
	free(slots);
	return good;
}

static void books_slots(struct books *b, uint64_t standin)
{
	size_t i;

	b->slots_known = true;
	for (i = 0; i < b->nr_caches && b->slots_known; i++) {
		if (slots_read(b, standin, &b->cache[i]))
			continue;
		b->slots_known = false;
		b->slots_error = errno;
	}
	for (i = 0; i < b->nr_caches && !b->slots_known; i++)
		b->cache[i].in_slots = 0;
}

static int by_number(const void *a, const void *b)
{
	const struct cache_books *x = a, *y = b;

	return x->pub.number < y->pub.number ? -1 :
					       x->pub.number > y->pub.number;
}

static int by_cpu(const void *a, const void *b)
{
	const struct kmem_pub_pcp *x = a, *y = b;

	return x->cpu < y->cpu ? -1 : x->cpu > y->cpu;
}

void books_finish(struct books *b, uint64_t standin)
{
	if (b->nr_caches)
		qsort(b->cache, b->nr_caches, sizeof(*b->cache), by_number);
	if (b->nr_pcps)
		qsort(b->pcp, b->nr_pcps, sizeof(*b->pcp), by_cpu);
	books_slots(b, standin);
}

/* --- what the system says it has mapped ----------------------------------- */

struct range {
	uint64_t from, to;
	uint64_t *mapped, *rss;
};

static uint64_t overlap(uint64_t from, uint64_t to, const struct range *r)
{
	from = from > r->from ? from : r->from;
	to = to < r->to ? to : r->to;
	return from < to ? to - from : 0;
}

/*
 * A mapping can reach from the window into the arrays behind it when both
 * are usable up to there; then its resident part is not split, and counts for
 * the one it has more of.
 */
void books_read_maps(struct books *b)
{
	uint64_t end = b->window_base + b->window_size, from, to, bytes, kb;
	struct range ranges[] = {
		{ b->window_base, end, &b->maps_window, &b->rss_window },
		{ end, end + b->window_size / 16 + b->window_size / 256,
		  &b->maps_arrays, &b->rss_arrays },
	};
	struct range *last = NULL;
	char path[64], perms[8], *line = NULL;
	bool area = false;
	size_t room = 0, i;
	FILE *file;
	int name = 0;

	b->maps_window = b->maps_arrays = b->maps_area = 0;
	b->rss_window = b->rss_arrays = b->rss_area = 0;
	snprintf(path, sizeof(path), "/proc/%ld/smaps", (long)b->pid);
	file = books_of_file(b) ? NULL : fopen(path, "re");
	b->maps_known = file;
	while (file && getline(&line, &room, file) > 0) {
		if (sscanf(line, "Rss: %lu kB", &kb) == 1) {
			if (last)
				*last->rss += kb * 1024;
			else if (area)
				b->rss_area += kb * 1024;
		}
		if (sscanf(line, "%lx-%lx %7s %*s %*s %*s %n", &from, &to,
			   perms, &name) != 3)
			continue;
		last = NULL;
		bytes = 0;
		for (i = 0; perms[0] == 'r' && i < 2; i++) {
			uint64_t n = overlap(from, to, &ranges[i]);

			*ranges[i].mapped += n;
			if (n > bytes)
				last = &ranges[i];
			bytes = n > bytes ? n : bytes;
		}
		area = perms[3] == 's' &&
		       !strncmp(line + name, AREA_LINK, strlen(AREA_LINK));
		if (area)
			b->maps_area += to - from;
	}
	free(line);
	if (file)
		fclose(file);
}

/* --- names ---------------------------------------------------------------- */

const char *books_title(const struct books *b, char *to, size_t size)
{
	if (b->dump)
		snprintf(to, size, "dump %s", b->comm);
	else
		snprintf(to, size, "process %ld (%s)", (long)b->pid, b->comm);
	return to;
}

/* --- copies --------------------------------------------------------------- */

void books_free(struct books *b)
{
	free(b->pcp);
	free(b->cache);
	memset(b, 0, sizeof(*b));
}

static void *copy(const void *from, size_t n)
{
	void *to = n ? malloc(n) : NULL;

	return to ? memcpy(to, from, n) : NULL;
}

void books_copy(struct books *to, const struct books *from)
{
	books_free(to);
	*to = *from;
	to->pcp = copy(from->pcp, from->nr_pcps * sizeof(*from->pcp));
	to->cache = copy(from->cache, from->nr_caches * sizeof(*from->cache));
	if (!to->pcp)
		to->nr_pcps = 0;
	if (!to->cache)
		to->nr_caches = 0;
}

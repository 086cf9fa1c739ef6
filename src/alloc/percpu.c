/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Per-CPU memory: one request, as many objects as there can be CPUs.
 *
 * 1. Nouns.  A unit is KMEM_PERCPU_UNIT bytes of one CPU; a chunk is a mapping
 *    of one unit for each CPU, side by side.  An object lies at the same place
 *    in each unit of a chunk.  Its cookie is its address in the unit of CPU 0,
 *    moved by KMEM_PERCPU_FAR to where nothing can be.  Places are counted in
 *    grains of 8 bytes.
 *
 *	chunk	[unit of CPU 0][unit of CPU 1] .. [unit of threads without one]
 *	unit	0 .. dirty	was given before: is cleared when it is given
 *		   .. ready	charged to the hard limit: requests that must
 *				not block find room here
 *		   .. end	costs nothing yet
 *
 *    The last unit is of threads that the kernel knows no CPU of.
 *
 * 2. Which grains are free, and where objects begin and end, is in the chunk's
 *    record (alloc/percpu_chunk.h).  A record is never unmapped, so it may be
 *    looked at without a lock; those below nr_chunks are there.  One whose base
 *    is NULL has no grains and waits for a mapping.
 *
 * 3. Free.  Where the lock is busy the object is deferred: its link is its
 *    first word on CPU 0.
 *
 * 4. Locking.  percpu_lock guards all but the bits of live objects.  Charging,
 *    mapping and clearing are done without it.
 */
#include "alloc/percpu.h"

#include <linux/mm.h>

#include "alloc/alloc.h"
#include "alloc/map_cache.h"
#include "alloc/percpu_chunk.h"
#include "debug/atomic.h"
#include "debug/fail.h"
#include "debug/report.h"
#include "debug/view.h"
#include "lib/defer.h"
#include "page/page.h"
#include "page/reclaim.h"
#include "port/port.h"
#include "sync/fork.h"
#include "sync/lock.h"

#define UNIT KMEM_PERCPU_UNIT
_Static_assert(UNIT == GRAINS * GRAIN, "the bits of a chunk");
_Static_assert(GRAIN == PCPU_MIN_ALLOC_SIZE, "<linux/percpu.h>");

#define CHUNKS_MOST 1024u
/* What is charged at least, and what is kept for those who must not block. */
#define STEP (2 * PG_BYTES)
#define GROW_TRIES 8

struct lock percpu_lock;
struct chunk *chunks[CHUNKS_MOST] BULKY("chunks");
static unsigned int nr_chunks, nr_cpus;
static size_t populated; /* bytes of one unit, in all chunks */
static bool wanted;      /* a request that must not block found no room */
static struct deferred later;

unsigned int percpu_nr(void)
{
	return __atomic_load_n(&nr_cpus, __ATOMIC_ACQUIRE);
}

static unsigned int chunks_known(void)
{
	return __atomic_load_n(&nr_chunks, __ATOMIC_ACQUIRE);
}

/* percpu_lock is held, as in all functions with __. */
static void __percpu_count(size_t more, bool add)
{
	populated = add ? populated + more : populated - more;
	total_set(&page_totals()->percpu_bytes, populated * nr_cpus);
}

/* --- places --------------------------------------------------------------- */

/* How an object was found. */
struct place {
	struct chunk *chunk; /* NULL: there is no room */
	unsigned int at;
	bool dirty;
};

static struct place __place(unsigned int n, unsigned int align)
{
	struct place p = { .chunk = NULL };
	unsigned int i, dirty;

	for (i = 0; i < nr_chunks && !p.chunk; i++) {
		dirty = chunks[i]->dirty;
		p.at = chunk_place(chunks[i], n, align);
		if (p.at == GRAINS)
			continue;
		p.chunk = chunks[i];
		p.dirty = p.at < dirty;
	}
	return p;
}

static uintptr_t cookie_of(const struct chunk *c, unsigned int at)
{
	return (uintptr_t)c->base + at * GRAIN - KMEM_PERCPU_FAR;
}

/* The chunk whose objects have cookies like this one, or NULL. */
static struct chunk *percpu_chunk_of(uintptr_t cookie)
{
	uintptr_t a = cookie + KMEM_PERCPU_FAR;
	unsigned int i, n = chunks_known();

	for (i = 0; i < n; i++)
		if (a - (uintptr_t)__atomic_load_n(&chunks[i]->base,
						   __ATOMIC_RELAXED) <
		    UNIT)
			return chunks[i];
	return NULL;
}

static unsigned int grain_of(const struct chunk *c, uintptr_t cookie)
{
	return (unsigned int)((cookie + KMEM_PERCPU_FAR - (uintptr_t)c->base) /
			      GRAIN);
}

/* --- what was deferred ---------------------------------------------------- */

/* All of it, or as much as a caller that must not block should do. */
static void __settle(bool all)
{
	unsigned int budget = all ? UINT32_MAX : LATE_BUDGET;
	uintptr_t cookie;
	struct chunk *c;

	/* Bound: what was deferred before the lock was taken, or the budget. */
	while (budget-- && defer_first(&later)) {
		void **link = defer_first(&later);

		defer_advance(&later, *link);
		watch_shut(link, sizeof(*link));
		cookie = (uintptr_t)link - KMEM_PERCPU_FAR;
		c = percpu_chunk_of(cookie);
		chunk_unplace(c, grain_of(c, cookie));
	}
}

bool percpu_give(uintptr_t cookie)
{
	struct chunk *c = percpu_chunk_of(cookie);
	unsigned int at;
	void **link;

	if (!c || cookie % GRAIN)
		return false;
	at = grain_of(c, cookie);
	percpu_watch(cookie, watch_on() ? chunk_grains(c, at) * GRAIN : 0, 0);
	if (!chunk_dies(c, at))
		return false;
	if (!lock_get(&percpu_lock, LOCK_PERCPU, LOCK_SPIN)) {
		link = percpu_on(cookie, 0);
		watch_open(link, sizeof(*link), true);
		defer_push(&later, link, link);
		page_pass_due();
		return true;
	}
	chunk_unplace(c, at);
	if (c->free == c->ready)
		page_pass_due();
	__settle(false);
	lock_put(&percpu_lock, LOCK_PERCPU, LOCK_SPIN);
	return true;
}

/* --- growth --------------------------------------------------------------- */

static bool units_charge(size_t bytes, gfp_t gfp)
{
	if (!mem_fits(bytes))
		kept_empty();
	if (mem_charge(bytes, gfp))
		return true;
	if (gfp & __GFP_NORETRY)
		return false;
	reclaim_run(page_gfp_context(gfp), 0);
	page_trim();
	return mem_charge(bytes, gfp);
}

static size_t record_bytes(void)
{
	return ALIGN_UP(sizeof(struct chunk), port_page_size());
}

static char *units_map(void)
{
	size_t align = UNIT > port_page_size() ? UNIT : port_page_size();
	char *base = port_map(nr_cpus * UNIT, align, false);

	if (base)
		percpu_units_watch(base, nr_cpus * UNIT, true);
	return base;
}

static void units_unmap(char *base)
{
	percpu_units_watch(base, nr_cpus * UNIT, false);
	port_unmap(base, nr_cpus * UNIT, false);
}

static void __make_ready(struct chunk *c, size_t bytes)
{
	chunk_extend(c, (unsigned int)(bytes / GRAIN));
	__percpu_count(bytes, true);
}

/* So many bytes more, in the first chunk that has them; false: none has. */
static bool __extend(size_t bytes)
{
	unsigned int i;

	for (i = 0; i < nr_chunks; i++) {
		if (chunks[i]->base &&
		    GRAINS - chunks[i]->ready >= bytes / GRAIN) {
			__make_ready(chunks[i], bytes);
			return true;
		}
	}
	return false;
}

/* A record without a mapping, or the spare one, which is taken then. */
static struct chunk *__record(struct chunk **spare)
{
	struct chunk *c = *spare;
	unsigned int i;

	for (i = 0; i < nr_chunks; i++)
		if (!chunks[i]->base)
			return chunks[i];
	if (!c || nr_chunks == CHUNKS_MOST)
		return NULL;
	*spare = NULL;
	chunks[nr_chunks] = c;
	/* pairs with the acquire in chunks_known() */
	__atomic_store_n(&nr_chunks, nr_chunks + 1, __ATOMIC_RELEASE);
	total_add(&page_totals()->own_bytes, (long)record_bytes());
	return c;
}

/* The mapping becomes a chunk's. */
static bool chunk_adopt(char *base, size_t bytes, struct chunk **spare)
{
	struct chunk *c;

	lock_take(&percpu_lock, LOCK_PERCPU);
	c = __record(spare);
	if (c) {
		__atomic_store_n(&c->base, base, __ATOMIC_RELAXED);
		__make_ready(c, bytes);
	}
	lock_drop(&percpu_lock, LOCK_PERCPU);
	return c;
}

static bool chunk_add(size_t bytes)
{
	char *base = units_map();
	struct chunk *spare = NULL;
	bool done;

	if (!base)
		return false;
	done = chunk_adopt(base, bytes, &spare);
	if (!done) {
		spare = port_map(record_bytes(), port_page_size(), false);
		done = chunk_adopt(base, bytes, &spare);
	}
	if (spare)
		port_unmap(spare, record_bytes(), false);
	if (!done)
		units_unmap(base);
	return done;
}

/* Charged bytes become ready; false: the charge is the caller's again. */
static bool units_populate(size_t bytes)
{
	bool done;

	lock_take(&percpu_lock, LOCK_PERCPU);
	done = __extend(bytes);
	lock_drop(&percpu_lock, LOCK_PERCPU);
	return done || chunk_add(bytes);
}

/* Sleeps; room for one object of so many bytes, if nobody else takes it. */
static bool percpu_grow(size_t size, gfp_t gfp)
{
	size_t bytes = ALIGN_UP(size, PG_BYTES);

	if (bytes < STEP)
		bytes = STEP;
	if (!units_charge(bytes * nr_cpus, gfp))
		return false;
	if (units_populate(bytes))
		return true;
	mem_uncharge(bytes * nr_cpus);
	return false;
}

static size_t room(void)
{
	unsigned int i, n = chunks_known();
	size_t grains = 0;

	for (i = 0; i < n; i++)
		grains += __atomic_load_n(&chunks[i]->free, __ATOMIC_RELAXED);
	return grains * GRAIN;
}

/* For those who must not block: after a request of one who may. */
static void restock(gfp_t gfp)
{
	if (__atomic_exchange_n(&wanted, false, __ATOMIC_RELAXED) ||
	    room() < STEP)
		percpu_grow(STEP, gfp | __GFP_NORETRY);
}

void percpu_prepare(void)
{
	if (!chunks_known())
		percpu_grow(STEP, GFP_KERNEL);
}

/* --- objects -------------------------------------------------------------- */

/* Pages that were never touched are looked at, and stay so. */
static void unit_clear(void *p, size_t n)
{
	uint64_t *word = p, *end = word + n / sizeof(*word);

	while (word < end && !*word)
		word++;
	memset(word, 0, (size_t)((char *)end - (char *)word));
}

static uintptr_t born(const struct place *p, size_t bytes, size_t size)
{
	uintptr_t cookie = cookie_of(p->chunk, p->at);
	unsigned int cpu;

	percpu_watch(cookie, bytes, bytes);
	for (cpu = 0; p->dirty && cpu < nr_cpus; cpu++)
		unit_clear(percpu_on(cookie, cpu), bytes);
	percpu_watch(cookie, bytes, size);
	chunk_born(p->chunk, p->at);
	return cookie;
}

static struct place find(size_t bytes, size_t align, enum lock_wait how)
{
	struct place p = { .chunk = NULL };

	if (!lock_get(&percpu_lock, LOCK_PERCPU, how))
		return p;
	__settle(how == LOCK_SLEEP);
	p = __place((unsigned int)(bytes / GRAIN),
		    (unsigned int)(align / GRAIN));
	lock_put(&percpu_lock, LOCK_PERCPU, how);
	return p;
}

uintptr_t percpu_take(size_t size, size_t align, gfp_t gfp)
{
	size_t bytes = ALIGN_UP(size, GRAIN);
	bool may_sleep = gfp & __GFP_DIRECT_RECLAIM;
	unsigned int tries = 0;
	struct place p;

	if (align < GRAIN)
		align = GRAIN;
	p = find(bytes, align, gfp_wait(gfp));
	/* Bound: GROW_TRIES, if others take what each of them added. */
	while (!p.chunk && may_sleep && tries++ < GROW_TRIES &&
	       percpu_grow(bytes, gfp))
		p = find(bytes, align, LOCK_SLEEP);
	if (p.chunk && may_sleep)
		restock(gfp);
	if (p.chunk)
		return born(&p, bytes, size);
	__atomic_store_n(&wanted, true, __ATOMIC_RELAXED);
	page_pass_due();
	return 0;
}

static bool percpu_can_be(size_t size, size_t align)
{
	return size && size <= PCPU_MIN_UNIT_SIZE && align &&
	       align <= PG_BYTES && !(align & (align - 1));
}

static void complain(size_t size, size_t align, gfp_t gfp)
{
	static int left = 10;

	if (!(gfp & __GFP_NOWARN) && gfp & __GFP_DIRECT_RECLAIM &&
	    __atomic_sub_fetch(&left, 1, __ATOMIC_RELAXED) >= 0)
		report("percpu: allocation failed, size=%zu align=%zu", size,
		       align);
}

static void __percpu *alloc_object(size_t size, size_t align, gfp_t gfp)
{
	uintptr_t cookie;

	if (warn_if(!percpu_can_be(size, align) && !(gfp & __GFP_NOWARN),
		    "illegal size (%zu) or align (%zu) for percpu allocation",
		    size, align) ||
	    !percpu_can_be(size, align) || kmalloc_boot() ||
	    should_fail(size, gfp))
		return NULL;
	/* its pages are taken by requests that start no I/O */
	cookie = percpu_take(size, align,
			     page_gfp_context(gfp) & ~(__GFP_IO | __GFP_FS));
	if (!cookie)
		complain(size, align, gfp);
	if (gfp & __GFP_DIRECT_RECLAIM)
		page_pass();
	return (void __percpu *)cookie;
}

/**
 * __alloc_percpu_gfp - an object for each CPU
 * @size: bytes of one, from 1 to PCPU_MIN_UNIT_SIZE
 * @align: a power of two, at most PAGE_SIZE
 * @gfp: what may be done to get it (GFP_*).  Without __GFP_DIRECT_RECLAIM it
 *	is found where earlier requests made room, or not at all; then more room
 *	is made by the next that may sleep
 *
 * All zero, on every CPU that there can be.
 *
 * Return: a cookie for per_cpu_ptr() and this_cpu_ptr(), which must not be
 * dereferenced; NULL when there is no memory, and, after a warning unless
 * __GFP_NOWARN is set, for a size or an alignment that cannot be.
 * Context: as @gfp says.
 * Source: Linux 7.x.
 */
void __percpu *__alloc_percpu_gfp(size_t size, size_t align, gfp_t gfp)
{
	check_blocking(gfp);
	return alloc_object(size, align, gfp);
}

/**
 * __alloc_percpu - an object for each CPU
 * @size: bytes of one, from 1 to PCPU_MIN_UNIT_SIZE
 * @align: a power of two, at most PAGE_SIZE
 *
 * Return: as __alloc_percpu_gfp() with GFP_KERNEL.
 * Context: may sleep.
 * Source: Linux 7.x; __alloc_reserved_percpu() is a second name.
 */
void __percpu *__alloc_percpu(size_t size, size_t align)
{
	check_blocking(GFP_KERNEL);
	return alloc_object(size, align, GFP_KERNEL);
}

/**
 * pcpu_alloc_noprof - an object for each CPU
 * @size: bytes of one
 * @align: a power of two, at most PAGE_SIZE
 * @reserved: of no effect
 * @gfp: GFP_*
 *
 * Return: as __alloc_percpu_gfp().
 * Context: as @gfp says.
 * Source: Linux 6.10 and later.
 */
void __percpu *pcpu_alloc_noprof(size_t size, size_t align, bool reserved,
				 gfp_t gfp)
{
	(void)reserved;
	check_blocking(gfp);
	return alloc_object(size, align, gfp);
}

/**
 * free_percpu - frees an object of each CPU
 * @ptr: what alloc_percpu() or one of its kin returned; or NULL
 *
 * Anything else, and what was freed before, is warned of once and left alone.
 *
 * Context: any; never sleeps, never calls the OS.
 * Source: Linux 7.x.
 */
void free_percpu(void __percpu *ptr)
{
	bool bad = ptr && !percpu_give((uintptr_t)ptr);

	warn_once_if(bad,
		     "free_percpu: 0x%p is no per-CPU object, or was freed",
		     (void *)ptr);
}

/**
 * pcpu_alloc_size - bytes that an object really has
 * @ptr: of alloc_percpu() or one of its kin; or NULL
 *
 * Return: its size, rounded up to PCPU_MIN_ALLOC_SIZE; 0 for NULL and for what
 * is no such object.
 * Context: may sleep.
 * Source: Linux 6.7 and later.
 */
size_t pcpu_alloc_size(void __percpu *ptr)
{
	struct chunk *c = percpu_chunk_of((uintptr_t)ptr);
	unsigned int n;

	if (!ptr || !c)
		return 0;
	lock_take(&percpu_lock, LOCK_PERCPU);
	n = chunk_grains(c, grain_of(c, (uintptr_t)ptr));
	lock_drop(&percpu_lock, LOCK_PERCPU);
	return n * GRAIN;
}

/**
 * pcpu_nr_pages - pages that per-CPU memory takes
 *
 * Return: pages of all CPUs that are charged for it, whether they have been
 * touched or not.
 * Context: any.
 * Source: Linux 5.0 and later.
 */
unsigned long pcpu_nr_pages(void)
{
	return __atomic_load_n(&populated, __ATOMIC_RELAXED) / PG_BYTES *
	       percpu_nr();
}

/* --- giving back ---------------------------------------------------------- */

/* The mapping of a chunk without objects, from the n-th on; or NULL. */
static char *__take_empty(unsigned int n, size_t *bytes)
{
	for (; n < nr_chunks; n++) {
		struct chunk *c = chunks[n];
		char *base = c->base;

		if (!base || c->free != c->ready)
			continue;
		*bytes = c->ready * GRAIN;
		__percpu_count(*bytes, false);
		c->ready = c->dirty = c->from = c->longest = 0;
		chunk_set_free(c, 0);
		__atomic_store_n(&c->base, NULL, __ATOMIC_RELAXED);
		return base;
	}
	return NULL;
}

/* Unmaps one such chunk: bytes that were charged for it, 0: there is none. */
static size_t end_empty(unsigned int n, enum lock_wait how)
{
	size_t bytes = 0;
	char *base;

	if (!lock_get(&percpu_lock, LOCK_PERCPU, how))
		return 0;
	__settle(true);
	base = __take_empty(n, &bytes);
	lock_drop(&percpu_lock, LOCK_PERCPU);
	if (!base)
		return 0;
	units_unmap(base);
	mem_uncharge(bytes * nr_cpus);
	return bytes * nr_cpus;
}

static size_t chunks_give_back(unsigned int n, enum lock_wait how)
{
	size_t one, bytes = 0;

	/* Bound: the chunks. */
	while (chunks_known() > n && (one = end_empty(n, how)))
		bytes += one;
	return bytes;
}

/* The last one goes for a new one, of which less is charged and resident. */
size_t percpu_trim(void)
{
	size_t bytes = chunks_give_back(0, LOCK_SLEEP);

	if (bytes && !room())
		percpu_grow(STEP, GFP_KERNEL | __GFP_NORETRY);
	return bytes;
}

static unsigned long shrink_percpu(gfp_t gfp, unsigned int priority)
{
	(void)gfp;
	(void)priority;
	/* those who must not block have room in the first */
	return chunks_give_back(1, LOCK_ONCE) >> PG_SHIFT;
}

/* What the passes do: frees, and room for those who must not block. */
static bool percpu_expire(uint64_t then)
{
	size_t bytes = STEP * nr_cpus;

	(void)then;
	if (defer_any(&later) &&
	    lock_get(&percpu_lock, LOCK_PERCPU, LOCK_ONCE)) {
		__settle(true);
		lock_drop(&percpu_lock, LOCK_PERCPU);
	}
	if (!__atomic_load_n(&wanted, __ATOMIC_RELAXED) || !mem_fits(bytes) ||
	    !mem_charge(bytes, GFP_NOWAIT | __GFP_NOWARN))
		return false;
	if (lock_get(&percpu_lock, LOCK_PERCPU, LOCK_ONCE)) {
		if (__extend(STEP)) {
			bytes = 0;
			__atomic_store_n(&wanted, false, __ATOMIC_RELAXED);
		}
		lock_drop(&percpu_lock, LOCK_PERCPU);
	}
	if (bytes)
		mem_uncharge(bytes);
	return false;
}

/* --- the rest ------------------------------------------------------------- */

bool percpu_validate(void)
{
	bool ok = true;
	unsigned int i;

	lock_take(&percpu_lock, LOCK_PERCPU);
	for (i = 0; i < nr_chunks; i++)
		ok = ok && chunk_valid(chunks[i]);
	lock_drop(&percpu_lock, LOCK_PERCPU);
	if (!ok)
		report("BUG kmem: the books of per-CPU memory are damaged");
	return ok;
}

static void percpu_fork_prepare(void)
{
	lock_take(&percpu_lock, LOCK_PERCPU);
	__settle(true);
}

static void percpu_fork_parent(void)
{
	lock_drop(&percpu_lock, LOCK_PERCPU);
}

static void percpu_fork_child(void)
{
	defer_forget(&later);
	lock_reset(&percpu_lock);
}

static const struct fork_ops percpu_fork = {
	.prepare = percpu_fork_prepare,
	.parent = percpu_fork_parent,
	.child = percpu_fork_child,
};

int percpu_boot(void)
{
	static struct page_client client = {
		.spare = true,
		.shrink = shrink_percpu,
		.expire = percpu_expire,
	};
	unsigned int n = pcs_cpus() ? pcs_cpus() : port_nr_cpus();

	if (nr_cpus)
		return 0;
	fork_register(FORK_PERCPU, &percpu_fork);
	page_register(&client);
	__atomic_store_n(&nr_cpus, n + 1, __ATOMIC_RELEASE);
	debug_view.percpu = chunks;
	debug_view.nr_percpu = &nr_chunks;
	debug_view.percpu_cpus = &nr_cpus;
	return 0;
}

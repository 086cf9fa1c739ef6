// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The libkmem authors
/*
 * What needs several CPUs, interrupts or all of the memory.
 *
 * Each part prints "ok - name" or "not ok - name: why".
 */
#include "bare/tests.h"

#include <string.h>

#include <kmem/kmem.h>
#include <linux/gfp.h>
#include <linux/mempool.h>
#include <linux/mm.h>
#include <linux/shrinker.h>
#include <linux/slab.h>

#include "debug/publish.h"
#include "model/in_use.h"
#include "port/contract.h"
#include "port/port.h"

#define LOAD_STEPS 12000
#define KEPT 48
#define MARK 0x6b6d656d6b6d656dul

static unsigned int failed;

static void verdict(const char *name, const char *why)
{
	failed += why != NULL;
	kprintf("%s - %s%s%s\n", why ? "not ok" : "ok", name, why ? ": " : "",
		why ? why : "");
}

/* --- interrupts ----------------------------------------------------------- */

static bool ticks_allocate;
static unsigned long allocated[2], refused[2], overlaps;
static struct kmem_cache *shared_cache;

/*
 * What a handler does: it looks at the marks of what it got in its last calls,
 * gives back the oldest and asks for new objects.  A block that somebody else
 * has too loses its mark.  An NMI has blocks of its own.
 */
#define HELD 4
#define SIZES 3

static struct held {
	unsigned long *p[HELD][SIZES];
	unsigned int oldest;
} held[CPUS][2];

static void held_free(unsigned long **p, bool nmi)
{
	if (*p && **(unsigned long *volatile *)p != ((unsigned long)*p ^ MARK))
		__atomic_fetch_add(&overlaps, 1, __ATOMIC_RELAXED);
	if (nmi)
		kfree_nolock(*p);
	else
		kfree(*p);
	*p = NULL;
}

static unsigned long *held_new(unsigned int i, bool nmi)
{
	gfp_t gfp = GFP_ATOMIC | __GFP_NOWARN;
	unsigned long *p;

	if (nmi)
		p = kmalloc_nolock(16 << (i * 2), 0, -1);
	else if (i == 1 && shared_cache)
		p = kmem_cache_alloc(shared_cache, gfp);
	else
		p = kmalloc(16 << (i * 2), gfp);
	if (p)
		*(unsigned long *volatile)p = (unsigned long)p ^ MARK;
	__atomic_fetch_add(p ? &allocated[nmi] : &refused[nmi], 1,
			   __ATOMIC_RELAXED);
	return p;
}

static void handler_allocate(bool nmi)
{
	struct held *h = &held[bare_cpu()][nmi];
	unsigned long **p = h->p[h->oldest++ % HELD];
	unsigned long state = nmi ? 0 : bare_irq_save();

	for (unsigned int i = 0; i < SIZES; i++) {
		held_free(&p[i], nmi);
		p[i] = held_new(i, nmi);
	}
	if (!nmi)
		bare_irq_restore(state);
}

/*
 * A wake-up that was missed leaves all CPUs without a thread that can run: each
 * counts its ticks since it had one.
 */
#define IDLE_TICKS (10 * TICK_HZ)

static void look_at_idle(void)
{
	static struct {
		uint32_t quiet;
		unsigned int ticks;
	} seen[CPUS], *s;
	struct cpu *c = arch_this_cpu();
	unsigned int idle = 0;

	s = &seen[c->nr];
	s->ticks = c->idle && s->quiet == c->quiet ? s->ticks + 1 : 0;
	s->quiet = c->quiet;
	for (unsigned int i = 0; i < CPUS; i++)
		idle += seen[i].ticks > IDLE_TICKS;
	if (idle < CPUS)
		return;
	verdict("threads are woken", "none can run, and the test waits");
	arch_exit(1);
}

void kernel_handler(enum handler from)
{
	if (from == HANDLER_TICK)
		look_at_idle();
	if (from != HANDLER_TICK || ticks_allocate)
		handler_allocate(from == HANDLER_NMI);
}

static void held_free_all(void)
{
	for (unsigned int i = 0; i < CPUS * 2 * HELD * SIZES; i++)
		held_free(&held[0][0].p[0][0] +
				  i / (HELD * SIZES) * sizeof(**held) / 8 +
				  i % (HELD * SIZES),
			  false);
}

/* --- all main paths on all CPUs ------------------------------------------- */

struct kept {
	unsigned char *p;
	size_t size;
	unsigned char kind, mark;
};

static uint32_t next_random(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	return *state ^= *state << 5;
}

static void keep_free(struct kept *k)
{
	if (!k->p)
		return;
	for (size_t i = 0; i<k->size; i += k->size> 64 ? 61 : 1)
		if (k->p[i] != k->mark)
			__atomic_fetch_add(&overlaps, 1, __ATOMIC_RELAXED);
	if (k->kind == 0)
		kfree(k->p);
	else if (k->kind == 1)
		kmem_cache_free(shared_cache, k->p);
	else
		free_pages((unsigned long)k->p, k->kind - 2);
	k->p = NULL;
}

static void keep_new(struct kept *k, uint32_t r)
{
	gfp_t gfp = r & 64 ? GFP_KERNEL : GFP_ATOMIC | __GFP_NOWARN;

	k->kind = r >> 8 & 3;
	k->mark = (unsigned char)(r >> 24);
	if (k->kind == 0) {
		k->size = 1 + (r >> 10) % 3000;
		k->p = kmalloc(k->size, gfp);
	} else if (k->kind == 1) {
		k->size = 64;
		k->p = kmem_cache_alloc(shared_cache, gfp);
	} else {
		k->size = PAGE_SIZE << (k->kind - 2);
		k->p = (void *)__get_free_pages(gfp, k->kind - 2);
	}
	if (k->p)
		memset(k->p, k->mark, k->size);
}

static unsigned int at_work;

static void load(void *arg)
{
	uint32_t state = (uint32_t)(uintptr_t)arg * 2654435761u + 1;
	struct kept kept[KEPT] = { 0 };

	for (unsigned int i = 0; i < LOAD_STEPS; i++) {
		struct kept *k = &kept[next_random(&state) % KEPT];

		if (k->p)
			keep_free(k);
		else
			keep_new(k, next_random(&state));
		if (i % 1000 == 999)
			kmem_cache_shrink(shared_cache);
	}
	for (unsigned int i = 0; i < KEPT; i++)
		keep_free(&kept[i]);
	__atomic_fetch_sub(&at_work, 1, __ATOMIC_RELEASE);
}

static void interrupts_against_main_paths(void)
{
	struct thread *t[CPUS * 2];
	unsigned long before, kicks = 0;

	shared_cache = kmem_cache_create("shared", 64, 0, 0, NULL);
	kmem_trim();
	before = in_use_bytes();
	ticks_allocate = true;
	at_work = CPUS * 2;
	for (unsigned int i = 0; i < CPUS * 2; i++)
		t[i] = thread_start(i % CPUS, load, (void *)(uintptr_t)i);
	while (__atomic_load_n(&at_work, __ATOMIC_ACQUIRE)) {
		arch_kick_others();
		handler_allocate(false);
		thread_yield();
	}
	for (unsigned int i = 0; i < CPUS * 2; i++)
		thread_join(t[i]);
	ticks_allocate = false;
	thread_sleep_ms(20); /* a handler may be at work */
	held_free_all();
	for (unsigned int i = 0; i < CPUS; i++)
		kicks += cpus[i].kicks != 0;
	kprintf("# handlers: %lu objects, %lu refused; NMIs: %lu, %lu\n",
		allocated[0], refused[0], allocated[1], refused[1]);
	verdict("no block had two owners", overlaps ? "some had" : NULL);
	verdict("handlers got objects", allocated[0] ? NULL : "none");
	verdict("each CPU was kicked", kicks == CPUS - 1 ? NULL : "not each");
	verdict("all is valid", kmem_validate() ? NULL : "see above");
	kmem_trim();
	verdict("all is back", in_use_bytes() == before ? NULL : "some is not");
	kmem_cache_destroy(shared_cache);
	shared_cache = NULL;
}

/*
 * What ticks hit by chance: a handler at each instruction of the calls that
 * share slots with it.
 */
#define STEP_ROUNDS 3
#define STEP_BLOCKS 8

bool __attribute__((weak)) arch_step(bool on)
{
	(void)on;
	return false;
}

static void a_handler_at_each_instruction(void)
{
	unsigned long *p[STEP_BLOCKS][SIZES] = { 0 };
	unsigned long before = allocated[0];

	if (!arch_step(true))
		return;
	for (unsigned int i = 0; i < 2 * STEP_ROUNDS * STEP_BLOCKS; i++)
		for (unsigned int k = 0; k < SIZES; k++) {
			unsigned long **at = &p[i % STEP_BLOCKS][k];

			if (*at)
				held_free(at, false);
			else
				*at = held_new(k, false);
		}
	arch_step(false);
	held_free_all();
	kprintf("# handlers at %lu instructions\n",
		(allocated[0] - before) / SIZES);
	verdict("a handler at each instruction",
		overlaps                     ? "some had two owners" :
		!kmem_validate()             ? "see above" :
		allocated[0] - before < 9000 ? "too few" :
					       NULL);
}

/* --- pools ---------------------------------------------------------------- */

#define POOL_MIN 3
#define POOL_ROUNDS 60

static void *no_memory(gfp_t gfp, void *data)
{
	unsigned int *left = data;

	(void)gfp;
	return *left ? (--*left, kmalloc(40, GFP_KERNEL)) : NULL;
}

static void give_back(void *element, void *data)
{
	(void)data;
	kfree(element);
}

static unsigned int pool_holders, pool_most;

static void pool_user(void *pool)
{
	unsigned int n;
	void *e;

	for (unsigned int i = 0; i < POOL_ROUNDS; i++) {
		e = mempool_alloc(pool, GFP_KERNEL);
		n = __atomic_add_fetch(&pool_holders, 1, __ATOMIC_RELAXED);
		if (n > pool_most)
			pool_most = n;
		thread_yield();
		__atomic_fetch_sub(&pool_holders, 1, __ATOMIC_RELAXED);
		mempool_free(e, pool);
	}
}

/* More threads than elements, and no other memory: they sleep. */
static void pools_with_sleepers(void)
{
	unsigned int left = POOL_MIN;
	mempool_t *pool = mempool_create(POOL_MIN, no_memory, give_back, &left);
	struct thread *t[CPUS * 2];

	for (unsigned int i = 0; i < CPUS * 2; i++)
		t[i] = thread_start(i % CPUS, pool_user, pool);
	for (unsigned int i = 0; i < CPUS * 2; i++)
		thread_join(t[i]);
	verdict("threads slept for a pool's elements",
		pool_most > POOL_MIN      ? "more than there are" :
		pool->curr_nr != POOL_MIN ? "one is lost" :
					    NULL);
	mempool_destroy(pool);
}

/* --- all memory ----------------------------------------------------------- */

static struct bare_range later; /* what was added */

static bool is_memory(unsigned long start, unsigned long end)
{
	bool in = start >= later.start && end <= later.end;

	for (unsigned int i = 0; i < machine.nr_ram; i++)
		in |= start >= machine.ram[i].start &&
		      end <= machine.ram[i].end;
	for (unsigned int i = 0; i <= machine.nr_reserved; i++)
		in &= start >= machine.reserved[i].end ||
		      end <= machine.reserved[i].start;
	return in;
}

struct taken {
	struct taken *next;
};

/* Every page there is, each checked; returns how many. */
static unsigned long take_all(gfp_t gfp, unsigned long below,
			      struct taken **list, const char **why)
{
	unsigned long n = 0, at;
	struct taken *t;

	while ((t = (void *)__get_free_page(gfp | __GFP_NOWARN))) {
		at = virt_to_phys(t);
		if (!is_memory(at, at + PAGE_SIZE)) {
			*why = "a page that is no memory";
			break; /* it would not keep the list */
		}
		if (at + PAGE_SIZE > below)
			*why = "a page beyond the zone";
		memset(t, 0xa5, PAGE_SIZE);
		t->next = *list;
		*list = t;
		n++;
	}
	return n;
}

static void give_all(struct taken **list)
{
	struct taken *t;

	while ((t = *list)) {
		*list = t->next;
		for (size_t i = sizeof(*t); i < PAGE_SIZE; i += 64)
			if (((unsigned char *)t)[i] != 0xa5)
				overlaps++;
		free_page((unsigned long)t);
	}
}

#define HASTY (GFP_KERNEL | __GFP_NORETRY)
static unsigned long cached = 500, scanned;
static struct taken *cached_pages;

static unsigned long count(struct shrinker *s, struct shrink_control *sc)
{
	(void)s;
	(void)sc;
	return cached;
}

static unsigned long scan(struct shrinker *s, struct shrink_control *sc)
{
	unsigned long n = 0;
	struct taken *t;

	(void)s;
	for (; n < sc->nr_to_scan && (t = cached_pages); n++) {
		cached_pages = t->next;
		free_page((unsigned long)t);
		cached--;
		scanned++;
	}
	return n ? n : SHRINK_STOP;
}

static void memory_to_the_end(void)
{
	unsigned long first = machine.ram[0].start & ~0x3ffffful, n, more;
	unsigned long dma_end = (first < 16 << 20 ? 0 : first) + (16 << 20);
	const char *why = NULL;
	struct shrinker *s = shrinker_alloc(0, "cached");
	struct taken *all = NULL;

	s->count_objects = count;
	s->scan_objects = scan;
	for (unsigned int i = 0; i < cached; i++) {
		struct taken *t = (void *)__get_free_page(GFP_KERNEL);

		t->next = cached_pages;
		cached_pages = t;
	}
	shrinker_register(s);
	n = take_all(HASTY | GFP_DMA, dma_end, &all, &why);
	verdict("ZONE_DMA lies where it must",
		n < 64 && !why ? "too few" : why);
	n += take_all(HASTY | __GFP_DMA32, 4ul << 30, &all, &why);
	n += take_all(GFP_KERNEL | __GFP_RETRY_MAYFAIL, ~0ul, &all, &why);
	kprintf("# %lu pages until the end\n", n);
	verdict("all pages are memory that is free to use", why);
	verdict("shrinkers were asked", scanned == 500 ? NULL : "not for all");
	later = machine.later;
	if (later.end) {
		if (bare_add_memory(later.start, later.end))
			why = "refused";
		if (!bare_add_memory(later.start, later.end))
			why = "taken twice";
		more = take_all(HASTY, ~0ul, &all, &why);
		kprintf("# and %lu that came later\n", more);
		verdict("memory that comes later is used",
			more < 2048 ? "too little" : why);
	}
	give_all(&all);
	verdict("no page had two owners", overlaps ? "some had" : NULL);
	shrinker_free(s);
	verdict("all is valid at the end",
		kmem_validate() ? NULL : "see above");
}

/* What the port has cut off, or was told of, is not to be had again. */
static const char *ports_memory(void)
{
	unsigned long page = __get_free_page(GFP_KERNEL);
	const char *record = (char *)virt_to_page(page);
	const char *const at[] = {
		record - (uintptr_t)record % PAGE_SIZE,
		(char *)publish_header(),
		machine.direct + (uintptr_t)kernel_start,
	};

	free_page(page);
	for (unsigned int i = 0; i < 3; i++)
		if (port_commit((void *)(uintptr_t)at[i], PAGE_SIZE) !=
		    PORT_TAKEN)
			return i == 0 ? "the records of pages are not" :
			       i == 1 ? "the published area is not" :
					"the image is not";
	return NULL;
}

static struct thread *second;

static void second_run(void *arg)
{
	((void (*)(void))arg)();
}

int contract_thread(void (*fn)(void))
{
	second = thread_start(1, second_run, (void *)fn);
	return second ? 0 : -1;
}

void contract_join(void)
{
	thread_join(second);
}

unsigned int cpus_run(void)
{
	if (!start_others())
		return 1;
	verdict("the port's memory is taken", ports_memory());
	if (failed)
		arch_exit(1); /* and was overwritten */
	verdict("the port keeps its contract", port_contract());
	interrupts_against_main_paths();
	a_handler_at_each_instruction();
	pools_with_sleepers();
	memory_to_the_end();
	return failed;
}

// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The libkmem authors
/*
 * Busy locks: a caller that must not wait goes another way, and nothing is
 * lost.  A lock that the test itself holds is what a signal handler finds.
 */
#include "lib/atomic.h"
#include "sync/fork.h"
#include "unit/slab/world.h"

#include <linux/gfp.h>
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#define N 200
/* Non-blocking, quiet. */
#define NOWAIT (__GFP_KSWAPD_RECLAIM | __GFP_NOWARN)

static struct kmem_cache *bare(struct kunit *test, size_t size)
{
	return make(test, size, 0, SLAB_NOLEAKTRACE);
}

static void busy(struct kmem_cache *s)
{
	lock_take(&s->node->list_lock, LOCK_LIST);
}

static void free_again(struct kmem_cache *s)
{
	lock_drop(&s->node->list_lock, LOCK_LIST);
}

static unsigned int take(struct kmem_cache *s, unsigned int n, void **p)
{
	unsigned int got = 0;

	while (got < n)
		got += slub_take(s, GFP_ROUND, n - got, p + got);
	return got;
}

static unsigned long host_calls(void)
{
	unsigned long n = 0;

	for (int call = 0; call < FAKE_CALLS; call++)
		if (call != FAKE_INJECT)
			n += fake_calls((enum fake_call)call);
	return n;
}

SLAB_CASE(late_frees_are_settled, 0)
{
	static const size_t sizes[] = { 8, 64, 104, 512, 4096 };

	for (unsigned int i = 0; i < ARRAY_LEN(sizes); i++) {
		struct kmem_cache *s = bare(test, sizes[i]);
		void *p[N];

		take(s, N, p);
		busy(s);
		slub_give(s, N / 2, p, LOCK_SPIN);
		slub_give(s, N / 2, p + N / 2, LOCK_ONCE);
		KUNIT_EXPECT_TRUE(test, defer_any(&s->node->late));
		free_again(s);
		KUNIT_EXPECT_EQ(test, counts(s).active_objs, 0);
		KUNIT_EXPECT_FALSE(test, defer_any(&s->node->late));
		KUNIT_EXPECT_TRUE(test, cache_validate(s));
		end(test, s);
	}
}

/* What a thread announced that was in the middle of a free: no bit, no push. */
static void tear(void *obj)
{
	struct page *slab = addr_page(obj);
	uint64_t *note = (void *)(window.late + page_pfn(slab) * PG_LATE_BYTES);

	note[1]++;
}

static bool child_of_busy(struct kunit *test, struct kmem_cache *s, void **p)
{
	slab_fork.child();
	KUNIT_ASSERT_TRUE(test, defer_any(&s->node->late));
	/* two whose slabs are on the list, and one that was torn */
	busy(s);
	slub_give(s, 1, &p[1], LOCK_ONCE);
	slub_give(s, 1, &p[N], LOCK_ONCE);
	slub_give(s, 1, &p[N - 1], LOCK_ONCE);
	free_again(s);
	KUNIT_ASSERT_EQ(test, counts(s).active_objs, N - 2);
	KUNIT_ASSERT_FALSE(test, defer_any(&s->node->late));
	KUNIT_ASSERT_TRUE(test, cache_validate(s));
	slub_give(s, 1, &p[N + 1], LOCK_SLEEP);
	for (unsigned int i = 2; i < N - 1; i++)
		slub_give(s, 1, &p[i], LOCK_SLEEP);
	KUNIT_ASSERT_EQ(test, counts(s).active_objs, 0);
	return cache_validate(s) && zone_validate();
}

/* Threads that do not wait free and allocate while a fork copies memory. */
SLAB_CASE(late_notes_of_a_parent_count, 0)
{
	struct kmem_cache *s = bare(test, 64);
	void *p[N + 2];
	int status;
	pid_t pid;

	take(s, N, p);
	KUNIT_ASSERT_PTR_NE(test, addr_page(p[0]), addr_page(p[N - 1]));
	fflush(stdout);
	/* the layer's part alone: the pages below are not held yet */
	slab_fork.prepare();
	slub_give(s, 1, &p[0], LOCK_ONCE);
	KUNIT_ASSERT_EQ(test, slub_take(s, NOWAIT, 2, p + N), 2);
	pid = fork();
	if (!pid) {
		tear(p[N - 1]);
		_exit(child_of_busy(test, s, p) ? 0 : 1);
	}
	slab_fork.parent();
	KUNIT_ASSERT_EQ(test, waitpid(pid, &status, 0), pid);
	KUNIT_EXPECT_EQ(test, status, 0);
	KUNIT_EXPECT_EQ(test, counts(s).active_objs, N + 1);
	slub_give(s, N + 1, p + 1, LOCK_SLEEP);
	end(test, s);
}

/*
 * A slab with a note does not leave, though it be empty: the note is a second
 * free of an object, and the holder settles others first.
 */
SLAB_CASE(late_note_keeps_its_slab, 0)
{
	struct kmem_cache *s = bare(test, 512);
	unsigned long before = report_errors();
	void *p[12][8], *second;

	for (unsigned int i = 0; i < ARRAY_LEN(p); i++) {
		KUNIT_ASSERT_EQ(test, take(s, 8, p[i]), 8);
		KUNIT_ASSERT_PTR_EQ(test, addr_page(p[i][0]),
				    addr_page(p[i][7]));
	}
	/* two objects stay in each slab, and one in the first */
	for (unsigned int i = 0; i < ARRAY_LEN(p); i++)
		slub_give(s, i ? 6 : 7, p[i], LOCK_SLEEP);
	KUNIT_ASSERT_GE(test, s->node->nr_partial, s->min_partial);
	second = p[0][0];
	busy(s);
	slub_give(s, 1, &second, LOCK_ONCE);
	for (unsigned int i = 1; i < ARRAY_LEN(p); i++)
		slub_give(s, 1, &p[i][6], LOCK_ONCE);
	free_again(s);
	slub_give(s, 1, &p[0][7], LOCK_SPIN);
	KUNIT_EXPECT_TRUE(test, defer_any(&s->node->late));
	KUNIT_EXPECT_PTR_EQ(test, page_cache(addr_page(second)), s);
	KUNIT_EXPECT_EQ(test, counts(s).active_objs, ARRAY_LEN(p) - 1);
	/* the report, and that it was mended */
	KUNIT_EXPECT_EQ(test, report_errors() - before, 2);
	for (unsigned int i = 1; i < ARRAY_LEN(p); i++)
		slub_give(s, 1, &p[i][7], LOCK_SLEEP);
	fake_log_clear();
	end(test, s);
}

/* Objects on either side of those that are late stay what they are. */
SLAB_CASE(late_frees_are_the_right_ones, 0)
{
	struct kmem_cache *s = bare(test, 64);
	void *p[N], *q[N];

	take(s, N, p);
	for (unsigned int i = 0; i < N; i++)
		memset(p[i], (int)i, 64);
	busy(s);
	for (unsigned int i = 0; i < N; i += 2)
		slub_give(s, 1, &p[i], LOCK_ONCE);
	free_again(s);
	KUNIT_EXPECT_EQ(test, counts(s).active_objs, N / 2);
	for (unsigned int i = 1; i < N; i += 2)
		KUNIT_EXPECT_EQ(test, *(unsigned char *)p[i], i);
	take(s, N / 2, q);
	for (unsigned int i = 0; i < N / 2; i++)
		for (unsigned int k = 1; k < N; k += 2)
			KUNIT_ASSERT_PTR_NE(test, q[i], p[k]);
	slub_give(s, N / 2, q, LOCK_SLEEP);
	for (unsigned int i = 1; i < N; i += 2)
		slub_give(s, 1, &p[i], LOCK_SLEEP);
	KUNIT_EXPECT_TRUE(test, cache_validate(s));
	end(test, s);
}

/* No lock, no partial slab: a slab of the caller's own, listed later. */
SLAB_CASE(late_slab_is_listed, 0)
{
	struct kmem_cache *s = bare(test, 64);
	void *p[3], *q;

	busy(s);
	KUNIT_ASSERT_EQ(test, slub_take(s, NOWAIT, 3, p), 3);
	q = kmem_cache_alloc(s, NOWAIT);
	KUNIT_ASSERT_NOT_NULL(test, q);
	/* one of them goes back before anybody has seen its slab */
	slub_give(s, 1, &p[1], LOCK_SPIN);
	free_again(s);
	KUNIT_EXPECT_EQ(test, counts(s).num_slabs, 2);
	KUNIT_EXPECT_EQ(test, counts(s).active_objs, 3);
	KUNIT_EXPECT_TRUE(test, cache_validate(s));
	slub_give(s, 1, &p[0], LOCK_SLEEP);
	slub_give(s, 1, &p[2], LOCK_SLEEP);
	kmem_cache_free(s, q);
	KUNIT_EXPECT_TRUE(test, cache_validate(s));
	end(test, s);
}

/* All objects of a slab that is in no book yet, taken and freed. */
SLAB_CASE(late_slab_may_be_full_or_empty, 0)
{
	struct kmem_cache *s = bare(test, 512);
	void *p[16];

	busy(s);
	KUNIT_ASSERT_EQ(test, slub_take(s, NOWAIT, 8, p), 8);
	free_again(s);
	KUNIT_EXPECT_TRUE(test, cache_validate(s));
	KUNIT_EXPECT_EQ(test, s->node->nr_partial, 0);
	busy(s);
	KUNIT_ASSERT_EQ(test, slub_take(s, NOWAIT, 8, p + 8), 8);
	slub_give(s, 16, p, LOCK_ONCE);
	free_again(s);
	KUNIT_EXPECT_TRUE(test, cache_validate(s));
	KUNIT_EXPECT_EQ(test, counts(s).active_objs, 0);
	end(test, s);
}

/* Empty slabs beyond what a node keeps leave when their notes are settled. */
SLAB_CASE(late_slabs_leave, 0)
{
	struct kmem_cache *s = bare(test, 1024);
	void *p[N];

	take(s, N, p);
	busy(s);
	slub_give(s, N, p, LOCK_SPIN);
	free_again(s);
	node_get(s, LOCK_SLEEP);
	node_put(s, LOCK_SLEEP);
	KUNIT_EXPECT_LE(test, s->node->nr_empty, s->max_empty + 0ul);
	KUNIT_EXPECT_TRUE(test, cache_validate(s));
	end(test, s);
}

SLAB_CASE(late_double_free_is_told, 0)
{
	struct kmem_cache *s = bare(test, 64);
	void *p[4];

	take(s, 4, p);
	/* both late */
	busy(s);
	slub_give(s, 1, &p[0], LOCK_ONCE);
	slub_give(s, 1, &p[0], LOCK_ONCE);
	KUNIT_EXPECT_NOT_NULL(test,
			      strstr(fake_log(), "Object already free 0x"));
	fake_log_clear();
	free_again(s);
	KUNIT_EXPECT_TRUE(test, cache_validate(s));
	KUNIT_EXPECT_EQ(test, counts(s).active_objs, 3);
	/* free, then late */
	slub_give(s, 1, &p[1], LOCK_SLEEP);
	busy(s);
	slub_give(s, 1, &p[1], LOCK_ONCE);
	free_again(s);
	KUNIT_EXPECT_TRUE(test, cache_validate(s));
	KUNIT_EXPECT_NOT_NULL(test,
			      strstr(fake_log(), "Object already free 0x"));
	fake_log_clear();
	KUNIT_EXPECT_EQ(test, counts(s).active_objs, 2);
	/* no object at all */
	busy(s);
	p[0] = (char *)p[2] + 1;
	slub_give(s, 1, p, LOCK_ONCE);
	free_again(s);
	KUNIT_EXPECT_NOT_NULL(test,
			      strstr(fake_log(), "Invalid object pointer 0x"));
	fake_log_clear();
	slub_give(s, 2, p + 2, LOCK_SLEEP);
	KUNIT_EXPECT_TRUE(test, cache_validate(s));
	end(test, s);
}

/* A caller that must not sleep settles LATE_BUDGET slabs, and goes on. */
SLAB_CASE(late_settling_is_bounded, 0)
{
	struct kmem_cache *s = bare(test, 1024);
	void *p[N], *one;
	unsigned int late = 0;
	struct page *slab;

	take(s, N, p);
	busy(s);
	slub_give(s, N, p, LOCK_SPIN);
	free_again(s);
	KUNIT_ASSERT_TRUE(test, node_get(s, LOCK_SPIN));
	for (slab = s->node->late.rest; slab; late++)
		slab = *(struct page **)(void *)(window.late +
						 page_pfn(slab) *
							 PG_LATE_BYTES);
	node_put(s, LOCK_SPIN);
	KUNIT_EXPECT_EQ(test, late, N / 8 - LATE_BUDGET);
	KUNIT_ASSERT_EQ(test, slub_take(s, NOWAIT, 1, &one), 1);
	slub_give(s, 1, &one, LOCK_SPIN);
	KUNIT_EXPECT_TRUE(test, cache_validate(s));
	KUNIT_EXPECT_EQ(test, counts(s).active_objs, 0);
	end(test, s);
}

static struct lock *const page_locks[] = {
	&grow_lock,
	&zones[ZONE_ID_DMA].lock,
	&zones[ZONE_ID_DMA32].lock,
	&zones[ZONE_ID_NORMAL].lock,
};

/* Everything that can be held is: each call returns, and calls no OS. */
SLAB_CASE(all_locks_busy_stop_nobody, 0)
{
	struct kmem_cache *s = make(test, 64, 0, 0);
	void *p[4 * N], *q[N];
	struct page *pages[3];
	unsigned long before;
	unsigned int n = 0;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, s);
	for (unsigned int i = 0; i < ARRAY_LEN(p); i++)
		p[i] = kmem_cache_alloc(s, GFP_KERNEL);
	for (unsigned int i = 0; i < ARRAY_LEN(pages); i++)
		pages[i] = alloc_pages(GFP_KERNEL, i * 3);
	before = host_calls();
	lock_take(&slab_mutex, LOCK_CACHES);
	lock_take(&s->barn->lock, LOCK_BARN);
	busy(s);
	for (unsigned int i = 0; i < ARRAY_LEN(page_locks); i++)
		lock_take_nested(page_locks[i], i ? LOCK_ZONE : LOCK_GROW);
	for (unsigned int i = 0; i < ARRAY_LEN(p); i++) {
		if (i % 2)
			kmem_cache_free(s, p[i]);
		else
			kmem_cache_free_bulk(s, 1, &p[i]);
		if (i % 4)
			continue;
		q[n] = kmem_cache_alloc(s, i % 8 ? GFP_ATOMIC | __GFP_NOWARN :
						   GFP_NOWAIT);
		n += !!q[n];
	}
	for (unsigned int i = 0; i < ARRAY_LEN(pages); i++)
		__free_pages(pages[i], i * 3);
	alloc_pages(GFP_ATOMIC | __GFP_NOWARN, 10);
	while (n)
		kmem_cache_free(s, q[--n]);
	KUNIT_EXPECT_EQ(test, host_calls(), before);
	for (unsigned int i = ARRAY_LEN(page_locks); i-- > 0;)
		lock_drop_nested(page_locks[i], i ? LOCK_ZONE : LOCK_GROW);
	free_again(s);
	lock_drop(&s->barn->lock, LOCK_BARN);
	lock_drop(&slab_mutex, LOCK_CACHES);
	KUNIT_EXPECT_TRUE(test, cache_validate(s));
	KUNIT_EXPECT_TRUE(test, zone_validate());
	KUNIT_EXPECT_EQ(test, live(s), 0);
	end(test, s);
}

/* A failure report of a request that must not call the OS comes later. */
SLAB_CASE(failure_report_waits_for_a_pass, 0)
{
	page_report_rearm();
	lock_take(&zones[ZONE_ID_DMA].lock, LOCK_ZONE);
	lock_take_nested(&zones[ZONE_ID_DMA32].lock, LOCK_ZONE);
	lock_take_nested(&zones[ZONE_ID_NORMAL].lock, LOCK_ZONE);
	KUNIT_EXPECT_NULL(test, alloc_pages(GFP_ATOMIC, 9));
	lock_drop_nested(&zones[ZONE_ID_NORMAL].lock, LOCK_ZONE);
	lock_drop_nested(&zones[ZONE_ID_DMA32].lock, LOCK_ZONE);
	lock_drop(&zones[ZONE_ID_DMA].lock, LOCK_ZONE);
	KUNIT_EXPECT_STREQ(test, fake_log(), "");
	page_free(alloc_pages(GFP_KERNEL, 0), 0);
	KUNIT_EXPECT_NOT_NULL(test, strstr(fake_log(),
					   "page allocation failure: order:9"));
	fake_log_clear();
}

/* The table of docs/contexts.md. */
#define TRY (1ul + (port_nr_cpus() > 1 ? LOCK_SPINS : 0))
/* At slots, of one request or free. */
#define LOOKS 8ul

static unsigned long pages_kept(void)
{
	unsigned int high, batch;

	pcp_limits(&high, &batch);
	return high;
}

static unsigned long page_request_steps(void)
{
	return (2 * ZONES + 4) * TRY + ZONES * LATE_BUDGET + 2 * pages_kept();
}

static unsigned long page_free_steps(void)
{
	return (ZONES + 2) * TRY + ZONES * LATE_BUDGET + pages_kept();
}

static unsigned long alloc_steps(unsigned long c)
{
	return LOOKS + 16 * TRY + 2 * LATE_BUDGET + c +
	       6 * page_request_steps();
}

static unsigned long free_steps(unsigned long c)
{
	return LOOKS + (16 + c / 32) * TRY + 4 * LATE_BUDGET + 3 * c +
	       2 * c * page_free_steps() + 2 * page_request_steps();
}

static unsigned long drain_steps(const struct kmem_cache *s)
{
	unsigned long sheaves =
		2ul * s->pcs.nr + s->barn->nr_full + s->barn->nr_empty;

	return (s->pcs.nr + 8) * TRY + s->node->nr_partial +
	       sheaves * (1 + free_steps(pcs_capacity(&s->pcs)));
}

static unsigned long steps(void)
{
	return port_task()->steps;
}

/* Bit by bit, which of these are held while the calls are made. */
static void hold_some(struct kmem_cache *s, unsigned int held, bool take)
{
	void (*const nested)(struct lock *, enum lock_rank) =
		take ? lock_take_nested : lock_drop_nested;

	for (unsigned int i = 0; held & 8 && i < s->pcs.nr; i++)
		nested(&s->slot[i].lock, LOCK_SLOT);
	if (held & 1)
		nested(&s->barn->lock, LOCK_BARN);
	if (held & 2)
		nested(&s->node->list_lock, LOCK_LIST);
	for (unsigned int i = 0; held & 4 && i < ZONES; i++)
		nested(&zones[i].lock, LOCK_ZONE);
}

static void steps_of_calls(struct kunit *test)
{
	struct kmem_cache *s = make(test, 64, 0, 0);
	unsigned long c = pcs_capacity(&s->pcs), most_in, most_out, before;
	static void *p[8192];

	for (unsigned int held = 0; held < 16; held++) {
		most_in = most_out = 0;
		hold_some(s, held, true);
		for (unsigned int i = 0; i < ARRAY_LEN(p); i++) {
			fake_set_cpu(i / 64 % port_nr_cpus());
			before = steps();
			p[i] = kmem_cache_alloc(s, NOWAIT);
			if (steps() - before > most_in)
				most_in = steps() - before;
		}
		for (unsigned int i = 0; i < ARRAY_LEN(p); i++) {
			before = steps();
			if (p[i * 2477 % ARRAY_LEN(p)])
				kmem_cache_free(s, p[i * 2477 % ARRAY_LEN(p)]);
			if (steps() - before > most_out)
				most_out = steps() - before;
		}
		hold_some(s, held, false);
		KUNIT_EXPECT_GT_MSG(test, most_in, 0, "%u", held);
		KUNIT_EXPECT_LE_MSG(test, most_in, alloc_steps(c), "%u", held);
		KUNIT_EXPECT_LE_MSG(test, most_out, free_steps(c), "%u", held);
		kunit_info(test, "locks %u: %lu of %lu, %lu of %lu", held,
			   most_in, alloc_steps(c), most_out, free_steps(c));
		KUNIT_EXPECT_TRUE(test, cache_validate(s));
		KUNIT_EXPECT_EQ(test, live(s), 0);
		most_out = drain_steps(s);
		before = steps();
		kmem_cache_shrink(s);
		KUNIT_EXPECT_LE_MSG(test, steps() - before, most_out, "%u",
				    held);
	}
	fake_set_cpu(0);
	end(test, s);
}

SLAB_CASE(steps_in_a_world, 0)
{
	steps_of_calls(test);
}

SLAB_CASE(steps_on_one_cpu, .cpus = 1)
{
	steps_of_calls(test);
}

static void steps_are_bounded(struct kunit *test)
{
	if (!KMEM_DEBUG)
		kunit_skip(test, "steps are counted in debug builds");
	steps_in_a_world(test);
	steps_on_one_cpu(test);
}

struct shared {
	struct kmem_cache *s;
	uint32_t stop;
};

/* Holds the lock most of the time. */
static void *hold(void *arg)
{
	struct shared *sh = arg;

	while (!__atomic_load_n(&sh->stop, __ATOMIC_RELAXED)) {
		busy(sh->s);
		for (int i = 0; i < 2000; i++)
			cpu_relax();
		free_again(sh->s);
	}
	return NULL;
}

static void *churn(void *arg)
{
	struct shared *sh = arg;
	void *p[64] = { NULL };
	unsigned int seed = (unsigned int)(uintptr_t)&p / 64, at;

	for (int i = 0; i < 200000; i++) {
		seed = seed * 1103515245 + 12345;
		at = seed / 65536 % 64;
		if (p[at]) {
			slub_give(sh->s, 1, &p[at],
				  seed & 1024 ? LOCK_ONCE : LOCK_SPIN);
			p[at] = NULL;
		} else if (!slub_take(sh->s, seed & 2048 ? 0 : NOWAIT, 1,
				      &p[at])) {
			p[at] = NULL;
		}
	}
	for (at = 0; at < 64; at++)
		if (p[at])
			slub_give(sh->s, 1, &p[at], LOCK_ONCE);
	return NULL;
}

SLAB_CASE(late_notes_of_many_threads, 0)
{
	struct shared sh = { .s = bare(test, 104) };
	pthread_t t[4];

	pthread_create(&t[0], NULL, hold, &sh);
	for (int i = 1; i < 4; i++)
		pthread_create(&t[i], NULL, churn, &sh);
	for (int i = 1; i < 4; i++)
		pthread_join(t[i], NULL);
	__atomic_store_n(&sh.stop, 1, __ATOMIC_RELAXED);
	pthread_join(t[0], NULL);
	KUNIT_EXPECT_EQ(test, counts(sh.s).active_objs, 0);
	KUNIT_EXPECT_TRUE(test, cache_validate(sh.s));
	end(test, sh.s);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(late_frees_are_settled),
	KUNIT_CASE(late_notes_of_a_parent_count),
	KUNIT_CASE(late_note_keeps_its_slab),
	KUNIT_CASE(late_frees_are_the_right_ones),
	KUNIT_CASE(late_slab_is_listed),
	KUNIT_CASE(late_slab_may_be_full_or_empty),
	KUNIT_CASE(late_slabs_leave),
	KUNIT_CASE(late_double_free_is_told),
	KUNIT_CASE(late_settling_is_bounded),
	KUNIT_CASE(all_locks_busy_stop_nobody),
	KUNIT_CASE(failure_report_waits_for_a_pass),
	KUNIT_CASE(steps_are_bounded),
	KUNIT_CASE(late_notes_of_many_threads),
	{},
};

static struct kunit_suite suite = { .name = "late", .test_cases = cases };

kunit_test_suite(suite);

/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Pools without a lock: threads, each interrupted by a signal whose handler
 * uses the same pools, take and give back.  Whatever is handed out is nobody
 * else's: each granule, and each block, has a word that says whose it is.
 */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <kmem/kmem.h>
#include <linux/device.h>
#include <linux/dmapool.h>
#include <linux/genalloc.h>
#include <linux/mm.h>

#include "kunit/options.h"
#include "kunit/test.h"
#include "stress/thread.h"
#include "stress/work.h"

#define THREADS 3
#define HELD 24
#define ORDER 4
#define GRANULES 500
#define BASE 0x100000ul
#define SIGNAL_US 150
#define BLOCK 40

static struct gen_pool *genpool;
static struct dma_pool *dmapool;
static atomic_uint owner[GRANULES];
static atomic_uint wrong, rounds, handled, failed;
static atomic_bool stop;

/* What a thread, or its handler, has. */
struct side {
	unsigned int id;
	struct rng rng;
	struct {
		unsigned long addr;
		size_t size;
	} range[HELD];
	struct {
		atomic_uint *p;
		dma_addr_t handle;
	} block[HELD];
};

static __thread struct side side[2];

/* --- ranges --------------------------------------------------------------- */

static void mark(unsigned long addr, size_t size, unsigned int was,
		 unsigned int is)
{
	size_t n = (size + (1ul << ORDER) - 1) >> ORDER;
	size_t at = (addr - BASE) >> ORDER;

	for (size_t i = 0; i < n; i++)
		if (atomic_exchange(&owner[at + i], is) != was)
			wrong++;
}

static unsigned long range_of(struct side *s, size_t size)
{
	struct genpool_data_align align = { .align = 64 };

	switch (rng_below(&s->rng, 4)) {
	case 0:
		return gen_pool_alloc_algo(genpool, size, gen_pool_best_fit,
					   NULL);
	case 1:
		return gen_pool_alloc_algo(genpool, size,
					   gen_pool_first_fit_align, &align);
	default:
		return gen_pool_alloc(genpool, size);
	}
}

static void turn_range(struct side *s, unsigned int i)
{
	unsigned long addr = s->range[i].addr;
	size_t size = s->range[i].size;

	if (addr) {
		mark(addr, size, s->id, 0);
		s->range[i].addr = 0;
		gen_pool_free(genpool, addr, size);
		return;
	}
	size = 1 + rng_below(&s->rng, rng_below(&s->rng, 8) ? 150 : 2500);
	addr = range_of(s, size);
	if (!addr) {
		failed++;
		return;
	}
	mark(addr, size, 0, s->id);
	s->range[i].addr = addr;
	s->range[i].size = size;
}

/* --- blocks --------------------------------------------------------------- */

static void turn_block(struct side *s, unsigned int i, gfp_t gfp)
{
	atomic_uint *p = s->block[i].p;

	if (p) {
		if (atomic_exchange(p, 0) != s->id)
			wrong++;
		s->block[i].p = NULL;
		dma_pool_free(dmapool, p, s->block[i].handle);
		return;
	}
	p = dma_pool_alloc(dmapool, gfp, &s->block[i].handle);
	if (!p) {
		failed++;
		return;
	}
	if (atomic_exchange(p, s->id) != 0)
		wrong++;
	s->block[i].p = p;
}

static void turn(struct side *s, gfp_t gfp)
{
	turn_range(s, rng_below(&s->rng, HELD));
	turn_block(s, rng_below(&s->rng, HELD), gfp);
}

static void give_all(struct side *s)
{
	for (unsigned int i = 0; i < HELD; i++) {
		if (s->range[i].addr)
			turn_range(s, i);
		if (s->block[i].p)
			turn_block(s, i, GFP_KERNEL);
	}
}

/* --- threads -------------------------------------------------------------- */

static void on_signal(int sig)
{
	(void)sig;
	handled++;
	for (unsigned int i = 0; i < 3; i++)
		turn(&side[1], GFP_ATOMIC | __GFP_NOWARN);
}

static void *worker(void *arg)
{
	unsigned int id = (unsigned int)(uintptr_t)arg;

	for (unsigned int i = 0; i < 2; i++) {
		side[i].id = 2 * id + i + 1;
		side[i].rng.state = 77 * side[i].id;
	}
	thread_alarm(SIGNAL_US);
	while (!stop) {
		turn(&side[0], GFP_KERNEL);
		rounds++;
	}
	thread_calm();
	give_all(&side[0]);
	give_all(&side[1]);
	return NULL;
}

/* New blocks are zero: the word says that they are nobody's. */
static bool fill_dma_pool(void)
{
	static void *p[2 * THREADS * HELD];
	static dma_addr_t h[2 * THREADS * HELD];
	unsigned int n = 2 * THREADS * HELD;

	for (unsigned int i = 0; i < n; i++)
		if (!(p[i] = dma_pool_zalloc(dmapool, GFP_KERNEL, &h[i])))
			return false;
	for (unsigned int i = 0; i < n; i++)
		dma_pool_free(dmapool, p[i], h[i]);
	return true;
}

static void nothing_is_given_twice(struct kunit *test)
{
	pthread_t t[THREADS];

	genpool = gen_pool_create(ORDER, NUMA_NO_NODE);
	KUNIT_ASSERT_NOT_NULL(test, genpool);
	gen_pool_add(genpool, BASE, 200ul << ORDER, NUMA_NO_NODE);
	gen_pool_add(genpool, BASE + (200ul << ORDER), 300ul << ORDER,
		     NUMA_NO_NODE);
	dmapool = dma_pool_create("stress", NULL, BLOCK, 8, 512);
	KUNIT_ASSERT_NOT_NULL(test, dmapool);
	KUNIT_ASSERT_TRUE(test, fill_dma_pool());
	signal(SIGRTMIN, on_signal);
	stop = false;
	for (uintptr_t i = 0; i < THREADS; i++)
		KUNIT_ASSERT_EQ(test,
				pthread_create(&t[i], NULL, worker, (void *)i),
				0);
	sleep(work_seconds(3));
	stop = true;
	for (unsigned int i = 0; i < THREADS; i++)
		pthread_join(t[i], NULL);
	KUNIT_EXPECT_EQ(test, wrong, 0);
	KUNIT_EXPECT_GT(test, rounds, 0);
	KUNIT_EXPECT_EQ(test, gen_pool_avail(genpool), gen_pool_size(genpool));
	kunit_info(test, "%u rounds, %u signals, %u without room",
		   (unsigned int)rounds, (unsigned int)handled,
		   (unsigned int)failed);
	gen_pool_destroy(genpool);
	dma_pool_destroy(dmapool);
	KUNIT_EXPECT_TRUE(test, kmem_validate());
}

/* --- devices -------------------------------------------------------------- */

static struct device devices[2];

static void *devm_worker(void *arg)
{
	struct rng rng = { .state = (uintptr_t)arg };
	void *held[8] = {};

	while (!stop) {
		unsigned int i = rng_below(&rng, 8);
		struct device *dev = &devices[i % 2];

		if (held[i]) {
			devm_kfree(dev, held[i]);
			held[i] = NULL;
		} else {
			held[i] = devm_kzalloc(
				dev, 1 + rng_below(&rng, 300),
				i < 4 ? GFP_ATOMIC | __GFP_NOWARN : GFP_KERNEL);
		}
		rounds++;
	}
	return NULL;
}

/* Children begin with the lists whole, whatever threads were doing. */
static bool child_is_whole(void)
{
	pid_t pid = fork();
	int status;

	if (!pid) {
		void *p = devm_kmalloc(&devices[0], 100, GFP_KERNEL);

		devm_kfree(&devices[0], p);
		devres_release_all(&devices[0]);
		devres_release_all(&devices[1]);
		_exit(devres_release_all(&devices[0]) || !kmem_validate());
	}
	return pid > 0 && waitpid(pid, &status, 0) == pid && !status;
}

static void devices_and_forks(struct kunit *test)
{
	uint64_t end = work_now_ms() + 1000 * work_seconds(2);
	pthread_t t[THREADS];
	unsigned int bad = 0;

	stop = false;
	for (uintptr_t i = 0; i < THREADS; i++)
		KUNIT_ASSERT_EQ(test,
				pthread_create(&t[i], NULL, devm_worker,
					       (void *)(i + 1)),
				0);
	do
		bad += !child_is_whole();
	while (work_now_ms() < end);
	stop = true;
	for (unsigned int i = 0; i < THREADS; i++)
		pthread_join(t[i], NULL);
	KUNIT_EXPECT_EQ(test, bad, 0);
	devres_release_all(&devices[0]);
	devres_release_all(&devices[1]);
	KUNIT_EXPECT_TRUE(test, kmem_validate());
}

static struct kunit_case cases[] = {
	KUNIT_CASE(nothing_is_given_twice),
	KUNIT_CASE(devices_and_forks),
	{},
};
static struct kunit_suite suite = { .name = "pools", .test_cases = cases };
kunit_test_suite(suite);

/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Pools of address ranges: each call and rule, and random operations against an
 * array of granules.
 */
#include "unit/alloc/world.h"

#include <linux/device.h>
#include <linux/err.h>
#include <linux/genalloc.h>

#define BASE 0x40000000ul
#define NO_PHYS ((phys_addr_t)-1)

static struct gen_pool *pool_of(unsigned int order, size_t size)
{
	struct gen_pool *pool = gen_pool_create((int)order, NUMA_NO_NODE);

	if (pool && gen_pool_add(pool, BASE, size, NUMA_NO_NODE))
		abort();
	return pool;
}

/* --- allocation and free -------------------------------------------------- */

WORLD_CASE(rounds_up_to_granules)
{
	struct gen_pool *pool = pool_of(5, 4096);
	unsigned long a, b;

	KUNIT_EXPECT_EQ(test, gen_pool_size(pool), 4096);
	KUNIT_EXPECT_EQ(test, gen_pool_avail(pool), 4096);
	a = gen_pool_alloc(pool, 1);
	b = gen_pool_alloc(pool, 33);
	KUNIT_EXPECT_EQ(test, a, BASE);
	KUNIT_EXPECT_EQ(test, b, BASE + 32);
	KUNIT_EXPECT_EQ(test, gen_pool_avail(pool), 4096 - 96);
	KUNIT_EXPECT_EQ(test, gen_pool_alloc(pool, 32), BASE + 96);
	gen_pool_free(pool, a, 1);
	gen_pool_free(pool, b, 33);
	KUNIT_EXPECT_EQ(test, gen_pool_avail(pool), 4096 - 32);
	KUNIT_EXPECT_EQ(test, gen_pool_alloc(pool, 96), BASE);
	gen_pool_free(pool, BASE, 128);
	KUNIT_EXPECT_EQ(test, gen_pool_avail(pool), 4096);
	gen_pool_destroy(pool);
	KUNIT_EXPECT_EQ(test, report_errors(), 0);
}

WORLD_CASE(refuses_nothing_and_too_much)
{
	struct gen_pool *pool = pool_of(3, 1000);

	KUNIT_EXPECT_EQ(test, gen_pool_alloc(pool, 0), 0);
	KUNIT_EXPECT_EQ(test, gen_pool_alloc(pool, 1001), 0);
	KUNIT_EXPECT_EQ(test, gen_pool_alloc(pool, SIZE_MAX), 0);
	KUNIT_EXPECT_EQ(test, gen_pool_alloc(pool, SIZE_MAX - 6), 0);
	KUNIT_EXPECT_EQ(test, gen_pool_alloc(pool, 1000), BASE);
	KUNIT_EXPECT_EQ(test, gen_pool_alloc(pool, 1), 0);
	gen_pool_free(pool, BASE, 0);
	KUNIT_EXPECT_EQ(test, gen_pool_avail(pool), 0);
	gen_pool_free(pool, BASE, 1000);
	gen_pool_destroy(pool);
	KUNIT_EXPECT_NULL(test, gen_pool_create(-1, NUMA_NO_NODE));
	KUNIT_EXPECT_NULL(test, gen_pool_create(64, NUMA_NO_NODE));
	KUNIT_EXPECT_EQ(test, log_count("granules of 2^"), 2);
}

WORLD_CASE(ranges_that_cannot_be)
{
	struct gen_pool *pool = pool_of(3, 64);

	KUNIT_EXPECT_EQ(test, gen_pool_add(pool, BASE, 0, NUMA_NO_NODE), -22);
	KUNIT_EXPECT_EQ(test, gen_pool_add(pool, -8ul, 16, NUMA_NO_NODE), -22);
	/* the last byte of all is fine */
	KUNIT_EXPECT_EQ(test, gen_pool_add(pool, -8ul, 8, NUMA_NO_NODE), 0);
	KUNIT_EXPECT_EQ(test, gen_pool_alloc(pool, 8), -8ul);
	gen_pool_free(pool, -8ul, 8);
	gen_pool_destroy(pool);
}

/* An address of 0 is no answer, so what lies there is not handed out. */
WORLD_CASE(address_zero)
{
	struct gen_pool *pool = gen_pool_create(4, NUMA_NO_NODE);

	KUNIT_EXPECT_EQ(test, gen_pool_add(pool, 0, 64, NUMA_NO_NODE), 0);
	KUNIT_EXPECT_EQ(test, gen_pool_avail(pool), 48);
	KUNIT_EXPECT_EQ(test, gen_pool_alloc(pool, 16), 16);
	KUNIT_EXPECT_EQ(test, gen_pool_alloc(pool, 64), 0);
	gen_pool_free(pool, 0, 16);
	KUNIT_EXPECT_EQ(test, log_count("was never handed out"), 1);
	gen_pool_free(pool, 16, 16);
	gen_pool_destroy(pool);
	KUNIT_EXPECT_EQ(test, report_errors(), 1);
}

WORLD_CASE(chunks)
{
	struct gen_pool *pool = gen_pool_create(3, NUMA_NO_NODE);
	void *owner = NULL;
	int a, b;

	gen_pool_add_owner(pool, BASE, 0x1000, 64, 0, &a);
	gen_pool_add_owner(pool, BASE + 4096, NO_PHYS, 128, 0, &b);
	KUNIT_EXPECT_EQ(test, gen_pool_size(pool), 192);
	/* the last one first */
	KUNIT_EXPECT_EQ(test, gen_pool_alloc_owner(pool, 8, &owner),
			BASE + 4096);
	KUNIT_EXPECT_PTR_EQ(test, owner, (void *)&b);
	KUNIT_EXPECT_EQ(test, gen_pool_alloc_owner(pool, 128, &owner), 0);
	KUNIT_EXPECT_EQ(test,
			gen_pool_alloc_algo_owner(pool, 120, gen_pool_first_fit,
						  NULL, &owner),
			BASE + 4096 + 8);
	KUNIT_EXPECT_EQ(test, gen_pool_alloc_owner(pool, 8, &owner), BASE);
	KUNIT_EXPECT_PTR_EQ(test, owner, (void *)&a);
	KUNIT_EXPECT_EQ(test, gen_pool_virt_to_phys(pool, BASE + 9), 0x1009);
	KUNIT_EXPECT_EQ(test, gen_pool_virt_to_phys(pool, BASE + 4096),
			NO_PHYS);
	KUNIT_EXPECT_EQ(test, gen_pool_virt_to_phys(pool, BASE - 1), NO_PHYS);
	KUNIT_EXPECT_TRUE(test, gen_pool_has_addr(pool, BASE, 64));
	KUNIT_EXPECT_FALSE(test, gen_pool_has_addr(pool, BASE, 65));
	KUNIT_EXPECT_TRUE(test, addr_in_gen_pool(pool, BASE + 63, 1));
	KUNIT_EXPECT_FALSE(test, gen_pool_has_addr(pool, BASE + 64, 1));
	KUNIT_EXPECT_FALSE(test, gen_pool_has_addr(pool, BASE + 63, SIZE_MAX));
	gen_pool_free_owner(pool, BASE, 8, &owner);
	KUNIT_EXPECT_PTR_EQ(test, owner, (void *)&a);
	gen_pool_free(pool, BASE + 4096, 128);
	gen_pool_destroy(pool);
}

static void count_chunk(struct gen_pool *pool, struct gen_pool_chunk *chunk,
			void *data)
{
	size_t *bytes = data;

	(void)pool;
	*bytes += chunk->end_addr - chunk->start_addr + 1;
}

WORLD_CASE(visits_each_chunk)
{
	struct gen_pool *pool = pool_of(3, 64);
	size_t bytes = 0;

	gen_pool_add_virt(pool, BASE + 4096, 0, 128, 0);
	gen_pool_for_each_chunk(pool, count_chunk, &bytes);
	KUNIT_EXPECT_EQ(test, bytes, 192);
	gen_pool_destroy(pool);
}

/* --- algorithms ----------------------------------------------------------- */

WORLD_CASE(first_fit_takes_the_first)
{
	struct gen_pool *pool = pool_of(3, 1024);
	unsigned long p[8];

	for (unsigned int i = 0; i < 8; i++)
		p[i] = gen_pool_alloc(pool, 64);
	gen_pool_free(pool, p[1], 64);
	gen_pool_free(pool, p[2], 64);
	gen_pool_free(pool, p[5], 64);
	KUNIT_EXPECT_EQ(test, gen_pool_alloc(pool, 64), p[1]);
	gen_pool_free(pool, p[1], 64);
	/* the smallest that is large enough */
	gen_pool_set_algo(pool, gen_pool_best_fit, NULL);
	KUNIT_EXPECT_EQ(test, gen_pool_alloc(pool, 64), p[5]);
	KUNIT_EXPECT_EQ(test, gen_pool_alloc(pool, 72), p[1]);
	KUNIT_EXPECT_EQ(test, gen_pool_alloc(pool, 512), p[7] + 64);
	KUNIT_EXPECT_EQ(test, gen_pool_alloc(pool, 64), 0);
	gen_pool_set_algo(pool, NULL, NULL);
	KUNIT_EXPECT_PTR_EQ(test, (void *)pool->algo,
			    (void *)gen_pool_first_fit);
	KUNIT_EXPECT_EQ(test, gen_pool_alloc(pool, 8), p[2] + 8);
	gen_pool_free(pool, p[2] + 8, 8);
	gen_pool_free(pool, p[1], 72);
	gen_pool_free(pool, p[7] + 64, 512);
	for (unsigned int i = 0; i < 8; i++)
		if (i != 1 && i != 2)
			gen_pool_free(pool, p[i], 64);
	KUNIT_EXPECT_EQ(test, gen_pool_avail(pool), 1024);
	gen_pool_destroy(pool);
}

WORLD_CASE(aligned_addresses)
{
	struct gen_pool *pool = gen_pool_create(3, NUMA_NO_NODE);
	struct genpool_data_align data = { .align = 256 };
	unsigned long p;

	/* of addresses, not of places in the chunk */
	gen_pool_add(pool, BASE + 200, 4096, NUMA_NO_NODE);
	p = gen_pool_alloc_algo(pool, 40, gen_pool_first_fit_align, &data);
	KUNIT_EXPECT_EQ(test, p, BASE + 256);
	KUNIT_EXPECT_EQ(test,
			gen_pool_alloc_algo(pool, 40, gen_pool_first_fit_align,
					    &data),
			BASE + 512);
	data.align = 4;
	KUNIT_EXPECT_EQ(test,
			gen_pool_alloc_algo(pool, 40, gen_pool_first_fit_align,
					    &data),
			BASE + 200);
	/* within the chunk */
	KUNIT_EXPECT_EQ(test,
			gen_pool_alloc_algo(pool, 300,
					    gen_pool_first_fit_order_align,
					    NULL),
			BASE + 200 + 512);
	gen_pool_free(pool, BASE + 200, 40);
	gen_pool_free(pool, BASE + 256, 40);
	gen_pool_free(pool, BASE + 512, 40);
	gen_pool_free(pool, BASE + 200 + 512, 300);
	gen_pool_destroy(pool);
}

WORLD_CASE(fixed_places)
{
	struct gen_pool *pool = pool_of(3, 1024);
	struct genpool_data_fixed at = { .offset = 512 };
	genpool_algo_t algo = gen_pool_fixed_alloc;

	KUNIT_EXPECT_EQ(test, gen_pool_alloc_algo(pool, 64, algo, &at),
			BASE + 512);
	KUNIT_EXPECT_EQ(test, gen_pool_alloc_algo(pool, 64, algo, &at), 0);
	at.offset = 1024 - 32;
	KUNIT_EXPECT_EQ(test, gen_pool_alloc_algo(pool, 64, algo, &at), 0);
	KUNIT_EXPECT_EQ(test, gen_pool_alloc_algo(pool, 32, algo, &at),
			BASE + 1024 - 32);
	at.offset = 1024;
	KUNIT_EXPECT_EQ(test, gen_pool_alloc_algo(pool, 8, algo, &at), 0);
	at.offset = -8ul;
	KUNIT_EXPECT_EQ(test, gen_pool_alloc_algo(pool, 8, algo, &at), 0);
	KUNIT_EXPECT_EQ(test, report_errors(), 0);
	at.offset = 4;
	KUNIT_EXPECT_EQ(test, gen_pool_alloc_algo(pool, 8, algo, &at), 0);
	KUNIT_EXPECT_EQ(test, log_count("is no granule's"), 1);
	gen_pool_free(pool, BASE + 512, 64);
	gen_pool_free(pool, BASE + 1024 - 32, 32);
	gen_pool_destroy(pool);
}

/* --- wrong frees ---------------------------------------------------------- */

WORLD_CASE(wrong_frees_change_nothing)
{
	struct gen_pool *pool = pool_of(3, 1024);
	unsigned long p = gen_pool_alloc(pool, 64);
	void *owner = test;

	gen_pool_free(pool, p + 64, 8);
	KUNIT_EXPECT_EQ(test, log_count("not all of it is in use"), 1);
	gen_pool_free(pool, p, 72);
	KUNIT_EXPECT_EQ(test, log_count("not all of it is in use"), 2);
	gen_pool_free(pool, p, 1025);
	KUNIT_EXPECT_EQ(test, log_count("more than its chunk has"), 1);
	gen_pool_free(pool, p, SIZE_MAX);
	KUNIT_EXPECT_EQ(test, log_count("more than its chunk has"), 2);
	gen_pool_free_owner(pool, BASE - 8, 8, &owner);
	KUNIT_EXPECT_EQ(test, log_count("not in the pool"), 1);
	KUNIT_EXPECT_NULL(test, owner);
	KUNIT_EXPECT_EQ(test, log_count("kernel BUG at src/alloc/genalloc.c"),
			5);
	KUNIT_EXPECT_EQ(test, gen_pool_avail(pool), 1024 - 64);
	gen_pool_destroy(pool);
	KUNIT_EXPECT_EQ(test, log_count("in use"), 3);
	gen_pool_free(pool, p, 64);
	gen_pool_destroy(pool);
	KUNIT_EXPECT_EQ(test, report_errors(), 6);
}

/* --- of devices ----------------------------------------------------------- */

WORLD_CASE(memory_with_physical_addresses)
{
	struct gen_pool *pool = gen_pool_create(3, NUMA_NO_NODE);
	static char memory[1024] __attribute__((aligned(1024)));
	struct genpool_data_align align = { .align = 128 };
	dma_addr_t dma = 0;
	char *p, *q;

	KUNIT_EXPECT_NULL(test, gen_pool_dma_alloc(NULL, 8, &dma));
	KUNIT_EXPECT_NULL(test, gen_pool_dma_zalloc(NULL, 8, &dma));
	memset(memory, 0x55, sizeof(memory));
	gen_pool_add_virt(pool, (unsigned long)memory, 0x10000, sizeof(memory),
			  0);
	p = gen_pool_dma_alloc(pool, 8, &dma);
	KUNIT_EXPECT_PTR_EQ(test, p, memory);
	KUNIT_EXPECT_EQ(test, dma, 0x10000);
	q = gen_pool_dma_zalloc(pool, 12, &dma);
	KUNIT_EXPECT_PTR_EQ(test, q, memory + 8);
	KUNIT_EXPECT_EQ(test, dma, 0x10008);
	KUNIT_EXPECT_TRUE(test, all_bytes(q, 0, 12));
	KUNIT_EXPECT_EQ(test, q[12], 0x55);
	KUNIT_EXPECT_PTR_EQ(test, gen_pool_dma_alloc_align(pool, 8, NULL, 256),
			    (void *)(memory + 256));
	p = gen_pool_dma_zalloc_align(pool, 8, &dma, 512);
	KUNIT_EXPECT_PTR_EQ(test, p, memory + 512);
	KUNIT_EXPECT_EQ(test, dma, 0x10200);
	p = gen_pool_dma_alloc_algo(pool, 8, &dma, gen_pool_first_fit_align,
				    &align);
	KUNIT_EXPECT_PTR_EQ(test, p, memory + 128);
	p = gen_pool_dma_zalloc_algo(pool, 8, &dma, gen_pool_first_fit_align,
				     &align);
	KUNIT_EXPECT_PTR_EQ(test, p, memory + 384);
	gen_pool_free(pool, (unsigned long)memory, 24);
	for (unsigned int i = 1; i < 5; i++)
		gen_pool_free(pool, (unsigned long)memory + 128 * i, 8);
	gen_pool_destroy(pool);
	KUNIT_EXPECT_EQ(test, report_errors(), 0);
}

WORLD_CASE(pools_of_a_device)
{
	struct device dev = { .init_name = "sram" }, other = {};
	struct gen_pool *pool, *plain;

	KUNIT_EXPECT_NULL(test, gen_pool_get(&dev, "a"));
	pool = devm_gen_pool_create(&dev, 3, NUMA_NO_NODE, "a");
	KUNIT_ASSERT_FALSE(test, IS_ERR_OR_NULL(pool));
	KUNIT_EXPECT_STREQ(test, pool->name, "a");
	plain = devm_gen_pool_create(&dev, 3, NUMA_NO_NODE, NULL);
	KUNIT_ASSERT_FALSE(test, IS_ERR_OR_NULL(plain));
	KUNIT_EXPECT_PTR_EQ(test, gen_pool_get(&dev, "a"), pool);
	KUNIT_EXPECT_PTR_EQ(test, gen_pool_get(&dev, NULL), plain);
	KUNIT_EXPECT_NULL(test, gen_pool_get(&dev, "b"));
	KUNIT_EXPECT_NULL(test, gen_pool_get(&other, "a"));
	KUNIT_EXPECT_EQ(test, PTR_ERR(devm_gen_pool_create(&dev, 3, 0, "a")),
			-22);
	KUNIT_EXPECT_EQ(test, PTR_ERR(devm_gen_pool_create(&dev, 3, 0, NULL)),
			-22);
	KUNIT_EXPECT_EQ(test, devres_release_all(&dev), 2);
	KUNIT_EXPECT_EQ(test, devres_release_all(&dev), 0);
}

/* Fails at each request that it makes of the layers below. */
WORLD_CASE(without_memory, .options = "mem=16M")
{
	struct device dev = {};
	struct gen_pool *pool;

	for (unsigned int n = 1; n < 6; n++) {
		fake_fail_nth(0, n);
		pool = devm_gen_pool_create(&dev, 3, NUMA_NO_NODE, "x");
		fake_fail_nth(0, 0);
		KUNIT_EXPECT_NOT_NULL(test, pool);
		devres_release_all(&dev);
	}
	pool = gen_pool_create(0, NUMA_NO_NODE);
	/* a map of 64 MiB */
	KUNIT_EXPECT_EQ(test, gen_pool_add(pool, BASE, 512 * MIB, NUMA_NO_NODE),
			-12);
	KUNIT_EXPECT_EQ(test, gen_pool_size(pool), 0);
	gen_pool_destroy(pool);
}

/* --- against a model ------------------------------------------------------ */

#define CHUNK 200 /* granules: not whole words */
#define LIVE 64

struct model {
	bool used[CHUNK];
	struct {
		unsigned int at, n;
	} live[LIVE];
	unsigned int nr;
};

static unsigned int model_first(const struct model *m, unsigned int n,
				unsigned int align)
{
	for (unsigned int at = 0; at + n <= CHUNK; at += align) {
		unsigned int i = 0;

		while (i < n && !m->used[at + i])
			i++;
		if (i == n)
			return at;
	}
	return CHUNK;
}

static unsigned int model_best(const struct model *m, unsigned int n)
{
	unsigned int best = CHUNK, least = CHUNK + 1;

	for (unsigned int at = 0; at < CHUNK; at++) {
		unsigned int i = at;

		while (i < CHUNK && !m->used[i])
			i++;
		if (i - at >= n && i - at < least) {
			best = at;
			least = i - at;
		}
		if (i > at)
			at = i;
	}
	return best;
}

static void model_mark(struct model *m, unsigned int at, unsigned int n,
		       bool used)
{
	for (unsigned int i = 0; i < n; i++)
		m->used[at + i] = used;
}

static void model_free_one(struct gen_pool *pool, struct model *m,
			   uint64_t *seed)
{
	unsigned int i = dice(seed) % m->nr;

	gen_pool_free(pool, BASE + 8 * m->live[i].at, 8 * m->live[i].n);
	model_mark(m, m->live[i].at, m->live[i].n, false);
	m->live[i] = m->live[--m->nr];
}

static void model_alloc_one(struct kunit *test, struct gen_pool *pool,
			    struct model *m, uint64_t *seed)
{
	unsigned int n = 1 + dice(seed) % (dice(seed) % 8 ? 12 : 130);
	unsigned int how = dice(seed) % 4, align = 1, want;
	struct genpool_data_align data;
	unsigned long got;

	if (how == 0) {
		want = model_first(m, n, 1);
		got = gen_pool_alloc_algo(pool, 8 * n - 3, gen_pool_first_fit,
					  NULL);
	} else if (how == 1) {
		align = 1u << dice(seed) % 6;
		data.align = (int)(8 * align);
		want = model_first(m, n, align);
		got = gen_pool_alloc_algo(pool, 8 * n, gen_pool_first_fit_align,
					  &data);
	} else if (how == 2) {
		while (align < n)
			align *= 2;
		want = model_first(m, n, align);
		got = gen_pool_alloc_algo(pool, 8 * n,
					  gen_pool_first_fit_order_align, NULL);
	} else {
		want = model_best(m, n);
		got = gen_pool_alloc_algo(pool, 8 * n - 7, gen_pool_best_fit,
					  NULL);
	}
	KUNIT_EXPECT_EQ(test, got, want < CHUNK ? BASE + 8 * want : 0);
	if (want == CHUNK)
		return;
	model_mark(m, want, n, true);
	m->live[m->nr].at = want;
	m->live[m->nr++].n = n;
}

WORLD_CASE(as_a_model_says)
{
	struct gen_pool *pool = pool_of(3, 8 * CHUNK + 5);
	static struct model m;
	uint64_t seed = 12345;

	for (unsigned int i = 0; i < 20000 && !test->status; i++) {
		if (m.nr == LIVE || (m.nr && dice(&seed) % 9 < 4))
			model_free_one(pool, &m, &seed);
		else
			model_alloc_one(test, pool, &m, &seed);
		if (i % 100 == 0) {
			size_t used = 0;

			for (unsigned int j = 0; j < CHUNK; j++)
				used += m.used[j];
			KUNIT_EXPECT_EQ(test, gen_pool_avail(pool),
					8 * (CHUNK - used) + 5);
		}
	}
	while (m.nr)
		model_free_one(pool, &m, &seed);
	KUNIT_EXPECT_EQ(test, gen_pool_avail(pool), gen_pool_size(pool));
	gen_pool_destroy(pool);
	KUNIT_EXPECT_EQ(test, report_errors(), 0);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(rounds_up_to_granules),
	KUNIT_CASE(refuses_nothing_and_too_much),
	KUNIT_CASE(ranges_that_cannot_be),
	KUNIT_CASE(address_zero),
	KUNIT_CASE(chunks),
	KUNIT_CASE(visits_each_chunk),
	KUNIT_CASE(first_fit_takes_the_first),
	KUNIT_CASE(aligned_addresses),
	KUNIT_CASE(fixed_places),
	KUNIT_CASE(wrong_frees_change_nothing),
	KUNIT_CASE(memory_with_physical_addresses),
	KUNIT_CASE(pools_of_a_device),
	KUNIT_CASE(without_memory),
	KUNIT_CASE(as_a_model_says),
	{},
};
static struct kunit_suite suite = { .name = "genalloc", .test_cases = cases };
kunit_test_suite(suite);

/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Guarded objects that are freed by calls which were compiled into the program:
 * these do not know of guard pages, so such an object lies in a sheaf until
 * that is flushed, and may be allocated again from there.
 */
#define KMEM_INLINE 2
#include <kmem/kmem.h>
#include <linux/gfp.h>
#include <linux/kfence.h>
#include <linux/slab.h>
#include <string.h>

#include "context/guard.h"
#include "kunit/test.h"

#define WRONG_UNLESS(cond) \
	((cond) ? (void)0 : world_wrong("%d: %s", __LINE__, #cond))

/* As long as it takes: every interval one request is guarded. */
static char *guarded(struct kmem_cache *s)
{
	for (;;) {
		char *p = kmem_cache_alloc(s, GFP_KERNEL);

		if (is_kfence_address(p))
			return p;
		kmem_cache_free(s, p);
	}
}

static void world(void)
{
	struct kmem_cache *s = kmem_cache_create("guarded", 64, 0, 0, NULL);
	char *p[8];

	/* begins the thread that opens gates: the test booted with s */
	kfree(kmalloc(PAGE_SIZE << 4, GFP_KERNEL));
	for (int i = 0; i < 8; i++) {
		p[i] = guarded(s);
		memset(p[i], i, 64);
	}
	for (int i = 0; i < 8; i++) {
		WRONG_UNLESS(p[i][63] == i);
		kmem_cache_free(s, p[i]);
	}
	kmem_cache_shrink(s);
	WRONG_UNLESS(!kmem_cache_errors(s));
	WRONG_UNLESS(kmem_cache_validate(s));
	/* 0 only if no object is left, in a slab or between guard pages */
	WRONG_UNLESS(kmem_cache_destroy(s) == 0);
}

static void guarded_objects_go_back(struct kunit *test)
{
	world_run(test, "kfence.sample_interval=1", 60, world);
	world_run(test, "kfence.sample_interval=1,percpu=lock", 60, world);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(guarded_objects_go_back),
	{},
};

static struct kunit_suite suite = {
	.name = "inline_guarded",
	.test_cases = cases,
};
kunit_test_suite(suite);

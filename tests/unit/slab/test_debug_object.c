// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The libkmem authors
/*
 * Debugged caches: where the parts of an object lie, what is found when each of
 * them is written to, and that the cache is whole afterwards.
 */
#include "debug/bytes.h"
#include "slab/debug.h"
#include "unit/slab/world.h"

#include <linux/gfp.h>

#define F SLAB_CONSISTENCY_CHECKS
#define Z SLAB_RED_ZONE
#define P SLAB_POISON
#define U SLAB_STORE_USER
#define FZPU (F | Z | P | U)

static void expect_log(struct kunit *test, const char *text)
{
	KUNIT_EXPECT_TRUE_MSG(test, strstr(fake_log(), text), "no '%s' in: %s",
			      text, fake_log());
	fake_log_clear();
}

/* Sizes that a kernel gave to such caches. */
static const struct {
	unsigned int size, align, slot, objects;
	slab_flags_t flags;
} slots[] = {
	{ 1, 0, 96, 42, 0 },
	{ 1, 64, 192, 21, 0 },
	{ 1, 0, 96, 42, SLAB_HWCACHE_ALIGN },
	{ 8, 0, 104, 39, 0 },
	{ 12, 0, 104, 39, 0 },
	{ 24, 0, 120, 34, 0 },
	{ 24, 0, 160, 25, SLAB_HWCACHE_ALIGN },
	{ 64, 0, 160, 25, 0 },
	{ 100, 0, 192, 21, 0 },
	{ 100, 64, 256, 16, 0 },
	{ 128, 0, 224, 18, 0 },
	{ 128, 64, 320, 12, 0 },
	{ 192, 0, 288, 14, 0 },
	{ 4096, 0, 4192, 7, 0 },
	{ 4096, 64, 4288, 7, 0 },
};

SLAB_CASE(slots_are_those_of_the_kernel, 0)
{
	unsigned int i;

	for (i = 0; i < ARRAY_LEN(slots); i++) {
		struct kmem_cache *s = make(test, slots[i].size, slots[i].align,
					    FZPU | slots[i].flags);
		char *p = kmem_cache_alloc(s, GFP_KERNEL);

		KUNIT_EXPECT_EQ_MSG(test, s->size, slots[i].slot, "%u/%u",
				    slots[i].size, slots[i].align);
		KUNIT_EXPECT_EQ_MSG(test, s->objects, slots[i].objects, "%u/%u",
				    slots[i].size, slots[i].align);
		KUNIT_EXPECT_EQ(test, (uintptr_t)p % s->align, 0);
		KUNIT_EXPECT_EQ(test, slub_index(s, slub_of(p), p), 0);
		KUNIT_EXPECT_EQ(test, slub_index(s, slub_of(p), p - 8), -1);
		kmem_cache_free(s, p);
		end(test, s);
	}
}

static bool all(const void *p, unsigned char value, size_t n)
{
	return !bytes_other(p, value, n);
}

SLAB_CASE(bytes_in_use_and_free, 0)
{
	struct kmem_cache *s = make(test, 60, 0, FZPU);
	unsigned char *p = kmem_cache_alloc(s, GFP_KERNEL);

	KUNIT_EXPECT_TRUE(test, all(p - 8, 0xcc, 8));
	KUNIT_EXPECT_TRUE(test, all(p, 0x6b, 59));
	KUNIT_EXPECT_EQ(test, p[59], 0xa5);
	KUNIT_EXPECT_TRUE(test, all(p + 60, 0xcc, 4));
	KUNIT_EXPECT_TRUE(test, all(p + 64, 0x5a, 8));
	KUNIT_EXPECT_TRUE(test, all(p + 136, 0x5a, 8));
	memset(p, 0, 60);
	kmem_cache_free(s, p);
	KUNIT_EXPECT_TRUE(test, all(p - 8, 0xbb, 8));
	KUNIT_EXPECT_TRUE(test, all(p, 0x6b, 59));
	KUNIT_EXPECT_EQ(test, p[59], 0xa5);
	KUNIT_EXPECT_TRUE(test, all(p + 60, 0xbb, 4));
	p = kmem_cache_zalloc(s, GFP_KERNEL);
	KUNIT_EXPECT_TRUE(test, all(p, 0, 60));
	KUNIT_EXPECT_TRUE(test, all(p + 60, 0xcc, 4));
	kmem_cache_free(s, p);
	end(test, s);
	KUNIT_EXPECT_STREQ(test, fake_log(), "");
}

/* One byte at a place, in use or free; which flags see it, as what. */
static const struct {
	slab_flags_t flags;
	int at; /* of an object of 60 bytes */
	bool free;
	const char *what; /* NULL: nothing */
} writes[] = {
	{ Z, -8, false, "Left Redzone" },
	{ Z, -1, false, "Left Redzone" },
	{ Z, 0, false, NULL },
	{ Z, 59, false, NULL },
	{ Z, 60, false, "Right Redzone" },
	{ Z, 63, false, "Right Redzone" },
	{ Z, -1, true, "Left Redzone" },
	{ Z, 30, true, NULL },
	{ Z, 60, true, "Right Redzone" },
	{ P, 0, false, NULL },
	{ P, 60, false, "Alignment padding" },
	{ P, 64, false, "Object padding" },
	{ P, 0, true, "Poison" },
	{ P, 58, true, "Poison" },
	{ P, 59, true, "End Poison" },
	{ P, 60, true, "Alignment padding" },
	{ P | Z, 64, true, "Object padding" },
	{ P | Z, 72, false, "Object padding" },
	{ F, 59, true, NULL },
	{ U, 60, false, NULL },
};

static void write_and_look(struct kunit *test, unsigned int i)
{
	struct kmem_cache *s = make(test, 60, 0, writes[i].flags);
	unsigned char *p = kmem_cache_alloc(s, GFP_KERNEL), *q;
	unsigned long before = s->errors;

	if (writes[i].free)
		kmem_cache_free(s, p);
	/* look: both errors are counted, and the byte is what it was */
	p[writes[i].at] ^= 0xff;
	KUNIT_EXPECT_EQ_MSG(test, cache_validate(s), !writes[i].what, "%u: %d",
			    i, writes[i].at);
	KUNIT_EXPECT_EQ(test, s->errors - before, writes[i].what ? 2 : 0);
	if (writes[i].what)
		expect_log(test, writes[i].what);
	KUNIT_EXPECT_TRUE(test, cache_validate(s));
	KUNIT_EXPECT_STREQ(test, fake_log(), "");
	/* call: the same */
	p[writes[i].at] ^= 0xff;
	if (!writes[i].what)
		p[writes[i].at] ^= 0xff;
	if (!writes[i].free) {
		kmem_cache_free(s, p);
		if (writes[i].what) {
			expect_log(test, writes[i].what);
			KUNIT_EXPECT_EQ(test, live(s), 1);
			kmem_cache_free(s, p);
		}
		KUNIT_EXPECT_EQ(test, live(s), 0);
		end(test, s);
		KUNIT_EXPECT_STREQ(test, fake_log(), "");
		return;
	}
	q = kmem_cache_alloc(s, GFP_KERNEL);
	KUNIT_EXPECT_EQ(test, p == q, !writes[i].what);
	if (writes[i].what) {
		expect_log(test, writes[i].what);
		/* its slab stays as it is; the cache goes on */
		KUNIT_EXPECT_TRUE(test, page_test(slub_of(p), PG_retired));
		KUNIT_EXPECT_EQ(test, slub_of(p)->inuse, slub_of(p)->objects);
		KUNIT_EXPECT_TRUE(test, cache_validate(s));
	}
	kmem_cache_free(s, q);
	KUNIT_EXPECT_TRUE(test, cache_validate(s));
	KUNIT_EXPECT_STREQ(test, fake_log(), "");
	if (!writes[i].what)
		end(test, s);
}

static void write_in_a_world(struct kunit *test, unsigned int from,
			     unsigned int to)
{
	for (unsigned int i = from; i < to; i++)
		if (!writes[i].free || !writes[i].what)
			write_and_look(test, i);
}

SLAB_CASE(writes_are_seen, 0)
{
	write_in_a_world(test, 0, ARRAY_LEN(writes));
}

/* Slabs that went out of use stay: this world ends with pages in use. */
static void writes_to_free_objects_are_seen(struct kunit *test)
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (!pid) {
		test->status = 0;
		fake_set_window(GIB);
		fake_set_options("");
		KUNIT_ASSERT_EQ(test, slab_boot(), 0);
		for (unsigned int i = 0; i < ARRAY_LEN(writes); i++)
			if (writes[i].free && writes[i].what)
				write_and_look(test, i);
		KUNIT_EXPECT_TRUE(test, all_valid());
		KUNIT_EXPECT_EQ(test, port_task()->held, 0);
		fflush(stdout);
		_exit(test->status ? 1 : 0);
	}
	KUNIT_ASSERT_EQ(test, waitpid(pid, &status, 0), pid);
	KUNIT_EXPECT_EQ(test, status, 0);
}

SLAB_CASE(double_and_interior_frees_are_seen_at_the_call, 0)
{
	static const slab_flags_t flags[] = { F, Z, P, U, FZPU };
	unsigned int i;

	for (i = 0; i < ARRAY_LEN(flags); i++) {
		struct kmem_cache *s = make(test, 64, 0, flags[i]);
		char *p = kmem_cache_alloc(s, GFP_KERNEL);
		char *q = kmem_cache_alloc(s, GFP_KERNEL);

		kmem_cache_free(s, p);
		kmem_cache_free(s, p);
		expect_log(test, ": Object already free\n");
		kmem_cache_free(s, q + 8);
		expect_log(test, ": Invalid object pointer 0x");
		KUNIT_EXPECT_EQ(test, s->errors, 4);
		kmem_cache_free(s, q);
		KUNIT_EXPECT_STREQ(test, fake_log(), "");
		end(test, s);
	}
}

static int made;

static void ctor(void *obj)
{
	memset(obj, 0x77, 64);
	made++;
}

SLAB_CASE(content_that_must_stay_stays, 0)
{
	struct kmem_cache *s =
		(kmem_cache_create)("test-ctor", 64, 0, FZPU, ctor);
	unsigned char *p;

	p = kmem_cache_alloc(s, GFP_KERNEL);
	KUNIT_EXPECT_EQ(test, made, s->objects);
	KUNIT_EXPECT_TRUE(test, all(p, 0x77, 64));
	KUNIT_EXPECT_TRUE(test, all(p - 8, 0xcc, 8));
	kmem_cache_free(s, p);
	KUNIT_EXPECT_TRUE(test, all(p, 0x77, 64));
	KUNIT_EXPECT_TRUE(test, all(p + 64, 0xbb, 8));
	KUNIT_EXPECT_TRUE(test, cache_validate(s));
	end(test, s);

	s = make(test, 64, 0, FZPU | SLAB_TYPESAFE_BY_RCU);
	p = kmem_cache_alloc(s, GFP_KERNEL);
	memset(p, 0x55, 64);
	kmem_cache_free(s, p);
	KUNIT_EXPECT_TRUE(test, all(p, 0x55, 64));
	KUNIT_EXPECT_TRUE(test, all(p + 64, 0xbb, 8));
	KUNIT_EXPECT_TRUE(test, cache_validate(s));
	end(test, s);
}

/* One at a time, whoever asks for how many. */
SLAB_CASE(many_at_once, 0)
{
	struct kmem_cache *s = make(test, 40, 0, FZPU);
	unsigned char *p[100], *sixty;
	unsigned int i;

	KUNIT_ASSERT_EQ(test,
			kmem_cache_alloc_bulk(s, GFP_KERNEL, 100, (void **)p),
			100);
	for (i = 0; i < 100; i++) {
		KUNIT_EXPECT_TRUE(test, all(p[i] + 40, 0xcc, 8));
		KUNIT_EXPECT_EQ(test, p[i][39], 0xa5);
		memset(p[i], (int)i, 40);
	}
	KUNIT_EXPECT_TRUE(test, cache_validate(s));
	p[50][40] = 0;
	sixty = p[60];
	p[60] = p[61];
	kmem_cache_free_bulk(s, 100, (void **)p);
	KUNIT_EXPECT_EQ(test, live(s), 2);
	KUNIT_EXPECT_NOT_NULL(test, strstr(fake_log(), "Right Redzone"));
	expect_log(test, "Object already free");
	kmem_cache_free(s, p[50]);
	KUNIT_EXPECT_EQ(test, live(s), 1);
	KUNIT_EXPECT_EQ(test, s->errors, 3 + 2);
	/* the one that was forgotten */
	kmem_cache_free(s, sixty);
	end(test, s);
	KUNIT_EXPECT_STREQ(test, fake_log(), "");
}

/* Sizes that were asked for. */
SLAB_CASE(asked_sizes_are_kept, 0)
{
	struct kmem_cache *s = make(test, 64, 0, Z | U | SLAB_KMALLOC);
	unsigned char *p = debug_alloc(s, GFP_KERNEL | __GFP_ZERO, 18);

	KUNIT_EXPECT_TRUE(test, all(p, 0, 18));
	KUNIT_EXPECT_TRUE(test, all(p + 18, 0xcc, 64 - 18 + 8));
	KUNIT_EXPECT_EQ(test, debug_asked(s, p), 18);
	KUNIT_EXPECT_EQ(test, debug_room(s, p), 18);
	p[18] = 0;
	KUNIT_EXPECT_FALSE(test, cache_validate(s));
	expect_log(test, "[kmalloc Redzone overwritten]");
	debug_resize(s, p, 30);
	p[18] = 0;
	KUNIT_EXPECT_TRUE(test, cache_validate(s));
	debug_resize(s, p, 20);
	KUNIT_EXPECT_TRUE(test, all(p + 20, 0xcc, 44));
	kmem_cache_free(s, p);
	/* an overrun over what is remembered of the size does no harm */
	p = debug_alloc(s, GFP_KERNEL, 64);
	memset(p + s->asked, 0xff, 8);
	KUNIT_EXPECT_EQ(test, debug_asked(s, p), 64);
	kmem_cache_free(s, p);
	KUNIT_EXPECT_EQ(test, live(s), 0);
	end(test, s);
}

/* The lock is busy: a free is looked at now, and the bytes change later. */
SLAB_CASE(frees_that_are_noted_are_checked, 0)
{
	struct kmem_cache *s = make(test, 60, 0, FZPU);
	unsigned char *p = kmem_cache_alloc(s, GFP_KERNEL);
	unsigned char *q = kmem_cache_alloc(s, GFP_KERNEL);

	memset(p, 0, 60);
	q[60] = 1;
	lock_take(&s->node->list_lock, LOCK_LIST);
	kmem_cache_free(s, p);
	KUNIT_EXPECT_STREQ(test, fake_log(), "");
	KUNIT_EXPECT_TRUE(test, all(p, 0, 60));
	kmem_cache_free(s, q);
	expect_log(test, "Right Redzone");
	kmem_cache_free(s, p);
	expect_log(test, "Object already free\n");
	lock_drop(&s->node->list_lock, LOCK_LIST);
	KUNIT_EXPECT_EQ(test, live(s), 1);
	KUNIT_EXPECT_TRUE(test, all(p, 0x6b, 59));
	KUNIT_EXPECT_TRUE(test, all(p + 60, 0xbb, 4));
	KUNIT_EXPECT_TRUE(test, cache_validate(s));
	kmem_cache_free(s, q);
	end(test, s);
}

/* The same for an allocation: it makes a slab of its own. */
SLAB_CASE(slabs_that_are_noted_are_checked, 0)
{
	struct kmem_cache *s = make(test, 60, 0, FZPU);
	unsigned char *p = kmem_cache_alloc(s, GFP_KERNEL), *q;

	lock_take(&s->node->list_lock, LOCK_LIST);
	q = kmem_cache_alloc(s, GFP_NOWAIT);
	lock_drop(&s->node->list_lock, LOCK_LIST);
	KUNIT_ASSERT_NOT_NULL(test, q);
	KUNIT_EXPECT_TRUE(test, slub_of(p) != slub_of(q));
	KUNIT_EXPECT_TRUE(test, all(q + 60, 0xcc, 4));
	KUNIT_EXPECT_TRUE(test, cache_validate(s));
	q[60] = 1;
	KUNIT_EXPECT_FALSE(test, cache_validate(s));
	expect_log(test, "Right Redzone");
	kmem_cache_free(s, q);
	kmem_cache_free(s, p);
	end(test, s);
}

/* Tracks say which call, in which order. */
SLAB_CASE(tracks_are_of_the_last_calls, 0)
{
	struct kmem_cache *s = make(test, 60, 0, U);
	void *p = kmem_cache_alloc(s, GFP_KERNEL);
	struct debug_track *t = debug_tracks(s, p);

	KUNIT_EXPECT_NOT_NULL(test, t[TRACK_ALLOC].caller);
	KUNIT_EXPECT_NULL(test, t[TRACK_FREE].caller);
	KUNIT_EXPECT_EQ(test, t[TRACK_ALLOC].cpu, 0);
	fake_set_cpu(1);
	kmem_cache_free(s, p);
	KUNIT_EXPECT_NOT_NULL(test, t[TRACK_FREE].caller);
	KUNIT_EXPECT_TRUE(test, t[TRACK_FREE].caller != t[TRACK_ALLOC].caller);
	KUNIT_EXPECT_EQ(test, t[TRACK_FREE].cpu, 1);
	fake_set_cpu(0);
	/* a stack number that was overwritten leads nowhere */
	t[TRACK_FREE].stack = 0xfffffff0;
	t[TRACK_ALLOC].stack = 3;
	kmem_cache_free(s, p);
	KUNIT_EXPECT_NOT_NULL(test, strstr(fake_log(), "Allocated in 0x"));
	expect_log(test, "Freed in 0x");
	end(test, s);
}

/* Objects are cleared, except those whose content must stay. */
static void cleared(struct kunit *test, bool when_freed)
{
	static const slab_flags_t flags[] = { 0, Z, U, F };
	struct kmem_cache *s;
	unsigned char *p, *q[10];
	unsigned int i, j;

	for (i = 0; i < ARRAY_LEN(flags); i++) {
		s = make(test, 100, 0, flags[i]);
		KUNIT_EXPECT_NULL(test, s->barn);
		for (j = 0; j < 3; j++) {
			p = kmem_cache_alloc(s, GFP_KERNEL);
			KUNIT_EXPECT_TRUE(test, all(p, 0, 100));
			memset(p, 0x44, 100);
			kmem_cache_free(s, p);
			KUNIT_EXPECT_EQ(test, all(p, 0, 100), when_freed);
			KUNIT_ASSERT_TRUE(
				test, kmem_cache_alloc_bulk(s, GFP_KERNEL, 10,
							    (void **)q));
			KUNIT_EXPECT_TRUE(test, all(q[9], 0, 100));
			kmem_cache_free_bulk(s, 10, (void **)q);
		}
		/* a pointer that is none clears nothing */
		p = kmem_cache_alloc(s, GFP_KERNEL);
		memset(p, 0x44, 100);
		kmem_cache_free(s, p + 8);
		KUNIT_EXPECT_TRUE(test, all(p, 0x44, 100));
		kmem_cache_free(s, p);
		fake_log_clear();
		end(test, s);
	}
	s = make(test, 100, 0, SLAB_TYPESAFE_BY_RCU);
	KUNIT_EXPECT_NOT_NULL(test, s->barn);
	p = kmem_cache_alloc(s, GFP_KERNEL);
	memset(p, 0x44, 100);
	kmem_cache_free(s, p);
	KUNIT_EXPECT_PTR_EQ(test, kmem_cache_alloc(s, GFP_KERNEL), p);
	KUNIT_EXPECT_TRUE(test, all(p, 0x44, 100));
	kmem_cache_free(s, p);
	end(test, s);
	s = (kmem_cache_create)("test-ctor", 64, 0, 0, ctor);
	p = kmem_cache_alloc(s, GFP_KERNEL);
	KUNIT_EXPECT_TRUE(test, all(p, 0x77, 64));
	kmem_cache_free(s, p);
	KUNIT_EXPECT_TRUE(test, all(p, 0x77, 64));
	end(test, s);
	s = make(test, 100, 0, P);
	p = kmem_cache_alloc(s, GFP_KERNEL);
	KUNIT_EXPECT_EQ(test, p[99], 0xa5);
	kmem_cache_free(s, p);
	end(test, s);
	KUNIT_EXPECT_FALSE(test, slab_debugged(cache_of("sheaf-64")));
}

SLAB_CASE(objects_are_cleared_when_allocated, .options = "init_on_alloc=1")
{
	cleared(test, false);
}

SLAB_CASE(objects_are_cleared_when_freed, .options = "init_on_free=1")
{
	cleared(test, true);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(slots_are_those_of_the_kernel),
	KUNIT_CASE(bytes_in_use_and_free),
	KUNIT_CASE(writes_are_seen),
	KUNIT_CASE(writes_to_free_objects_are_seen),
	KUNIT_CASE(double_and_interior_frees_are_seen_at_the_call),
	KUNIT_CASE(content_that_must_stay_stays),
	KUNIT_CASE(many_at_once),
	KUNIT_CASE(asked_sizes_are_kept),
	KUNIT_CASE(frees_that_are_noted_are_checked),
	KUNIT_CASE(slabs_that_are_noted_are_checked),
	KUNIT_CASE(tracks_are_of_the_last_calls),
	KUNIT_CASE(objects_are_cleared_when_allocated),
	KUNIT_CASE(objects_are_cleared_when_freed),
	{},
};

static struct kunit_suite suite = {
	.name = "debug_object",
	.test_cases = cases,
};

kunit_test_suite(suite);

// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The libkmem authors
/*
 * Caches: birth of the layer, creation, end, fork.
 */
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>

#include "unit/slab/world.h"

static bool logged(const char *text)
{
	return strstr(fake_log(), text) != NULL;
}

/* How often it stands in the log. */
static unsigned int times_logged(const char *text)
{
	const char *at = fake_log();
	unsigned int n = 0;

	while ((at = strstr(at, text))) {
		at += strlen(text);
		n++;
	}
	return n;
}

/* --- birth ---------------------------------------------------------------- */

static unsigned long nth_call_fails;

/*
 * The n-th port call fails; afterwards all is as if it never had.  Ends the
 * process with 2 when there were fewer calls.
 */
static void boot_fails_at_the_nth(struct kunit *test)
{
	struct kmem_cache *s;
	unsigned long failed;
	void *p;

	fake_fail_nth(FAKE_ANY, nth_call_fails);
	s = (kmem_cache_create)("first", 64, 0, 0, NULL);
	failed = fake_failed();
	if (!s)
		KUNIT_EXPECT_FALSE(test, slab_is_available());
	fake_fail_nth(0, 0);
	fake_log_clear();
	if (!s)
		s = (kmem_cache_create)("first", 64, 0, 0, NULL);
	KUNIT_ASSERT_NOT_NULL(test, s);
	KUNIT_EXPECT_STREQ(test, fake_log(), "");
	KUNIT_EXPECT_TRUE(test, slab_is_available());
	/* the first of all caches, seven of sheaves, this one */
	KUNIT_EXPECT_EQ(test, caches_listed(), 9);
	p = kmem_cache_alloc(s, GFP_KERNEL);
	KUNIT_EXPECT_NOT_NULL(test, p);
	kmem_cache_free(s, p);
	KUNIT_EXPECT_TRUE(test, all_valid());
	end(test, s);
	settle();
	KUNIT_EXPECT_EQ(test, counts(cache_of("kmem_cache")).active_objs, 7);
	KUNIT_EXPECT_EQ(test, words_in_use(), 0);
	KUNIT_EXPECT_EQ(test, pages_in_use(),
			1ul << cache_of("kmem_cache")->order);
	KUNIT_EXPECT_TRUE(test, zone_validate());
	fflush(stdout);
	_exit(test->status ? 1 : failed ? 0 : 2);
}

static void boot_survives_every_failing_call(struct kunit *test)
{
	struct kunit quiet;
	int status;
	pid_t pid;

	for (nth_call_fails = 1; nth_call_fails < 100; nth_call_fails++) {
		pid = fork();
		if (!pid) {
			quiet = *test;
			world_child(&quiet, &(struct world){ .unbooted = true },
				    boot_fails_at_the_nth);
		}
		KUNIT_ASSERT_EQ(test, waitpid(pid, &status, 0), pid);
		KUNIT_ASSERT_TRUE_MSG(test, WIFEXITED(status), "signal %d",
				      WTERMSIG(status));
		if (WEXITSTATUS(status) == 2)
			break;
		KUNIT_EXPECT_EQ_MSG(test, WEXITSTATUS(status), 0, "call %lu",
				    nth_call_fails);
	}
	KUNIT_EXPECT_GE(test, nth_call_fails, 5);
	KUNIT_EXPECT_LT(test, nth_call_fails, 100);
}

/* Memory for some of the first caches and not for all. */
WORLD_CASE(boot_is_tried_again_when_memory_comes, .options = "mem=4M")
{
	static struct page *page[2048];
	unsigned int n = 0, most = 0;
	struct kmem_cache *s;

	while (n < 2048 &&
	       (page[n] = page_alloc(GFP_ROUND | __GFP_MEMALLOC, 0)))
		n++;
	KUNIT_ASSERT_LT(test, n, 2048);
	/* one page more each time: enough for the first, then for some */
	while (slab_boot()) {
		KUNIT_EXPECT_FALSE(test, slab_is_available());
		if (caches_listed() > most)
			most = (unsigned int)caches_listed();
		KUNIT_ASSERT_GE(test, n, 1);
		page_free(page[--n], 0);
	}
	KUNIT_EXPECT_GE(test, most, 2);
	KUNIT_EXPECT_LT(test, most, 8);
	while (n)
		page_free(page[--n], 0);
	KUNIT_EXPECT_EQ(test, caches_listed(), 8);
	fake_log_clear();
	s = make(test, 64, 0, 0);
	kmem_cache_free(s, kmem_cache_alloc(s, GFP_KERNEL));
	KUNIT_EXPECT_TRUE(test, all_valid());
	KUNIT_EXPECT_STREQ(test, fake_log(), "");
	end(test, s);
	settle();
	/* the records of the seven stay */
	KUNIT_EXPECT_EQ(test, counts(cache_of("kmem_cache")).active_objs, 7);
	fflush(stdout);
	_exit(test->status ? 1 : 0);
}

/* --- creation ------------------------------------------------------------- */

SLAB_CASE(layout_follows_size_and_alignment, 0)
{
	static const struct {
		unsigned int size, align, flags, want_size, want_align;
	} rows[] = {
		{ 1, 0, 0, 8, 8 },
		{ 3, 0, 0, 8, 8 },
		{ 8, 0, 0, 8, 8 },
		{ 12, 0, 0, 16, 8 },
		{ 24, 0, 0, 24, 8 },
		{ 100, 0, 0, 104, 8 },
		{ 1, 64, 0, 64, 64 },
		{ 100, 64, 0, 128, 64 },
		{ 4096, 64, 0, 4096, 64 },
		{ 64, 4096, 0, 4096, 4096 },
		{ 64, 48, 0, 64, 64 },
		{ 1, 0, 0x2000, 8, 8 },
		{ 12, 0, 0x2000, 16, 16 },
		{ 24, 0, 0x2000, 32, 32 },
		{ 33, 0, 0x2000, 64, 64 },
		{ 100, 0, 0x2000, 128, 64 },
		{ 24, 8, 0x2000, 32, 32 },
		{ 24, 64, 0x2000, 64, 64 },
		{ 5, 4, 0, 8, 8 },
		{ 4096, 0, 0x2000, 4096, 64 },
		{ 4194304, 0, 0, 4194304, 8 },
	};
	struct kmem_cache *s;
	unsigned int i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		s = make(test, rows[i].size, rows[i].align,
			 (slab_flags_t)rows[i].flags);
		KUNIT_EXPECT_EQ_MSG(test, s->size, rows[i].want_size, "row %u",
				    i);
		KUNIT_EXPECT_EQ_MSG(test, s->align, rows[i].want_align,
				    "row %u", i);
		KUNIT_EXPECT_EQ(test, kmem_cache_size(s), rows[i].size);
		KUNIT_EXPECT_EQ(test, s->flags, rows[i].flags);
		end(test, s);
	}
	KUNIT_EXPECT_STREQ(test, fake_log(), "");
}

SLAB_CASE(empty_slabs_kept_follow_size, 0)
{
	static const struct {
		unsigned int size, keep;
	} rows[] = { { 8, 5 },        { 3072, 5 },    { 4096, 6 },
		     { 16384, 7 },    { 65536, 8 },   { 262144, 9 },
		     { 1048576, 10 }, { 4194304, 10 } };
	struct kmem_cache *s;
	unsigned int i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		s = make(test, rows[i].size, 0, 0);
		KUNIT_EXPECT_EQ(test, s->min_partial, rows[i].keep);
		end(test, s);
	}
}

SLAB_CASE(impossible_caches_are_refused, 0)
{
	static const struct {
		const char *name;
		size_t size, align;
		unsigned int flags;
	} rows[] = {
		{ NULL, 64, 0, 0 },
		{ "", 64, 0, 0 },
		{ "x", 0, 0, 0 },
		{ "x", (4ul << 20) + 1, 0, 0 },
		{ "x", -1ul, 0, 0 },
		{ "x", -64ul, 64, 0 },
		{ "x", 64, (4ul << 20) + 1, 0 },
		{ "x", 64, 8ul << 20, 0 },
		{ "x", 64, -1ul, 0 },
		{ "x", 64, 1ul << 63, 0 },
		{ "x", 64, 0, 0x80000000 },
		{ "x", 64, 0, 0x1 },
	};
	unsigned long before;
	char text[128];
	unsigned int i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		before = report_errors();
		KUNIT_EXPECT_NULL_MSG(
			test,
			(kmem_cache_create)(rows[i].name, rows[i].size,
					    rows[i].align,
					    (slab_flags_t)rows[i].flags, NULL),
			"row %u", i);
		KUNIT_EXPECT_EQ(test, report_errors() - before, 1);
		snprintf(text, sizeof(text),
			 "__kmem_cache_create_args(%s) failed with error -22\n",
			 rows[i].name ? rows[i].name : "(null)");
		KUNIT_EXPECT_TRUE_MSG(test, logged(text), "row %u: %s", i,
				      fake_log());
		fake_log_clear();
	}
}

SLAB_CASE(arguments_of_today, 0)
{
	struct kmem_cache_args args = { .align = 32,
					.useroffset = 8,
					.usersize = 16 };
	struct kmem_cache *s;

	s = __kmem_cache_create_args("args", 40, &args, 0);
	KUNIT_ASSERT_NOT_NULL(test, s);
	KUNIT_EXPECT_EQ(test, s->size, 64);
	KUNIT_EXPECT_EQ(test, s->useroffset, 8);
	KUNIT_EXPECT_EQ(test, s->usersize, 16);
	end(test, s);
	KUNIT_EXPECT_STREQ(test, fake_log(), "");

	/* a window that does not fit is dropped, the cache is made */
	args.usersize = 33;
	s = __kmem_cache_create_args("args", 40, &args, 0);
	KUNIT_ASSERT_NOT_NULL(test, s);
	KUNIT_EXPECT_EQ(test, s->useroffset, 0);
	KUNIT_EXPECT_EQ(test, s->usersize, 0);
	KUNIT_EXPECT_TRUE(test, logged("user copy window 8+33"));
	end(test, s);
	fake_log_clear();

	/* a place for a free pointer: only where there could be one */
	args = (struct kmem_cache_args){ .use_freeptr_offset = true,
					 .freeptr_offset = 8 };
	KUNIT_EXPECT_NULL(test, __kmem_cache_create_args("args", 40, &args, 0));
	s = __kmem_cache_create_args("args", 40, &args, SLAB_TYPESAFE_BY_RCU);
	KUNIT_ASSERT_NOT_NULL(test, s);
	end(test, s);
	args.freeptr_offset = 40;
	KUNIT_EXPECT_NULL(test, __kmem_cache_create_args("args", 40, &args,
							 SLAB_TYPESAFE_BY_RCU));
	args.freeptr_offset = 12;
	KUNIT_EXPECT_NULL(test, __kmem_cache_create_args("args", 40, &args,
							 SLAB_TYPESAFE_BY_RCU));
	KUNIT_EXPECT_EQ(test, times_logged("failed with error -22"), 3);

	s = __kmem_cache_default_args("args", 40, NULL, 0);
	KUNIT_ASSERT_NOT_NULL(test, s);
	end(test, s);
	KUNIT_EXPECT_NULL(test,
			  __kmem_cache_default_args("args", 40, &args, 0));
}

SLAB_CASE(names_are_copied_cut_and_mended, 0)
{
	struct kmem_cache *s, *t;
	char name[200];

	strcpy(name, "mine");
	s = (kmem_cache_create)(name, 64, 0, 0, NULL);
	strcpy(name, "gone");
	KUNIT_EXPECT_STREQ(test, kmem_cache_name(s), "mine");
	KUNIT_EXPECT_STREQ(test, fake_log(), "");
	/* the same once more: a warning, and a cache of its own */
	t = (kmem_cache_create)("mine", 64, 0, 0, NULL);
	KUNIT_ASSERT_NOT_NULL(test, t);
	KUNIT_EXPECT_PTR_NE(test, s, t);
	KUNIT_EXPECT_TRUE(test,
			  logged("kmem_cache of name 'mine' already exists\n"));
	end(test, t);
	end(test, s);
	fake_log_clear();

	s = (kmem_cache_create)("two words", 64, 0, 0, NULL);
	KUNIT_EXPECT_STREQ(test, kmem_cache_name(s), "two_words");
	KUNIT_EXPECT_TRUE(test,
			  logged("kmem_cache name 'two words' has a space"));
	end(test, s);

	memset(name, 'n', sizeof(name));
	name[199] = '\0';
	s = (kmem_cache_create)(name, 64, 0, 0, NULL);
	KUNIT_EXPECT_EQ(test, strlen(kmem_cache_name(s)), 63);
	end(test, s);
}

static jmp_buf died;

static void die(void)
{
	longjmp(died, 1);
}

WORLD_CASE(a_cache_that_must_be_is_the_end, 0)
{
	KUNIT_ASSERT_EQ(test, slab_boot(), 0);
	fake_set_die_hook(die);
	if (!setjmp(died)) {
		(kmem_cache_create)("must", 0, 0, SLAB_PANIC, NULL);
		KUNIT_FAIL(test, "came back");
	}
	KUNIT_EXPECT_TRUE(test,
			  logged("Kernel panic - not syncing: "
				 "__kmem_cache_create_args: Failed to create "
				 "slab 'must'. Error -22\n"));
	fflush(stdout);
	_exit(test->status ? 1 : 0);
}

/* --- the end -------------------------------------------------------------- */

SLAB_CASE(destroy_of_nothing_is_nothing, 0)
{
	KUNIT_EXPECT_EQ(test, kmem_cache_destroy(NULL), 0);
	KUNIT_EXPECT_STREQ(test, fake_log(), "");
}

SLAB_CASE(destroy_takes_all_back, 0)
{
	unsigned long pages = pages_in_use(), words = words_in_use();
	struct kmem_cache *s = make(test, 500, 0, 0);
	unsigned int i;
	void *p[700];

	for (i = 0; i < 700; i++) {
		fake_set_cpu(i % 200);
		p[i] = kmem_cache_alloc(s, GFP_KERNEL);
	}
	for (i = 0; i < 700; i++) {
		fake_set_cpu(i * 3 % 200);
		kmem_cache_free(s, p[i]);
	}
	fake_set_cpu(0);
	KUNIT_EXPECT_EQ(test, kmem_cache_destroy(s), 0);
	KUNIT_EXPECT_EQ(test, words_in_use(), words);
	settle();
	KUNIT_EXPECT_EQ(test, pages_in_use(), pages);
	KUNIT_EXPECT_STREQ(test, fake_log(), "");
}

static void expect_remains(struct kunit *test, const char *name, void **p,
			   unsigned int n)
{
	char text[128];
	unsigned int i;

	snprintf(text, sizeof(text),
		 "BUG %s (Not tainted): Objects remaining on "
		 "__kmem_cache_shutdown()\n",
		 name);
	KUNIT_EXPECT_TRUE_MSG(test, logged(text), "%s", fake_log());
	for (i = 0; i < n; i++) {
		snprintf(text, sizeof(text), "Object 0x%016lx @offset=%lu\n",
			 (unsigned long)p[i], (unsigned long)p[i] % 4096);
		KUNIT_EXPECT_TRUE_MSG(test, logged(text), "%s%s", text,
				      fake_log());
	}
	KUNIT_EXPECT_EQ(test, times_logged("Object 0x"), n);
	snprintf(text, sizeof(text),
		 "kmem_cache_destroy %s: Slab cache still has objects when "
		 "called from 0x",
		 name);
	KUNIT_EXPECT_TRUE_MSG(test, logged(text), "%s", fake_log());
}

SLAB_CASE(destroy_with_live_objects_reports_and_keeps, 0)
{
	struct kmem_cache *s = make(test, 512, 0, 0);
	unsigned long pages;
	void *p[20], *live_ones[2];
	unsigned int i;

	for (i = 0; i < 20; i++)
		p[i] = kmem_cache_alloc(s, GFP_KERNEL);
	for (i = 0; i < 20; i++)
		if (i != 3 && i != 17)
			kmem_cache_free(s, p[i]);
	live_ones[0] = p[3];
	live_ones[1] = p[17];
	memset(p[3], 0x33, 512);
	KUNIT_EXPECT_NE(test, kmem_cache_destroy(s), 0);
	expect_remains(test, "test-1", live_ones, 2);
	fake_log_clear();
	KUNIT_EXPECT_NULL(test, cache_of("test-1"));
	KUNIT_EXPECT_EQ(test, ((char *)p[3])[511], 0x33);
	KUNIT_EXPECT_TRUE(test, cache_validate(s));
	KUNIT_EXPECT_EQ(test, counts(s).num_slabs, 2);
	/* late frees: harmless, and the last one gives the slab back */
	pages = pages_in_use();
	kmem_cache_free(s, p[3]);
	KUNIT_EXPECT_EQ(test, pages_in_use(), pages - 1);
	kmem_cache_free(s, p[17]);
	KUNIT_EXPECT_EQ(test, counts(s).num_slabs, 0);
	KUNIT_EXPECT_TRUE(test, cache_validate(s));
	KUNIT_EXPECT_STREQ(test, fake_log(), "");
	/* now it can end for good */
	KUNIT_EXPECT_EQ(test, kmem_cache_destroy(s), 0);
}

SLAB_CASE(shrink_says_whether_anything_is_left, 0)
{
	struct kmem_cache *s = make(test, 512, 0, 0);
	unsigned int i;
	void *p[40];

	KUNIT_EXPECT_EQ(test, kmem_cache_shrink(s), 0);
	for (i = 0; i < 40; i++)
		p[i] = kmem_cache_alloc(s, GFP_KERNEL);
	KUNIT_EXPECT_NE(test, kmem_cache_shrink(s), 0);
	KUNIT_EXPECT_EQ(test, counts(s).num_slabs, 5);
	for (i = 1; i < 40; i++)
		kmem_cache_free(s, p[i]);
	KUNIT_EXPECT_NE(test, kmem_cache_shrink(s), 0);
	KUNIT_EXPECT_EQ(test, counts(s).num_slabs, 1);
	KUNIT_EXPECT_EQ(test, counts(s).active_objs, 1);
	kmem_cache_free(s, p[0]);
	KUNIT_EXPECT_EQ(test, kmem_cache_shrink(s), 0);
	KUNIT_EXPECT_EQ(test, counts(s).num_objs, 0);
	end(test, s);
}

/* --- fork ----------------------------------------------------------------- */

static bool held(const uint32_t *word)
{
	return __atomic_load_n(word, __ATOMIC_RELAXED) != 0;
}

/* How many of a cache's locks are held; there are two beside the slots'. */
static unsigned int locks_held(struct kmem_cache *s)
{
	unsigned int n =
		held(&s->node0.list_lock.word) + held(&s->barn0.lock.word);
	unsigned int i;

	for (i = 0; i < s->pcs.nr; i++)
		n += held(&s->pcs.slots[i].lock.word);
	return n;
}

static bool frozen(struct kmem_cache *s)
{
	return locks_held(s) == s->pcs.nr + 2u;
}

static bool thawed(struct kmem_cache *s)
{
	return !locks_held(s);
}

/* Living caches and one dead: all held, all given back, on both sides. */
SLAB_CASE(fork_holds_every_lock_of_every_cache, 0)
{
	struct kmem_cache *s = make(test, 64, 0, 0), *dead;
	unsigned int i, round;
	void *p, *late;

	dead = make(test, 64, 0, 0);
	late = kmem_cache_alloc(dead, GFP_KERNEL);
	KUNIT_EXPECT_NE(test, kmem_cache_destroy(dead), 0);
	fake_log_clear();
	for (i = 0; i < 200; i++) {
		fake_set_cpu(i % 7);
		kmem_cache_free(s, kmem_cache_alloc(s, GFP_KERNEL));
	}
	for (round = 0; round < 4; round++) {
		fake_fork_prepare();
		KUNIT_EXPECT_NE(test, slab_mutex.word, 0);
		KUNIT_EXPECT_TRUE(test, frozen(s));
		KUNIT_EXPECT_TRUE(test, frozen(dead));
		KUNIT_EXPECT_TRUE(test, frozen(cache_of("kmem_cache")));
		KUNIT_EXPECT_TRUE(test, pcs_valid(&s->pcs));
		if (round % 2)
			fake_fork_parent();
		else
			fake_fork_child();
		KUNIT_EXPECT_EQ(test, slab_mutex.word, 0);
		KUNIT_EXPECT_TRUE(test, thawed(s));
		KUNIT_EXPECT_TRUE(test, thawed(dead));
		KUNIT_EXPECT_EQ(test, port_task()->held, 0);
		p = kmem_cache_alloc(s, GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, p);
		kmem_cache_free(s, p);
		KUNIT_EXPECT_TRUE(test, all_valid());
	}
	fake_set_cpu(0);
	kmem_cache_free(dead, late);
	KUNIT_EXPECT_EQ(test, kmem_cache_destroy(dead), 0);
	end(test, s);
	KUNIT_EXPECT_STREQ(test, fake_log(), "");
}

#define THREADS 4

static struct kmem_cache *busy;
static bool stop;

static void *forever(void *arg)
{
	uint64_t seed = (uintptr_t)arg;
	void *p[100] = { NULL };
	unsigned int i;

	while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
		fake_set_cpu(dice(&seed) % 20);
		i = dice(&seed) % 100;
		if (p[i])
			kmem_cache_free(busy, p[i]);
		p[i] = p[i] ? NULL : kmem_cache_alloc(busy, GFP_KERNEL);
	}
	for (i = 0; i < 100; i++)
		if (p[i])
			kmem_cache_free(busy, p[i]);
	return NULL;
}

/* While prepare holds it, a cache that others hammer stands still. */
SLAB_CASE(fork_stops_threads_at_rest, .cpus = 20)
{
	pthread_t thread[THREADS];
	unsigned long objects, free_objects;
	unsigned int i, round;

	busy = make(test, 64, 0, 0);
	for (i = 0; i < THREADS; i++)
		pthread_create(&thread[i], NULL, forever,
			       (void *)(uintptr_t)(i + 1));
	for (round = 0; round < 50; round++) {
		fake_fork_prepare();
		KUNIT_EXPECT_TRUE(test, pcs_valid(&busy->pcs));
		objects = pcs_objects(&busy->pcs);
		free_objects = busy->node->free_objects;
		for (i = 0; i < 5; i++)
			sched_yield();
		KUNIT_EXPECT_EQ(test, pcs_objects(&busy->pcs), objects);
		KUNIT_EXPECT_EQ(test, busy->node->free_objects, free_objects);
		KUNIT_EXPECT_TRUE(test, frozen(busy));
		fake_fork_parent();
		sched_yield();
	}
	__atomic_store_n(&stop, true, __ATOMIC_RELAXED);
	for (i = 0; i < THREADS; i++)
		pthread_join(thread[i], NULL);
	end(test, busy);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(boot_survives_every_failing_call),
	KUNIT_CASE(boot_is_tried_again_when_memory_comes),
	KUNIT_CASE(layout_follows_size_and_alignment),
	KUNIT_CASE(empty_slabs_kept_follow_size),
	KUNIT_CASE(impossible_caches_are_refused),
	KUNIT_CASE(arguments_of_today),
	KUNIT_CASE(names_are_copied_cut_and_mended),
	KUNIT_CASE(a_cache_that_must_be_is_the_end),
	KUNIT_CASE(destroy_of_nothing_is_nothing),
	KUNIT_CASE(destroy_takes_all_back),
	KUNIT_CASE(destroy_with_live_objects_reports_and_keeps),
	KUNIT_CASE(shrink_says_whether_anything_is_left),
	KUNIT_CASE(fork_holds_every_lock_of_every_cache),
	KUNIT_CASE(fork_stops_threads_at_rest),
	{},
};

static struct kunit_suite suite = {
	.name = "slab_common",
	.test_cases = cases,
};

kunit_test_suite(suite);

// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The libkmem authors
/* slab_debug=: which caches get which flags. */
#include "debug/fail.h"
#include "lib/options.h"
#include "slab/debug.h"
#include "unit/slab/world.h"

#define F SLAB_CONSISTENCY_CHECKS
#define Z SLAB_RED_ZONE
#define P SLAB_POISON
#define U SLAB_STORE_USER
#define T SLAB_TRACE
#define FZPU (F | Z | P | U)

struct expected {
	const char *options, *name;
	slab_flags_t flags;
};

static const struct expected table[] = {
	{ "", "any", 0 },
	{ "slab_debug", "any", FZPU },
	{ "slab_debug=", "any", FZPU },
	{ "slub_debug", "any", FZPU },
	{ "slab_debug=F", "any", F },
	{ "slab_debug=fzput", "any", FZPU | T },
	{ "slab_debug=-", "any", 0 },
	{ "slab_debug=FZ-P", "any", P },
	{ "slab_debug=O", "any", 0 },
	/* names: alone, several, beginnings */
	{ "slab_debug=FZPU,kmalloc-64", "kmalloc-64", FZPU },
	{ "slab_debug=FZPU,kmalloc-64", "kmalloc-6", 0 },
	{ "slab_debug=FZPU,kmalloc-64", "kmalloc-641", 0 },
	{ "slab_debug=FZPU,kmalloc-64", "any", 0 },
	{ "slab_debug=,dentry", "dentry", FZPU },
	{ "slab_debug=,dentry", "any", 0 },
	{ "slab_debug=Z,a,b,c", "b", Z },
	{ "slab_debug=Z,a,b,c", "c", Z },
	{ "slab_debug=Z,a,b,c", "d", 0 },
	{ "slab_debug=P,kmalloc-*", "kmalloc-8k", P },
	{ "slab_debug=P,kmalloc-*", "kmalloc", 0 },
	{ "slab_debug=P,*", "any", P },
	{ "slab_debug=P,a*,b", "b", P },
	{ "slab_debug=P,a*,b", "bb", 0 },
	/* blocks: the first with the name; the last without names */
	{ "slab_debug=F,a;Z,a*;P", "a", F },
	{ "slab_debug=F,a;Z,a*;P", "ab", Z },
	{ "slab_debug=F,a;Z,a*;P", "b", P },
	{ "slab_debug=F;P", "any", P },
	{ "slab_debug=F;-,quiet", "quiet", 0 },
	{ "slab_debug=F;-,quiet", "any", F },
	{ "slab_debug=;;F,a;;", "a", F },
	{ "slab_debug=;;F,a;;", "any", 0 },
	/* letters that are none do not count */
	{ "slab_debug=xFyZ,a", "a", F | Z },
	/* the list goes on up to the next option */
	{ "slab_debug=F,a,mem=64M", "a", F },
	{ "slab_debug=F,a,thp,b", "a", F },
	{ "slab_debug=F,a,thp,b", "b", 0 },
	{ "slab_debug=F,a,thp,b", "thp", 0 },
	{ "slab_debug=F,a,th*", "thp", F },
	{ "decay_ms=0,slab_debug=F,a,b;Z,c,d,keep=1M", "d", Z },
	{ "decay_ms=0,slab_debug=F,a,b;Z,c,d,keep=1M", "b", F },
	{ "slab_debug,mem=64M", "any", FZPU },
	{ "slab_debug=F,a,", "a", F },
};

static struct debug_wish wish_of(const char *name, slab_flags_t flags)
{
	struct slab_params p = { .name = name, .size = 64, .flags = flags };

	return debug_wish(&p);
}

static void names_and_letters(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < ARRAY_LEN(table); i++) {
		const struct expected *e = &table[i];

		options_parse(e->options, NULL);
		KUNIT_EXPECT_EQ_MSG(test, wish_of(e->name, 0).flags, e->flags,
				    "%s: %s", e->options, e->name);
	}
	options_parse("", NULL);
}

static void flags_of_the_cache_count(struct kunit *test)
{
	options_parse("slab_debug=F", NULL);
	KUNIT_EXPECT_EQ(test, wish_of("a", SLAB_PANIC | Z).flags,
			F | Z | SLAB_PANIC);
	KUNIT_EXPECT_EQ(test, wish_of("a", SLAB_NO_USER_FLAGS | Z).flags,
			SLAB_NO_USER_FLAGS | Z);
	/* what the tracks would be allocated by */
	options_parse("slab_debug", NULL);
	KUNIT_EXPECT_EQ(test, wish_of("a", SLAB_NOLEAKTRACE).flags,
			SLAB_NOLEAKTRACE | F | Z | P);
	options_parse("slab_debug=U,a", NULL);
	KUNIT_EXPECT_EQ(test, wish_of("a", SLAB_NOLEAKTRACE).flags,
			SLAB_NOLEAKTRACE | U);
	options_parse("", NULL);
}

static void letters_that_are_no_flags(struct kunit *test)
{
	options_parse("slab_debug=A,a;N,b;AN,c", NULL);
	KUNIT_EXPECT_TRUE(test, wish_of("a", 0).fails);
	KUNIT_EXPECT_FALSE(test, wish_of("a", 0).slow);
	KUNIT_EXPECT_FALSE(test, wish_of("b", 0).fails);
	KUNIT_EXPECT_TRUE(test, wish_of("b", 0).slow);
	KUNIT_EXPECT_TRUE(test, wish_of("c", 0).fails && wish_of("c", 0).slow);
	KUNIT_EXPECT_FALSE(test, wish_of("d", 0).fails || wish_of("d", 0).slow);
	options_parse("", NULL);
}

SLAB_CASE(a_cache_may_do_without_sheaves, .options = "slab_debug=N,test-*")
{
	struct kmem_cache *s = make(test, 64, 0, 0);
	void *p = kmem_cache_alloc(s, GFP_KERNEL);

	KUNIT_EXPECT_NULL(test, s->barn);
	KUNIT_EXPECT_EQ(test, s->size, 64);
	kmem_cache_free(s, p);
	KUNIT_EXPECT_EQ(test, counts(s).active_objs, 0);
	end(test, s);
}

SLAB_CASE(the_librarys_own_are_left_alone, .options = "slab_debug")
{
	KUNIT_EXPECT_EQ(test, cache_of("sheaf-64")->size, 64);
	KUNIT_EXPECT_FALSE(test, slab_debugged(cache_of("sheaf-4k")));
	KUNIT_EXPECT_FALSE(test, slab_debugged(cache_of("kmem_cache")));
}

/* O: an object of a page has no room for more in a slab of a page. */
SLAB_CASE(orders_may_be_kept, .options = "slab_debug=FZPUO")
{
	struct kmem_cache *small = make(test, 64, 0, 0);
	struct kmem_cache *page = make(test, 4096, 0, 0);

	KUNIT_EXPECT_EQ(test, small->size, 160);
	KUNIT_EXPECT_EQ(test, page->size, 4096);
	KUNIT_EXPECT_EQ(test, page->flags & SLAB_DEBUG_FLAGS, F);
	end(test, small);
	end(test, page);
}

SLAB_CASE(the_largest_objects_have_no_room, .options = "slab_debug")
{
	struct kmem_cache *s = make(test, KMALLOC_MAX_SIZE, 0, 0);

	KUNIT_EXPECT_EQ(test, s->size, KMALLOC_MAX_SIZE);
	KUNIT_EXPECT_EQ(test, s->flags & SLAB_DEBUG_FLAGS, F);
	end(test, s);
}

SLAB_CASE(only_marked_caches_may_fail, .options = "slab_debug=A,some")
{
	KUNIT_EXPECT_TRUE(test, fail_filtered);
	KUNIT_EXPECT_FALSE(test, should_fail(1, GFP_KERNEL));
}

static struct kunit_case cases[] = {
	KUNIT_CASE(names_and_letters),
	KUNIT_CASE(flags_of_the_cache_count),
	KUNIT_CASE(letters_that_are_no_flags),
	KUNIT_CASE(a_cache_may_do_without_sheaves),
	KUNIT_CASE(the_librarys_own_are_left_alone),
	KUNIT_CASE(orders_may_be_kept),
	KUNIT_CASE(the_largest_objects_have_no_room),
	KUNIT_CASE(only_marked_caches_may_fail),
	{},
};

static struct kunit_suite suite = {
	.name = "debug_option",
	.test_cases = cases,
};

kunit_test_suite(suite);

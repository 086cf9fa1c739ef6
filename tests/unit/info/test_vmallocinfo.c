/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The table of areas, to the letter.
 */
#include "unit/alloc/world.h"

#include <kmem/stats.h>
#include <linux/gfp.h>
#include <linux/vmalloc.h>

#define MANY 100

/* The line of an area that is not of vm_map_ram(). */
static size_t line_of(char *to, size_t size, void *p, unsigned int pages,
		      const char *kinds)
{
	unsigned long start = (unsigned long)p, bytes = (pages + 1) * PAGE_SIZE;

	return (size_t)snprintf(
		to, size, "0x%016lx-0x%016lx %7lu 0x%lx pages=%u%s N0=%u\n",
		start, start + bytes, bytes,
		(unsigned long)find_vm_area(p)->caller, pages, kinds, pages);
}

WORLD_CASE(vmallocinfo_says_what_there_is)
{
	char text[1000], wanted[1000];
	void *first, *second;
	size_t n;

	KUNIT_EXPECT_EQ(test, kmem_vmallocinfo(text, sizeof(text)), 0);
	KUNIT_EXPECT_STREQ(test, text, "");
	first = vmalloc(3 * PAGE_SIZE);
	second = vmalloc_user(PAGE_SIZE);
	KUNIT_ASSERT_TRUE(test, first && second);
	/* by address, whichever came first */
	n = line_of(wanted, sizeof(wanted), first < second ? first : second,
		    first < second ? 3 : 1,
		    first < second ? " vmalloc" : " vmalloc user");
	n += line_of(wanted + n, sizeof(wanted) - n,
		     first < second ? second : first, first < second ? 1 : 3,
		     first < second ? " vmalloc user" : " vmalloc");
	KUNIT_EXPECT_EQ(test, kmem_vmallocinfo(text, sizeof(text)), n);
	KUNIT_EXPECT_STREQ(test, text, wanted);
	vfree(first);
	line_of(wanted, sizeof(wanted), second, 1, " vmalloc user");
	kmem_vmallocinfo(text, sizeof(text));
	KUNIT_EXPECT_STREQ(test, text, wanted);
	vfree(second);
	KUNIT_EXPECT_EQ(test, kmem_vmallocinfo(NULL, 0), 0);
}

WORLD_CASE(vmallocinfo_says_who_asked)
{
	void *p = kvmalloc(8 * MIB, GFP_KERNEL);
	char text[400], caller[32];

	KUNIT_ASSERT_NOT_NULL(test, p);
	kmem_vmallocinfo(text, sizeof(text));
	snprintf(caller, sizeof(caller), " 0x%lx pages=2048 ",
		 (unsigned long)find_vm_area(p)->caller);
	KUNIT_EXPECT_NOT_NULL(test, strstr(text, caller));
	kvfree(p);
}

/* More than are copied at a time. */
WORLD_CASE(vmallocinfo_of_many)
{
	static char text[MANY * 200], cut[5000];
	unsigned long start, end, last = 0;
	static void *p[MANY];
	const char *at = text;
	size_t n;

	for (int i = 0; i < MANY; i++) {
		p[i] = vmalloc(PAGE_SIZE);
		KUNIT_ASSERT_NOT_NULL(test, p[i]);
	}
	n = kmem_vmallocinfo(text, sizeof(text));
	KUNIT_EXPECT_LT(test, n, sizeof(text));
	for (int i = 0; i < MANY; i++) {
		KUNIT_ASSERT_EQ(test, sscanf(at, "0x%lx-0x%lx", &start, &end),
				2);
		KUNIT_EXPECT_LT(test, last, start);
		KUNIT_EXPECT_NOT_NULL(test, find_vm_area((void *)start));
		last = start;
		at = strchr(at, '\n') + 1;
	}
	KUNIT_EXPECT_STREQ(test, at, "");
	KUNIT_EXPECT_EQ(test, kmem_vmallocinfo(cut, sizeof(cut)), n);
	KUNIT_EXPECT_EQ(test, strlen(cut), sizeof(cut) - 1);
	KUNIT_EXPECT_MEMEQ(test, cut, text, sizeof(cut) - 1);
	for (int i = 0; i < MANY; i++)
		vfree(p[i]);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(vmallocinfo_says_what_there_is),
	KUNIT_CASE(vmallocinfo_says_who_asked),
	KUNIT_CASE(vmallocinfo_of_many),
	{},
};

static struct kunit_suite suite = { .name = "vmallocinfo",
				    .test_cases = cases };

kunit_test_suite(suite);

/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The size classes of malloc, each a cache of its own: malloc-16, malloc-32,
 * .. malloc-1k, malloc-1280, .. malloc-32k.
 *
 * A class gets its cache at its first request: a program uses a few of them,
 * and each has a record, a line of the statistics and sheaves.  With rt= all
 * are made at the start, so that no later call faults for one.
 */
#include "front/front.h"

#include "debug/fail.h"
#include "lib/errno.h"
#include "lib/options.h"
#include "lib/text.h"
#include "slab/debug.h"

struct kmem_cache *class_small[CLASS_SMALL_MAX / FRONT_ALIGN + 1];
struct kmem_cache *class_cache[CLASSES];
struct kmem_cache *class_made[CLASSES];
int front_check;

size_t class_bytes(unsigned int cls)
{
	if (cls < 4)
		return (cls + 1) * FRONT_ALIGN;
	return (size_t)(5 + cls % 4) << (cls / 4 + 3);
}

static struct kmem_cache *class_create(unsigned int cls, int *err)
{
	size_t size = class_bytes(cls);
	char name[SLAB_NAME_MAX];
	struct slab_params p = {
		.name = name,
		.size = size,
		/*
		 * The largest power of two that divides the size: what
		 * aligned_alloc() counts on.  Above a page there is nothing
		 * to ask for: a slab starts on a page.
		 */
		.align = size & -size,
		.thrifty = true,
		.place = &class_made[cls],
		.gfp = FRONT_GFP,
	};

	if (front_asked)
		p.flags = SLAB_KMALLOC;
	if (front_check == CHECK_STRICT)
		p.flags |= SLAB_CONSISTENCY_CHECKS | SLAB_RED_ZONE |
			   SLAB_STORE_USER;
	/* what is to be zero cannot be poison */
	if (front_check == CHECK_STRICT && !option_value(OPT_INIT_ON_FREE))
		p.flags |= SLAB_POISON;
	p.checked = front_check != CHECK_OFF;
	if (p.align > PG_BYTES)
		p.align = PG_BYTES;
	if (size >= 1024 && size % 1024 == 0)
		text_format(name, sizeof(name), "malloc-%zuk", size / 1024);
	else
		text_format(name, sizeof(name), "malloc-%zu", size);
	return slab_create(&p, err);
}

/* Every call takes the way on which it is looked at; blocks keep their size. */
static bool slow;
bool front_asked;

struct kmem_cache *class_make(unsigned int cls)
{
	struct kmem_cache *s = class_made[cls];
	size_t n;
	int err;

	if (!s)
		s = class_create(cls, &err);
	if (!s || slow || slab_debugged(s))
		return s;
	n = cls ? class_bytes(cls - 1) + FRONT_ALIGN : 0;
	for (; n <= class_bytes(cls) && n <= CLASS_SMALL_MAX; n += FRONT_ALIGN)
		__atomic_store_n(&class_small[n / FRONT_ALIGN], s,
				 __ATOMIC_RELEASE);
	__atomic_store_n(&class_cache[cls], s, __ATOMIC_RELEASE);
	return s;
}

int classes_boot(void)
{
	unsigned int cls;
	size_t n;

	/* what a tool is told of it checks itself */
	front_check = watch_on() ? CHECK_OFF : (int)option_value(OPT_CHECK);
	slow = torture_wanted() || fail_wanted() || watch_on() ||
	       front_check != CHECK_OFF;
	front_asked = front_check == CHECK_STRICT || watch_on() ||
		      option_text(OPT_SLAB_DEBUG, &n);
	for (cls = 0; option_value(OPT_RT) && cls < CLASSES; cls++)
		if (!class_make(cls))
			return -ENOMEM;
	return 0;
}

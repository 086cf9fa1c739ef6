/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The bytes of an area between what was asked for and the end of its last page:
 * nobody's, to a tool that watches; and what a change of size does to them.
 */
#include "alloc/vmalloc.h"

#include "debug/watch.h"
#include "page/page.h"

/* Those of vmap() show what others told of. */
static bool area_is_watched(const struct area *a)
{
	return watch_on() && !(a->vm.flags & VM_MAP);
}

void area_watch(const struct area *a, bool defined)
{
	if (!area_is_watched(a))
		return;
	watch_shut(a->vm.addr, a->node.size);
	watch_born(a->vm.addr, a->vm.requested_size, defined);
}

void area_unwatch(const struct area *a)
{
	if (area_is_watched(a))
		watch_died(a->vm.addr, a->vm.requested_size, false);
}

/* As krealloc(): bytes between the size asked for and the one before. */
static void clear_between(const struct area *a, size_t size, gfp_t gfp)
{
	size_t was = a->vm.requested_size;
	char *p = a->vm.addr;

	if (!(gfp & __GFP_ZERO))
		return;
	if (size < was)
		memset(p + size, 0, was - size);
	else if (was < a->node.size)
		memset(p + was, 0,
		       (size < a->node.size ? size : a->node.size) - was);
}

void area_resizes(const struct area *a, size_t size, gfp_t gfp)
{
	size_t was = a->vm.requested_size;

	if (size > was && area_is_watched(a))
		watch_open((char *)a->vm.addr + was, a->node.size - was, false);
	clear_between(a, size, gfp);
}

void area_resized(const struct area *a, size_t was, gfp_t gfp)
{
	char *p = a->vm.addr;
	size_t now = a->vm.requested_size;

	if (!area_is_watched(a))
		return;
	watch_resized(p, was, now);
	if (now > was && gfp & __GFP_ZERO)
		watch_open(p + was, now - was, true);
	watch_shut(p + now, a->node.size - now);
}

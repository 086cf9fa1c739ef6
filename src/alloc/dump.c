/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/* What an address is, as far as it can be told. */
#include <linux/slab.h>

#include "debug/report.h"
#include "debug/stack.h"
#include "lib/text.h"
#include "port/port.h"
#include "slab/debug.h"

/**
 * kmem_valid_obj - does this address lie in an object?
 * @object: any address
 *
 * Return: true in a slab of any cache, also behind its last object and in an
 * object that is free; blocks above KMALLOC_MAX_CACHE_SIZE are in none.
 * Context: any.
 * Source: Linux 5.12 to 6.5.
 */
bool kmem_valid_obj(void *object)
{
	return page_owner(object) != NULL;
}

static void dump_frame(void *ctx, const char *text)
{
	(void)ctx;
	report_line("    %s", text);
}

static void dump_stack(const struct debug_track *t)
{
	void *const *pc = NULL;
	unsigned int n = stack_get(t->stack, &pc);

	stack_frames(pc, n, false, dump_frame, NULL);
}

/* The line, and who had the object if its cache remembers. */
static void dump(const struct kmem_cache *s, char *slot, size_t into,
		 bool is_object)
{
	const struct debug_track *t =
		is_object ? debug_tracks(s, slot + s->left) : NULL;
	char line[320], caller[160];
	int n;

	n = text_format(line, sizeof(line), " slab %s start %p", s->name,
			(void *)slot);
	if (s->left)
		n += text_format(line + n, sizeof(line) - (size_t)n,
				 " data offset %u", s->left);
	n += text_format(line + n, sizeof(line) - (size_t)n,
			 " pointer offset %zu size %u", into, s->object_size);
	if (t && t[TRACK_ALLOC].caller) {
		port_symbol(t[TRACK_ALLOC].caller, caller, sizeof(caller));
		text_format(line + n, sizeof(line) - (size_t)n,
			    " allocated at %s", caller);
	}
	report_begin();
	report_line("%s", line);
	if (t) {
		debug_info(s, slot + s->left, true);
		dump_stack(&t[TRACK_ALLOC]);
		if (t[TRACK_FREE].caller) {
			report_line(" Free path:");
			dump_stack(&t[TRACK_FREE]);
		}
		debug_info(s, slot + s->left, false);
	}
	report_end();
}

/**
 * kmem_dump_obj - lines in the report about an address
 * @object: any address
 *
 * The name of its cache, where the object begins, how far in the address lies,
 * and the size.  Of a cache with SLAB_STORE_USER also the call that allocated
 * it last, with its stack, and the stack of the call that freed it last.
 *
 * Return: true when it lies in a slab, else false, and nothing is written.
 * Context: any; writes a report.
 * Source: Linux 7.x, which ends a line of the caller's.
 */
bool kmem_dump_obj(void *object)
{
	struct kmem_cache *s = page_owner(object);
	const struct page *slab;
	size_t off, into;

	if (!s)
		return false;
	slab = slub_of(object);
	off = (size_t)((char *)object - (char *)page_addr(slab));
	into = off % s->size < s->left ? 0 : off % s->size - s->left;
	dump(s, (char *)object - off % s->size, into,
	     off / s->size < slab->objects);
	return true;
}

/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Reports of debugged caches, in the kernel's words and their order.
 */
#include "slab/debug.h"

#include "debug/bytes.h"
#include "debug/report.h"
#include "debug/stack.h"
#include "port/port.h"

/* Bytes of an object that a report shows at most. */
#define SHOWN_MOST PG_BYTES

void debug_line_track(const char *what, const struct debug_track *t)
{
	uint64_t now = port_clock_ns() / 1000000;
	char name[160];
	void *const *pc = NULL;
	unsigned int n;

	if (!t->caller)
		return;
	port_symbol(t->caller, name, sizeof(name));
	report_line("%s in %s age=%lu cpu=%u pid=%u", what, name,
		    (unsigned long)(now - t->when), t->cpu, t->pid);
	n = stack_get(t->stack, &pc);
	stack_lines(pc, n);
}

void debug_lines_tracks(struct kmem_cache *s, const void *obj)
{
	const struct debug_track *t = debug_tracks(s, obj);

	if (!t)
		return;
	debug_info(s, obj, true);
	debug_line_track("Allocated", &t[TRACK_ALLOC]);
	debug_line_track("Freed", &t[TRACK_FREE]);
	debug_info(s, obj, false);
}

/* Of a free object the next one of its slab, or NULL. */
static const void *next_free(struct kmem_cache *s, struct page *slab,
			     const void *obj)
{
	int i = slub_index(s, slab, obj);

	if (i < 0 || !slub_is_free(slab, (unsigned int)i))
		return NULL;
	for (i++; i < slab->objects; i++)
		if (slub_is_free(slab, (unsigned int)i))
			return slab_obj(s, slab, (unsigned int)i);
	return NULL;
}

void debug_lines_object(struct kmem_cache *s, struct page *slab, void *obj)
{
	char *at = obj, *start = page_addr(slab);
	size_t size = s->object_size, rest = s->size - s->left - s->info_end;

	debug_lines_tracks(s, obj);
	slab_line(s, slab);
	report_line("Object 0x%p @offset=%lu fp=0x%p", obj,
		    (unsigned long)(at - start), next_free(s, slab, obj));
	report_line("%s", "");
	if (s->flags & SLAB_RED_ZONE)
		bytes_lines("Redzone  ", at - s->left, s->left);
	else if (at >= start + 16)
		bytes_lines("Bytes b4 ", at - 16, 16);
	bytes_lines("Object   ", at, size < SHOWN_MOST ? size : SHOWN_MOST);
	if (s->flags & SLAB_RED_ZONE)
		bytes_lines("Redzone  ", at + size, s->inuse - size);
	bytes_lines("Padding  ", at + s->info_end, rest);
	report_line_here();
}

static void report_restore(struct kmem_cache *s, const char *what,
			   const unsigned char *from, const unsigned char *last,
			   unsigned char value)
{
	slab_error(s);
	report_fix(s->name, "Restoring %s 0x%p-0x%p=0x%x", what,
		   (const void *)from, (const void *)last, value);
}

void debug_report_ranges(struct kmem_cache *s, struct page *slab, void *obj,
			 const struct debug_range *r, unsigned int nr)
{
	const unsigned char *from, *last;
	bool first = true;

	report_begin();
	for (; nr; nr--, r++) {
		from = bytes_other(r->at, r->value, r->n);
		if (!from)
			continue;
		last = bytes_last_other(r->at, r->value, r->n);
		report_line("[%s overwritten] 0x%p-0x%p @offset=%lu. First "
			    "byte 0x%x instead of 0x%x",
			    r->what, (const void *)from, (const void *)last,
			    (unsigned long)(from -
					    (unsigned char *)page_addr(slab)),
			    *from, r->value);
		if (first) {
			slab_error(s);
			report_bug_begin(s->name, "%s overwritten", r->what);
			debug_lines_object(s, slab, obj);
			report_end();
		}
		first = false;
		report_restore(s, r->what, from, last, r->value);
	}
	report_end();
}

void debug_report_padding(struct kmem_cache *s, struct page *slab,
			  const unsigned char *at, size_t n)
{
	const unsigned char *from = bytes_other(at, BYTE_INUSE, n), *last;

	if (!from)
		return;
	last = bytes_last_other(at, BYTE_INUSE, n);
	slab_error(s);
	report_bug_begin(
		s->name, "Padding overwritten. 0x%p-0x%p @offset=%lu",
		(const void *)from, (const void *)last,
		(unsigned long)(from - (unsigned char *)page_addr(slab)));
	slab_line(s, slab);
	report_line_here();
	bytes_lines("Padding  ", at, n);
	report_restore(s, "slab padding", from, last, BYTE_INUSE);
	report_end();
}

void debug_report_retired(struct kmem_cache *s)
{
	slab_error(s);
	report_fix(s->name, "Marking all objects used");
}

void debug_trace(struct kmem_cache *s, struct page *slab, void *obj, bool alloc)
{
	report_begin();
	report_line("TRACE %s %s 0x%p inuse=%u fp=0x%p", s->name,
		    alloc ? "alloc" : "free", obj, slab->inuse,
		    slab_first_free(s, slab));
	if (!alloc)
		bytes_lines("Object   ", obj,
			    s->object_size < SHOWN_MOST ? s->object_size :
							  SHOWN_MOST);
	report_line_here();
	report_end();
}

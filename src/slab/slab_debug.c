/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * What a cache can say about itself: reports of misuse, counts, and the walk
 * over all its invariants.
 *
 * Full slabs are on no list, so walks that must see them go over the page
 * records of the window; only reports and checks do so.
 */
#include "slab/slab.h"

#include "debug/report.h"

static unsigned int zone_number(const struct page *slab)
{
	return (unsigned int)(zone_of_pfn(page_pfn(slab)) - zones);
}

static const void *first_free(struct kmem_cache *s, struct page *slab)
{
	unsigned int i;

	for (i = 0; i < slab->objects; i++)
		if (slub_is_free(slab, i))
			return (char *)page_addr(slab) + (size_t)i * s->size;
	return NULL;
}

static void line_slab(struct kmem_cache *s, struct page *slab)
{
	report_line("Slab 0x%p objects=%u used=%u fp=0x%p "
		    "flags=0x%lx(slab|zone=%u)",
		    (void *)slab, slab->objects, slab->inuse,
		    first_free(s, slab), PG_MASK(PG_slab), zone_number(slab));
}

static void line_object(struct page *slab, const void *obj)
{
	report_line(
		"Object 0x%p @offset=%lu", obj,
		(unsigned long)((uintptr_t)obj - (uintptr_t)page_addr(slab)));
}

void slab_report_bad_free(struct kmem_cache *s, struct page *slab, void *obj,
			  const char *reason)
{
	report_bug_begin(s->name, "%s 0x%p", reason, obj);
	line_slab(s, slab);
	line_object(slab, obj);
	report_fix(s->name, "Object at 0x%p not freed", obj);
	report_end();
}

void slab_report_wrong_cache(struct kmem_cache *s, struct kmem_cache *owner,
			     void *obj)
{
	if (owner)
		report_warn(__FILE__, __LINE__, WARN_CALLER(),
			    "kmem_cache_free(%s, %p): object belongs to "
			    "different cache %s",
			    s->name, obj, owner->name);
	else
		report_warn(__FILE__, __LINE__, WARN_CALLER(),
			    "kmem_cache_free(%s, %p): object is not in a slab "
			    "page",
			    s->name, obj);
}

/* Calls fn for each slab of the cache; stops when it says false. */
static bool each_slab(struct kmem_cache *s,
		      bool (*fn)(struct kmem_cache *, struct page *, void *),
		      void *ctx)
{
	unsigned long pfn, end;
	struct page *page;
	unsigned int z;

	for (z = 0; z < ZONES; z++) {
		end = zones[z].grown;
		for (pfn = zones[z].start; pfn < end; pfn++) {
			page = window.map + pfn;
			if (page->slab_cache != s || !page_test(page, PG_slab))
				continue;
			if (!fn(s, page, ctx))
				return false;
			pfn += (1ul << page->order) - 1;
		}
	}
	return true;
}

static bool print_left(struct kmem_cache *s, struct page *slab, void *ctx)
{
	unsigned int i;

	(void)ctx;
	report_bug_begin(s->name,
			 "Objects remaining on __kmem_cache_shutdown()");
	line_slab(s, slab);
	for (i = 0; i < slab->objects; i++)
		if (!slub_is_free(slab, i))
			line_object(slab, (char *)page_addr(slab) +
						  (size_t)i * s->size);
	report_end();
	return true;
}

bool slub_shutdown(struct kmem_cache *s)
{
	if (!slub_shrink(s))
		return true;
	each_slab(s, print_left, NULL);
	return false;
}

void slab_counts(struct kmem_cache *s, struct slab_counts *c)
{
	struct kmem_cache_node *node = s->node;

	lock_take(&node->list_lock, LOCK_LIST);
	c->num_slabs = node->nr_slabs;
	c->num_objs = node->total_objects;
	c->active_objs = node->total_objects - node->free_objects;
	lock_drop(&node->list_lock, LOCK_LIST);
	c->free_in_sheaves = pcs_objects(&s->pcs);
	if (s->barn)
		c->free_in_sheaves +=
			(unsigned long)__atomic_load_n(&s->barn->nr_full,
						       __ATOMIC_RELAXED) *
			pcs_capacity(&s->pcs);
}

struct walk {
	unsigned long slabs, objects, free, listed, empty;
};

static bool complain(struct kmem_cache *s, struct page *slab, const char *what)
{
	report_bug_begin(s->name, "%s", what);
	if (slab)
		line_slab(s, slab);
	report_end();
	return false;
}

static unsigned long count_bits(struct page *slab, unsigned int *lowest)
{
	unsigned int words = (slab->objects + 63u) / 64u, i;
	unsigned long *map = slub_map(slab), n = 0;

	*lowest = words;
	for (i = words; i-- > 0;) {
		n += (unsigned long)__builtin_popcountl(map[i]);
		if (map[i])
			*lowest = i;
	}
	return n;
}

static bool check_slab(struct kmem_cache *s, struct page *slab, void *ctx)
{
	struct walk *w = ctx;
	unsigned int lowest, i, tail = slab->objects % 64u;
	unsigned long bits = count_bits(slab, &lowest);

	if (slab->objects * (unsigned long)s->size > PG_BYTES << slab->order)
		return complain(s, slab, "objects > max");
	if (tail && slub_map(slab)[slab->objects / 64u] >> tail)
		return complain(s, slab, "Free bit beyond the last object");
	if (slab->inuse + bits != slab->objects)
		return complain(s, slab, "Wrong object count");
	if (!!bits != !!slab->on_list)
		return complain(s, slab, "Slab on the wrong list");
	if (bits && slab->first > lowest)
		return complain(s, slab, "Free bit below the first");
	for (i = 0; i < 1u << slab->order; i++)
		if (slab[i].slab_cache != s)
			return complain(s, slab, "page slab pointer corrupt");
	w->slabs++;
	w->objects += slab->objects;
	w->free += bits;
	w->listed += slab->on_list;
	w->empty += !slab->inuse;
	return true;
}

/* Every object in a sheaf must be in use for its slab, once. */
static bool check_slots(struct kmem_cache *s)
{
	struct slab_counts c;
	bool ok;

	if (!s->barn)
		return true;
	pcs_freeze(&s->pcs);
	ok = pcs_valid(&s->pcs);
	pcs_thaw(&s->pcs);
	if (!ok)
		return complain(s, NULL, "Sheaf corrupt");
	slab_counts(s, &c);
	if (c.free_in_sheaves > c.active_objs)
		return complain(s, NULL, "More objects in sheaves than used");
	return true;
}

/* No other thread may use the cache meanwhile. */
bool cache_validate(struct kmem_cache *s)
{
	struct walk w = { 0 };
	struct kmem_cache_node *n = s->node;
	struct list_head *pos;
	unsigned long listed = 0;

	if (!check_slots(s) || !each_slab(s, check_slab, &w))
		return false;
	ring_for_each(pos, &n->partial) listed++;
	if (w.slabs != n->nr_slabs || w.objects != n->total_objects)
		return complain(s, NULL, "Wrong number of objects");
	if (w.free != n->free_objects || w.empty != n->nr_empty)
		return complain(s, NULL, "Wrong number of free objects");
	if (w.listed != n->nr_partial || listed != n->nr_partial)
		return complain(s, NULL, "Wrong number of partial slabs");
	return true;
}

/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Reports of misuse, counts, and the check of all invariants of a cache.
 *
 * Full slabs are on no list, so walks that must see them go over the page
 * records of the window; only reports and checks do so.
 */
#include "slab/debug.h"

#include "debug/report.h"
#include "debug/watch.h"
#include "debug/stack.h"
#include "page/zone.h"

static unsigned int zone_number(const struct page *slab)
{
	return (unsigned int)(zone_of_pfn(page_pfn(slab)) - zones);
}

void slab_error(struct kmem_cache *s)
{
	__atomic_fetch_add(&s->errors, 1, __ATOMIC_RELAXED);
}

const void *slab_first_free(const struct kmem_cache *s, struct page *slab)
{
	unsigned int i;

	for (i = 0; i < slab->objects; i++)
		if (slub_is_free(slab, i))
			return slab_obj(s, slab, i);
	return NULL;
}

void slab_line(struct kmem_cache *s, struct page *slab)
{
	report_line("Slab 0x%p objects=%u used=%u fp=0x%p "
		    "flags=0x%lx(slab|zone=%u)",
		    (void *)slab, slab->objects, slab->inuse,
		    slab_first_free(s, slab), PG_MASK(PG_slab),
		    zone_number(slab));
}

static void line_object(struct page *slab, const void *obj)
{
	report_line(
		"Object 0x%p @offset=%lu", obj,
		(unsigned long)((uintptr_t)obj - (uintptr_t)page_addr(slab)));
}

void slab_report_bad(struct kmem_cache *s, struct page *slab, void *obj,
		     const char *reason)
{
	slab_error(s);
	if (slab_debugged(s) && slub_index(s, slab, obj) >= 0) {
		report_bug_begin(s->name, "%s", reason);
		debug_lines_object(s, slab, obj);
	} else {
		report_bug_begin(s->name, "%s 0x%p", reason, obj);
		slab_line(s, slab);
		line_object(slab, obj);
		/* seen at the call */
		if (slab_debugged(s) || s->checked)
			report_line_here();
	}
	report_end();
}

void slab_report_bad_free(struct kmem_cache *s, struct page *slab, void *obj,
			  const char *reason)
{
	report_begin();
	slab_report_bad(s, slab, obj, reason);
	slab_report_kept(s, obj);
	report_end();
}

void slab_report_kept(struct kmem_cache *s, const void *obj)
{
	slab_error(s);
	report_fix(s->name, "Object at 0x%p not freed", obj);
}

void slab_report_wrong_cache(const struct kmem_cache *s,
			     const struct kmem_cache *owner, void *obj,
			     const void *caller)
{
	if (owner)
		report_warn(__FILE__, __LINE__, caller,
			    "kmem_cache_free(%s, %p): object belongs to "
			    "different cache %s",
			    slab_name(s), obj, slab_name(owner));
	else
		report_warn(__FILE__, __LINE__, caller,
			    "kmem_cache_free(%s, %p): object is not in a slab "
			    "page",
			    slab_name(s), obj);
	watch_accuse(obj);
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
		end = __atomic_load_n(&zones[z].grown, __ATOMIC_ACQUIRE);
		for (pfn = zones[z].start; pfn < end; pfn++) {
			page = window.map + pfn;
			if (page_cache(page) != s || !page_test(page, PG_slab))
				continue;
			if (!fn(s, page, ctx))
				return false;
			pfn += (1ul << page->order) - 1;
		}
	}
	return true;
}

static bool look_at_slab(struct kmem_cache *s, struct page *slab, void *ctx)
{
	(void)ctx;
	debug_validate_slab(s, slab);
	return true;
}

void debug_look_at_all(struct kmem_cache *s)
{
	each_slab(s, look_at_slab, NULL);
}

static bool print_left(struct kmem_cache *s, struct page *slab, void *ctx)
{
	unsigned int i;

	(void)ctx;
	slab_error(s);
	report_bug_begin(s->name,
			 "Objects remaining on __kmem_cache_shutdown()");
	slab_line(s, slab);
	for (i = 0; i < slab->objects; i++) {
		if (slub_is_free(slab, i))
			continue;
		slab_error(s);
		line_object(slab, slab_obj(s, slab, i));
		debug_lines_tracks(s, slab_obj(s, slab, i));
	}
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
	struct barn *barn = s->barn;

	node_get(s, LOCK_SLEEP);
	c->num_slabs = node->nr_slabs;
	c->num_objs = node->total_objects;
	c->active_objs = node->total_objects - node->free_objects;
	c->num_empty = node->nr_empty;
	c->moves = node->refills + node->flushes;
	node_put(s, LOCK_SLEEP);
	c->free_in_sheaves = pcs_objects(&s->pcs);
	if (!barn)
		return;
	lock_take(&barn->lock, LOCK_BARN);
	c->moves += barn->gets + barn->puts;
	c->free_in_sheaves +=
		(unsigned long)barn->nr_full * pcs_capacity(&s->pcs);
	lock_drop(&barn->lock, LOCK_BARN);
}

struct walk {
	unsigned long slabs, objects, free, listed, empty;
	bool sound; /* all objects that are checked */
};

static bool slab_wrong(struct kmem_cache *s, struct page *slab,
		       const char *what)
{
	slab_error(s);
	report_bug_begin(s->name, "%s", what);
	if (slab)
		slab_line(s, slab);
	report_end();
	return false;
}

static unsigned long count_bits(struct page *slab, unsigned int *lowest)
{
	unsigned int words = (slab->objects + 63u) / 64u, i;
	unsigned long *map = slub_map(slab), n = 0;

	*lowest = words;
	for (i = words; i-- > 0;) {
		/* no builtin: it may call the compiler's library */
		for (unsigned long word = map[i]; word; word &= word - 1)
			n++;
		if (map[i])
			*lowest = i;
	}
	return n;
}

static bool check_slab(struct kmem_cache *s, struct page *slab, void *ctx)
{
	struct walk *w = ctx;
	unsigned int lowest, i, tail = slab->objects % 64u;
	unsigned long bits;

	if (slab->order != s->order && slab->order != s->min_order)
		return slab_wrong(s, slab, "Slab of a wrong order");
	/* Before the map is read: its place and length depend on it. */
	if (slab->objects !=
	    (slab->order == s->order ? s->objects : s->min_objects))
		return slab_wrong(s, slab, "Wrong number of objects");
	bits = count_bits(slab, &lowest);
	if (tail && slub_map(slab)[slab->objects / 64u] >> tail)
		return slab_wrong(s, slab, "Free bit beyond the last object");
	if (slab->inuse + bits != slab->objects)
		return slab_wrong(s, slab, "Wrong object count");
	if (!!bits != !!slab->on_list)
		return slab_wrong(s, slab, "Slab on the wrong list");
	if (bits && slab->first > lowest)
		return slab_wrong(s, slab, "Free bit below the first");
	for (i = 0; i < 1u << slab->order; i++)
		if (page_cache(slab + i) != s ||
		    page_column(slab + i) != slab_column(s))
			return slab_wrong(s, slab, "page slab pointer corrupt");
	w->slabs++;
	w->objects += slab->objects;
	w->free += bits;
	w->listed += slab->on_list;
	w->empty += !slab->inuse;
	if (slab_debugged(s))
		w->sound &= debug_validate_slab(s, slab);
	return true;
}

/* What is wrong with an object that lies in a sheaf, or NULL. */
static const char *object_fault(struct kmem_cache *s, void *obj)
{
	struct page *slab = slub_of(obj);
	int index;

	if (!slab || page_cache(slab) != s || !page_test(slab, PG_slab))
		return "Sheaf holds what is no object of the cache";
	index = slub_index(s, slab, obj);
	if (index < 0)
		return "Sheaf holds an invalid object pointer";
	if (slub_is_free(slab, (unsigned int)index))
		return "Sheaf holds a free object, or one twice";
	return NULL;
}

static void flip(struct kmem_cache *s, void *obj)
{
	struct page *slab = slub_of(obj);
	unsigned int i = (unsigned int)slub_index(s, slab, obj);

	slub_map(slab)[i / 64u] ^= 1ul << i % 64u;
}

struct sheaf_walk {
	struct kmem_cache *s;
	const char *fault;
	bool undo;
	unsigned long left; /* objects that undo has to visit */
};

/*
 * An object is marked free while the walk is on, so that one that lies in two
 * places, which is a bug, is found when it is met again.  A second walk, in the
 * same order, undoes as many marks as the first made.
 */
static void walk_sheaf(void *ctx, void **top)
{
	struct sheaf_walk *w = ctx;
	void **base = pcs_base(&w->s->pcs, top);
	unsigned int i, n = pcs_count(&w->s->pcs, top);

	for (i = 1; i <= n; i++) {
		if (w->undo ? !w->left : !!w->fault)
			return;
		if (!w->undo)
			w->fault = object_fault(w->s, base[i]);
		if (w->fault && !w->undo)
			return;
		flip(w->s, base[i]);
		w->left += w->undo ? -1ul : 1;
	}
}

static void walk_sheaves(struct sheaf_walk *w)
{
	struct kmem_cache *s = w->s;
	void **top;

	pcs_each(&s->pcs, walk_sheaf, w);
	for (top = s->barn->full; top; top = barn_below(s->barn, top))
		walk_sheaf(w, top);
}

/* Does the stack hold nr sheaves of count objects? What is wrong, or NULL. */
static const char *stack_fault(struct kmem_cache *s, void **top,
			       unsigned int nr, unsigned int count)
{
	for (; top && nr; top = barn_below(s->barn, top), nr--)
		if (pcs_is_standin(top) || pcs_count(&s->pcs, top) != count)
			return count ? "Full sheaf of the barn is not full" :
				       "Empty sheaf of the barn is not empty";
	return top || nr ? "Wrong number of sheaves in the barn" : NULL;
}

/* What is wrong with the barn's sheaves, objects aside, or NULL. */
static const char *barn_fault(struct kmem_cache *s)
{
	struct barn *b = s->barn;
	const char *fault;

	if (b->bytes != s->pcs.bytes || b->room < 2)
		return "Barn of a wrong size";
	if (b->nr_full > barn_room(b) || b->nr_empty > barn_room(b))
		return "Barn holds more sheaves than it can";
	fault = stack_fault(s, b->full, b->nr_full, pcs_capacity(&s->pcs));
	return fault ? fault : stack_fault(s, b->empty, b->nr_empty, 0);
}

static const char *sheaves_fault(struct kmem_cache *s)
{
	struct sheaf_walk w = { .s = s };

	if (!pcs_valid(&s->pcs))
		return "Sheaf corrupt";
	w.fault = barn_fault(s);
	if (w.fault)
		return w.fault;
	walk_sheaves(&w);
	w.undo = true;
	walk_sheaves(&w);
	return w.fault;
}

/* Every object in a sheaf must be in use for its slab, once. */
static bool check_sheaves(struct kmem_cache *s)
{
	const char *fault;

	if (!s->barn)
		return true;
	pcs_freeze(&s->pcs);
	lock_take(&s->barn->lock, LOCK_BARN);
	lock_take(&s->node->list_lock, LOCK_LIST);
	fault = sheaves_fault(s);
	lock_drop(&s->node->list_lock, LOCK_LIST);
	lock_drop(&s->barn->lock, LOCK_BARN);
	pcs_thaw(&s->pcs);
	return !fault || slab_wrong(s, NULL, fault);
}

/* Entries of the partial list, or -1 when it is broken. */
static unsigned long count_partial(struct kmem_cache *s)
{
	struct list_head *head = &s->node->partial, *prev = head, *pos;
	unsigned long n = 0;
	struct page *slab;

	for (pos = head->next; pos != head; prev = pos, pos = pos->next) {
		slab = list_entry_of(pos, struct page, lru);
		if (!page_is_usable(page_addr(slab)) || pos->prev != prev ||
		    page_cache(slab) != s || !slab->on_list ||
		    ++n > s->node->nr_partial)
			return -1ul;
	}
	return head->prev == prev ? n : -1ul;
}

/* No other thread may use the cache meanwhile. */
bool cache_validate(struct kmem_cache *s)
{
	struct kmem_cache_node *n = s->node;
	struct walk w = { .sound = true };

	/* settles what is noted */
	node_get(s, LOCK_SLEEP);
	node_put(s, LOCK_SLEEP);
	if (!each_slab(s, check_slab, &w) || !check_sheaves(s))
		return false;
	if (w.slabs != n->nr_slabs || w.objects != n->total_objects)
		return slab_wrong(s, NULL, "Wrong number of objects");
	if (w.free != n->free_objects || w.empty != n->nr_empty)
		return slab_wrong(s, NULL, "Wrong number of free objects");
	if (w.listed != n->nr_partial || count_partial(s) != n->nr_partial)
		return slab_wrong(s, NULL, "Wrong number of partial slabs");
	return w.sound;
}

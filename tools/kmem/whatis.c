/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * What an address is: the parts of the library's address space, one after the
 * other, and at last what the system says is mapped there.
 */
#include "whatis.h"

#include <string.h>

#include "alloc/percpu_chunk.h"
#include "cmd.h"
#include "kmem/percpu.h"
#include "lib/tree.h"
#include "linux/vmalloc.h"

/* Pages of the largest block: its head lies at most so many before. */
#define BEHIND (1ul << PG_MAX_ORDER)
#define AREAS_MOST 1000000u
#define CHUNKS_MOST 1024u

static void set_range(struct whatis *a, const char *kind, uint64_t start,
		      uint64_t size)
{
	a->kind = kind;
	a->start = start;
	a->size = size;
	a->offset = (int64_t)(a->address - start);
}

static void set_state(struct whatis *a, const char *state)
{
	snprintf(a->state, sizeof(a->state), "%s", state);
}

/* --- guarded objects ------------------------------------------------------ */

static const char *guarded_state(const struct kfence_meta *m)
{
	switch (m->state) {
	case KFENCE_USED:
		return "allocated";
	case KFENCE_BUSY:
		return "being allocated or freed";
	case KFENCE_GRACE:
		return "freed, readers may be inside";
	default:
		return m->addr ? "free" : "never used";
	}
}

static void guarded_object(struct view *v, unsigned long slot, uint64_t page,
			   struct whatis *a)
{
	struct kfence_meta m;
	struct kmem_cache s;

	set_range(a, "kfence object", page, v->v.kfence_page);
	if (!view_guarded(v, slot, &m))
		return;
	a->index = (long)slot;
	set_state(a, guarded_state(&m));
	if (!m.addr)
		return;
	set_range(a, "kfence object", (uintptr_t)m.addr, m.size);
	a->asked = m.size;
	if (view_cache(v, m.cache, &s))
		whatis_set_cache(a, &s);
	call_of_kfence(v, &m.alloc, &a->alloc);
	if (m.state != KFENCE_USED)
		call_of_kfence(v, &m.free, &a->free);
}

static bool is_guarded(struct view *v, struct whatis *a)
{
	struct kfence_pool pool;
	uint64_t page = v->v.kfence_page, n;

	if (!v->v.kfence || !page ||
	    !view_read(v, v->v.kfence, &pool, sizeof(pool)) ||
	    a->address - (uintptr_t)pool.base >= pool.bytes)
		return false;
	n = (a->address - (uintptr_t)pool.base) / page;
	if (n && !(n % 2)) {
		guarded_object(v, n / 2 - 1, (uintptr_t)pool.base + n * page,
			       a);
		return true;
	}
	set_range(a, "kfence guard", (uintptr_t)pool.base + n * page, page);
	if (n > 2)
		snprintf(a->detail, sizeof(a->detail),
			 "behind kfence-#%llu, before kfence-#%llu",
			 (unsigned long long)(n / 2 - 1),
			 (unsigned long long)(n / 2));
	return true;
}

/* --- the window ----------------------------------------------------------- */

/* The records of a page and of those before it, as far as they are there. */
struct records {
	struct page page[BEHIND];
	unsigned long first, pfn;
};

static const struct page *record(const struct records *r, unsigned long pfn)
{
	return &r->page[pfn - r->first];
}

static bool has(const struct page *page, enum pageflags bit)
{
	return page->flags >> bit & 1;
}

static bool records_read(struct view *v, const struct zone *z,
			 unsigned long pfn, struct records *r)
{
	r->pfn = pfn;
	r->first = pfn - z->start < BEHIND ? z->start : pfn - BEHIND + 1;
	return view_read(v, v->w.map + r->first, r->page,
			 (pfn - r->first + 1) * sizeof(r->page[0]));
}

/* Is the record that of the head of a block that reaches to the page? */
static bool heads(const struct records *r, unsigned long at)
{
	const struct page *p = record(r, at);
	unsigned long far = r->pfn - at;

	if (has(p, PG_span))
		return p->private > far;
	if (p->order > PG_MAX_ORDER || 1ul << p->order <= far ||
	    (at != r->pfn && at & ((1ul << p->order) - 1)))
		return false;
	return has(p, PG_buddy) || has(p, PG_pcp) || has(p, PG_slab) ||
	       (p->_refcount.counter > 0 && !(p->compound_head & 1));
}

/* The head of the block that the page is part of; the page itself if none. */
static unsigned long head_of(const struct view *v, const struct records *r)
{
	const struct page *p = record(r, r->pfn);
	unsigned long pfn = r->pfn;

	if (!has(p, PG_slab) && !has(p, PG_buddy) && !has(p, PG_pcp) &&
	    p->compound_head & 1) {
		pfn = (p->compound_head - 1 - (uintptr_t)v->w.map) /
		      sizeof(struct page);
		if (pfn >= r->first && pfn < r->pfn)
			return pfn;
	}
	for (pfn = r->pfn; pfn + 1 > r->first; pfn--)
		if (heads(r, pfn))
			return pfn;
	return r->pfn;
}

static void page_block(const struct view *v, const struct page *p,
		       unsigned long pfn, struct whatis *a)
{
	uint64_t start = (uintptr_t)v->w.base + (pfn << PG_SHIFT);
	uint64_t size = PG_BYTES << (p->order <= PG_MAX_ORDER ? p->order : 0);

	if (has(p, PG_span) && p->private <= BEHIND)
		size = p->private << PG_SHIFT;
	set_range(a, "pages", start, size);
	if (has(p, PG_buddy) || has(p, PG_pcp)) {
		set_state(a,
			  has(p, PG_buddy) ? "free" : "free, on a CPU's list");
		if (has(p, PG_purged))
			snprintf(a->detail, sizeof(a->detail),
				 "its memory is with the OS");
	} else if (has(p, PG_hole)) {
		set_state(a, "not usable");
	} else if (has(p, PG_guard)) {
		set_state(a, "guard of an area of pages");
	} else if (p->_refcount.counter > 0) {
		set_state(a, "allocated");
		snprintf(a->detail, sizeof(a->detail), "%s%d reference%s",
			 has(p, PG_large)   ? "a block by kmalloc(), " :
			 has(p, PG_vmalloc) ? "of a vmalloc area, " :
			 has(p, PG_span)    ? "a run of pages, " :
					      "",
			 p->_refcount.counter,
			 p->_refcount.counter == 1 ? "" : "s");
	} else {
		set_state(a, "part of a block whose head is not known");
	}
}

static bool in_zone(struct view *v, const struct zone *z, unsigned long pfn,
		    struct whatis *a)
{
	static struct records r;
	const struct kmem_cache *owner;
	struct page page;
	unsigned long head;

	if (pfn >= z->grown) {
		set_range(a, "window", (uintptr_t)v->w.base, v->w.size);
		set_state(a, "not used so far");
		return true;
	}
	if (!records_read(v, z, pfn, &r) || !view_page(v, pfn, &page, &owner))
		return false;
	head = head_of(v, &r);
	if (owner && has(record(&r, head), PG_slab) &&
	    whatis_slab(v, owner, record(&r, head), head, a))
		return true;
	page_block(v, record(&r, head), head, a);
	return true;
}

static bool in_window(struct view *v, struct whatis *a, bool *good)
{
	uint64_t off = a->address - (uintptr_t)v->w.base;
	unsigned long pfn = off >> PG_SHIFT;

	if (off >= v->w.size)
		return false;
	for (unsigned int z = 0; z < ZONES; z++)
		if (pfn >= v->zone[z].start && pfn < v->zone[z].end) {
			a->zone = z == ZONE_ID_DMA   ? "DMA" :
				  z == ZONE_ID_DMA32 ? "DMA32" :
						       "Normal";
			*good = in_zone(v, &v->zone[z], pfn, a);
			return true;
		}
	set_range(a, "window", (uintptr_t)v->w.base, v->w.size);
	set_state(a, "in no zone");
	return true;
}

/* The arrays of records behind the window. */
static bool in_arrays(const struct view *v, struct whatis *a)
{
	uint64_t start = (uintptr_t)v->w.base + v->w.size;
	uint64_t end = (uintptr_t)(v->w.column + v->w.pages);
	uint64_t map_end = (uintptr_t)(v->w.map + v->w.pages);

	if (a->address < start || a->address >= end)
		return false;
	set_range(a, "records of the library", start, end - start);
	if (a->address < map_end)
		snprintf(a->detail, sizeof(a->detail),
			 "struct page of page frame %llu",
			 (unsigned long long)((a->address - start) /
					      sizeof(struct page)));
	return true;
}

/* --- what is outside of the window ---------------------------------------- */

static void area_text(struct view *v, const struct kmem_pub_area *p,
		      struct whatis *a)
{
	char name[200];

	memory_symbol(&v->mem, p->caller, name, sizeof(name));
	snprintf(a->detail, sizeof(a->detail), "%s by %s",
		 p->flags & VM_IOREMAP ? "ioremap" :
		 p->flags & VM_MAP     ? "vmap" :
					 "vmalloc",
		 name);
}

static bool in_area(struct view *v, struct whatis *a)
{
	uint64_t at = v->areas, guard = 0;
	struct kmem_pub_area p;

	for (unsigned int i = 0; at && i < AREAS_MOST; i++, at = p.next) {
		if (!view_read(v, (void *)(uintptr_t)at, &p, sizeof(p)))
			return false;
		if (!p.live || a->address - p.addr >= p.size)
			continue;
		guard = p.size - (p.pages << PG_SHIFT);
		area_text(v, &p, a);
		if (p.pages && a->address - p.addr >= p.pages << PG_SHIFT) {
			set_range(a, "vmalloc guard",
				  p.addr + (p.pages << PG_SHIFT), guard);
			return true;
		}
		set_range(a, "vmalloc area", p.addr, p.size - guard);
		set_state(a, "allocated");
		return true;
	}
	return false;
}

/* From the first grain of the object to behind its last. */
static void percpu_object(const struct chunk *c, uint64_t base, uint64_t in,
			  struct whatis *a)
{
	unsigned int g = (unsigned int)(in / GRAIN), from = g, to = g;

	if (!(c->used[g / 64] >> g % 64 & 1)) {
		set_range(a, "per-CPU memory", base, KMEM_PERCPU_UNIT);
		set_state(a, "free");
		return;
	}
	while (from && !(c->live[from / 64] >> from % 64 & 1))
		from--;
	while (to + 1 < GRAINS && !(c->last[to / 64] >> to % 64 & 1))
		to++;
	set_range(a, "per-CPU memory", base + from * GRAIN,
		  (to + 1 - from) * GRAIN);
	set_state(a, "allocated");
}

static bool in_chunk(struct view *v, const struct chunk *at, unsigned int cpus,
		     struct whatis *a)
{
	static struct chunk c;
	uint64_t in, address = a->address;

	if (!view_read(v, at, &c, sizeof(c)) || !c.base)
		return false;
	in = address - (uintptr_t)c.base;
	if (in >= cpus * KMEM_PERCPU_UNIT) {
		/* the pointer that alloc_percpu() gave */
		in += KMEM_PERCPU_FAR;
		if (in >= KMEM_PERCPU_UNIT)
			return false;
		a->address += KMEM_PERCPU_FAR;
	}
	snprintf(a->detail, sizeof(a->detail), "%sCPU %llu",
		 a->address == address ? "" : "pointer for all CPUs, shown on ",
		 (unsigned long long)(in / KMEM_PERCPU_UNIT));
	percpu_object(&c,
		      (uintptr_t)c.base +
			      in / KMEM_PERCPU_UNIT * KMEM_PERCPU_UNIT,
		      in % KMEM_PERCPU_UNIT, a);
	a->address = address;
	return true;
}

static bool in_percpu(struct view *v, struct whatis *a)
{
	static const struct chunk *chunks[CHUNKS_MOST];
	unsigned int n, cpus;

	if (!v->v.percpu || !view_read(v, v->v.nr_percpu, &n, sizeof(n)) ||
	    !view_read(v, v->v.percpu_cpus, &cpus, sizeof(cpus)) ||
	    n > CHUNKS_MOST ||
	    !view_read(v, v->v.percpu, chunks, n * sizeof(chunks[0])))
		return false;
	for (unsigned int i = 0; i < n; i++)
		if (in_chunk(v, chunks[i], cpus, a))
			return true;
	return false;
}

static bool in_region(struct view *v, struct whatis *a)
{
	struct tree_node *at, n;

	if (!v->v.regions || !view_read(v, v->v.regions, &at, sizeof(at)))
		return false;
	/* a tree of ranges is flat; this one may change meanwhile */
	for (unsigned int i = 0; at && i < 256; i++) {
		if (!view_read(v, at, &n, sizeof(n)))
			return false;
		if (a->address - n.start < n.size) {
			set_range(a, "region", n.start, n.size);
			set_state(a, "allocated");
			return true;
		}
		at = a->address < n.start ? n.left : n.right;
	}
	return false;
}

static void in_mapping(struct view *v, struct whatis *a)
{
	const struct mapping *m = memory_mapping(&v->mem, a->address);

	if (!m) {
		a->kind = "nothing";
		return;
	}
	set_range(a, "mapping", m->from, m->to - m->from);
	if (m->name[0] == '/' && strchr(m->perms, 'x'))
		memory_symbol(&v->mem, a->address, a->detail,
			      sizeof(a->detail));
	else
		snprintf(a->detail, sizeof(a->detail), "%s",
			 m->name[0] ? m->name : "anonymous");
}

bool whatis(struct view *v, uint64_t address, struct whatis *a)
{
	bool good = true;

	memset(a, 0, sizeof(*a));
	a->address = address;
	a->index = -1;
	/* areas lie in the window where their pages are side by side */
	if (!is_guarded(v, a) && !in_area(v, a) && !in_window(v, a, &good) &&
	    !in_arrays(v, a) && !in_percpu(v, a) && !in_region(v, a))
		in_mapping(v, a);
	if (!good)
		complain("%s: the records of that address cannot be read",
			 v->command);
	return good;
}

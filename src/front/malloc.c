/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The malloc family on caches, pages and regions.  THEORY.
 *
 * 1. What it is for.  Programs that know nothing of the library: their
 *    malloc(), found by the dynamic loader before the C library's.
 *
 * 2. Where a request goes, by its size n and its alignment a:
 *
 *	n <= 32 KiB, a <= 4 KiB	  a class: the smallest cache malloc-<size>
 *				  with size >= n and size % a == 0
 *	n <= 4 MiB, a <= 4 MiB	  a span: exactly the pages it needs
 *	else			  a region: a mapping of its own
 *
 *    A block that grows does so where it is, if it can.  A span that cannot
 *    is copied, to a region if it is large; a region moves its pages, so that
 *    from there on nothing is copied.  Both get an eighth more than they need.
 *
 *    A slab begins on a page, its objects follow each other without a gap,
 *    so an object of a size that a divides is aligned to a.
 *
 * 3. Where a block comes from is found from its address alone: outside the
 *    window it is a region or junk; inside, the window's arrays name the
 *    cache of its page, or it is the head of a span, or junk.
 *
 * 4. The order of the start.  The first call, which the dynamic loader makes
 *    before any constructor has run, finds no caches and starts the layers
 *    (init.c).  They take memory only from the port; a malloc() made by the
 *    start itself gets NULL.
 *
 * 5. Failure.  NULL and ENOMEM, or EINVAL for an alignment that is none.  No
 *    report: a caller of malloc() looks at the result.  A pointer to no block,
 *    given to free() or realloc(), is reported and left alone.  The port leaves
 *    errno as it was, and so does free(); posix_memalign() returns its error,
 *    and sets errno only when there is no memory.
 *
 * 6. Where this differs from the GNU library.  realloc() may move a block
 *    that shrinks below half of its size; it never fails when shrinking.
 *    aligned_alloc() refuses an alignment that is no power of two.
 *    realloc(p, 0) frees p and returns NULL, as there.
 */
#include "front/strict.h"

#include <errno.h>
#include <malloc.h>
#include <stdlib.h>

#include "alloc/region.h"
#include "debug/atomic.h"
#include "debug/fail.h"
#include "debug/report.h"
#include "page/page.h"
#include "page/zone.h"
#include "port/port.h"
#include "lib/options.h"
#include "slab/debug.h"
#include "slab/given.h"
#include "slab/sites.h"
#include "slab/slab.h"

#define PUBLIC __attribute__((visibility("default")))
#define COLD __attribute__((noinline, cold))

/* C23; the headers of today's systems do not have them. */
void free_sized(void *p, size_t n);
void free_aligned_sized(void *p, size_t align, size_t n);

static COLD void *no_memory(void)
{
	errno = ENOMEM;
	return NULL;
}

/*
 * A block that cannot grow where it is becomes a region from this size on,
 * which moves pages from then on: that costs what copying so much does.
 */
#define GROWN_REGION_MIN (512ul << 10)

#define CALLER() __builtin_return_address(0)

/*
 * The cache of a block that may lie at p, or NULL.  The layers have caches for
 * themselves, of which a program has no block, whatever pointer it makes.
 */
static struct kmem_cache *owner_at(const void *p)
{
	struct kmem_cache *s = page_owner(p);

	if (unlikely(s && s->flags & SLAB_NOLEAKTRACE))
		return NULL;
	return s;
}

/* caller: the return address of the function named call. */
static COLD void report_junk(const char *call, const void *p,
			     const void *caller)
{
	struct kmem_cache *s = owner_at(p);

	/* front_find() has said more of it */
	if (s && slab_debugged(s))
		return;
	if (front_start())
		report_warn(__FILE__, __LINE__, caller,
			    "%s(): object pointer: 0x%p: no block starts here",
			    call, p);
	watch_accuse(p);
}

/* --- allocation ----------------------------------------------------------- */

static size_t pages_of(size_t n)
{
	return (n + PG_BYTES - 1) >> PG_SHIFT;
}

/* A span of n bytes, or a region when the window has no room for it. */
static void *span_or_region(size_t n, size_t align, gfp_t gfp)
{
	struct page *page;

	if (check_is_strict())
		return fenced_alloc(n, align, gfp);
	/* a tool is told of regions */
	if (n <= SPAN_MAX && align <= SPAN_MAX && !watch_on()) {
		unsigned int order = 0;

		if (align > PG_BYTES)
			order = (unsigned int)__builtin_ctzl(align) - PG_SHIFT;
		page = page_alloc_span(gfp, pages_of(n), order);
		if (likely(page))
			return page_addr(page);
	}
	if (align < port_page_size())
		align = port_page_size();
	return region_alloc(n, align, gfp);
}

/* Allocations of this thread are charged to the caller; what it was before. */
static uint64_t site_begin(const void *caller)
{
	uint64_t old = port_task()->site;

	if (sites_on())
		port_task()->site = (uintptr_t)caller & SITE_ADDRESS;
	return old;
}

static void site_end(uint64_t old)
{
	port_task()->site = old;
}

/* caller: of the function of the API that asks, here and below. */
static void *alloc_pages_for(size_t n, size_t align, gfp_t gfp,
			     const void *caller)
{
	uint64_t site;
	void *p;

	check_blocking(gfp);
	if (unlikely(n > PTRDIFF_MAX || align > PTRDIFF_MAX) || !front_start())
		return no_memory();
	if (should_fail(n, FRONT_GFP))
		return no_memory();
	port_task()->caller = caller;
	site = site_begin(caller);
	fail_pause();
	p = span_or_region(n, align, gfp);
	fail_resume();
	site_end(site);
	return p ? p : no_memory();
}

/* n bytes of a class, noted as the program's where that is checked. */
static void *class_take(struct kmem_cache *s, size_t n, gfp_t gfp)
{
	void *p;

	if (check_is_strict())
		return strict_take(s, n, gfp);
	n = n ? n : 1;
	if (kfence_wanted(&s->pcs)) {
		p = kfence_sample(s, gfp, n, port_task()->caller);
		if (p)
			return p;
	}
	p = slab_debugged(s) ? __debug_alloc(s, gfp, n) :
			       slab_alloc_sized(s, gfp, n);
	if (p && s->checked)
		slab_give_out(s, p);
	return p;
}

/* n bytes of the class of size, which is at least n, and not 0. */
static COLD void *size_alloc(size_t size, size_t n, gfp_t gfp,
			     const void *caller)
{
	struct kmem_cache *s;
	uint64_t site;
	void *p;

	/* what the layers need for themselves is not the caller's failure */
	fail_pause();
	s = class_make(class_index(size));
	fail_resume();
	if (!s || should_fail_of(n, gfp, s->fails, s))
		return no_memory();
	port_task()->caller = caller;
	site = site_begin(caller);
	fail_pause();
	p = class_take(s, n, gfp);
	fail_resume();
	site_end(site);
	return p ? p : no_memory();
}

/*
 * The first call of a class, every call that may be made to fail or is checked,
 * and large sizes.
 */
static COLD void *alloc_rest(size_t n, gfp_t gfp, const void *caller)
{
	check_blocking(gfp);
	if (n > CLASS_MAX)
		return alloc_pages_for(n, 1, gfp, caller);
	if (!front_start())
		return no_memory();
	return size_alloc(n ? n : 1, n, gfp, caller);
}

/* A sheaf is empty, or its gate is shut, or there is no cache yet. */
static __attribute__((noinline)) void *slow_for(size_t n, const void *caller)
{
	struct kmem_cache *s = class_for(n);
	uint64_t site;
	void *p;

	check_blocking(FRONT_GFP);
	if (unlikely(!s))
		return alloc_rest(n, FRONT_GFP, caller);
	if (kfence_wanted(&s->pcs)) {
		p = kfence_sample(s, FRONT_GFP, n, caller);
		if (p)
			return sites_charged(s, p, FRONT_GFP);
	}
	site = site_begin(caller);
	p = slab_alloc_slow_sized(n, FRONT_GFP, s);
	site_end(site);
	return likely(p) ? p : no_memory();
}

/* The end of malloc(), whose caller it returns to. */
static __attribute__((noinline)) void *malloc_slow(size_t n)
{
	return slow_for(n, CALLER());
}

/* A constant NULL as the caller: this is a part of malloc(), here and below. */
static inline __attribute__((always_inline)) void *
alloc_from(struct kmem_cache *s, size_t n, const void *caller)
{
	void *p = likely(s) ? pcs_pop_first(&s->pcs) : NULL;

	if (unlikely(!p))
		return caller ? slow_for(n, caller) : malloc_slow(n);
	return p;
}

static __attribute__((noinline)) void *medium_for(size_t n, const void *caller)
{
	if (likely(n <= CLASS_MAX))
		return alloc_from(class_for(n), n, caller);
	return alloc_rest(n, FRONT_GFP, caller);
}

static __attribute__((noinline)) void *malloc_medium(size_t n)
{
	return medium_for(n, CALLER());
}

static inline __attribute__((always_inline)) void *alloc(size_t n,
							 const void *caller)
{
	if (likely(n <= CLASS_SMALL_MAX))
		return alloc_from(class_for(n), n, caller);
	return caller ? medium_for(n, caller) : malloc_medium(n);
}

static void *alloc_zeroed(size_t n, const void *caller)
{
	void *p;

	if (n > CLASS_MAX)
		return alloc_pages_for(n, 1, FRONT_GFP | __GFP_ZERO, caller);
	p = alloc(n, caller);
	if (likely(p))
		memset(p, 0, n);
	return p;
}

/* align is a power of two. */
void *front_aligned(size_t align, size_t n, const void *caller)
{
	size_t size;

	if (align <= FRONT_ALIGN)
		return alloc(n, caller);
	if (align > PG_BYTES || n > CLASS_MAX)
		return alloc_pages_for(n ? n : 1, align, FRONT_GFP, caller);
	/* CLASS_MAX is a multiple of every such align: the search ends */
	size = n ? ALIGN_UP(n, align) : align;
	while (class_bytes(class_index(size)) & (align - 1))
		size += align;
	if (likely(class_for(size)) || !front_start() || !front_asked)
		return alloc(size, caller);
	check_blocking(FRONT_GFP);
	return size_alloc(size, n ? n : 1, FRONT_GFP, caller);
}

PUBLIC FAST_PATH void *malloc(size_t n)
{
	return alloc(n, NULL);
}

PUBLIC void *calloc(size_t n, size_t size)
{
	size_t bytes;

	if (unlikely(__builtin_mul_overflow(n, size, &bytes)))
		return no_memory();
	return alloc_zeroed(bytes, CALLER());
}

/* --- blocks --------------------------------------------------------------- */

/* The span that starts at p, or NULL. */
static struct page *span_at(const void *p)
{
	struct page *page;

	if ((uintptr_t)p & (PG_BYTES - 1) || !page_known(p) || kfence_holds(p))
		return NULL;
	page = addr_page(p);
	return page->flags & (1ul << PG_span) ? page : NULL;
}

/* A block of a class; if none starts in a debugged one, that is reported. */
static bool object_find(struct kmem_cache *s, const void *p, size_t *n)
{
	if (!slab_debugged(s)) {
		*n = s->object_size;
		return s->checked ? slab_is_given(s, p) : slab_may_use(s, p);
	}
	if (likely(s->checked ? slab_is_given(s, p) : debug_in_use(s, p))) {
		*n = debug_room(s, p);
		return true;
	}
	if (s->checked)
		slab_report_not_given(s, p);
	return false;
}

/* Does a block start at p?  And the bytes that its owner may use. */
static bool front_find(const void *p, size_t *n)
{
	struct kmem_cache *s = owner_at(p);
	struct page *span;

	if (likely(s))
		return object_find(s, p, n);
	if (kfence_holds(p)) {
		*n = kfence_size(p);
		return *n;
	}
	span = span_at(p);
	if (span) {
		*n = (size_t)span->private << PG_SHIFT;
		return true;
	}
	if (check_is_strict() && nothing_holds(p)) {
		*n = 0;
		return nothing_in_use(p);
	}
	if (check_is_strict() && fenced_find(p, n))
		return true;
	*n = page_is_usable(p) ? 0 : region_size(p);
	return *n;
}

static bool free_strict(void *p, const void *caller)
{
	return nothing_holds(p) ? nothing_free(p) : fenced_free(p, caller);
}

/* An object of a class. */
static void free_object(struct kmem_cache *s, void *p)
{
	if (!(s->checked ? slab_take_back(s, p) : slab_may_free(s, p)))
		return;
	if (check_is_strict())
		strict_give(s, p);
	else if (slab_debugged(s))
		debug_give(s, 1, &p, LOCK_SLEEP);
	else
		slab_free(s, p, LOCK_SLEEP);
}

static void free_block(void *p, const void *caller)
{
	struct kmem_cache *s = owner_at(p);
	struct page *span;

	if (likely(s)) {
		free_object(s, p);
		return;
	}
	if (kfence_holds(p)) {
		kfence_free(NULL, p, caller);
		return;
	}
	span = span_at(p);
	if (span)
		page_free_span(span);
	else if (check_is_strict() ? !free_strict(p, caller) :
				     page_is_usable(p) || !region_free(p))
		report_junk("free", p, caller);
}

/*
 * libc frees what a thread had while it holds the lock of its cached stacks,
 * which the start of a thread takes.
 */
static __attribute__((noinline)) void malloc_free_rest(void *p,
						       const void *caller)
{
	struct port_task *task;

	if (!p)
		return;
	task = port_task();
	task->no_thread++;
	task->caller = caller;
	free_block(p, caller);
	task->no_thread--;
}

PUBLIC FAST_PATH void free(void *p)
{
	if (unlikely(!slab_free_first(p, FRONT_ALIGN_LOG2)))
		malloc_free_rest(p, CALLER());
}

PUBLIC size_t malloc_usable_size(void *p)
{
	size_t n;

	if (!p)
		return 0;
	if (likely(front_find(p, &n)))
		return n;
	report_junk("malloc_usable_size", p, CALLER());
	return 0;
}

/* In strict it must be the size that was asked for. */
static bool size_fits(size_t n, size_t has)
{
	if (!check_is_strict())
		return n <= has;
	/* C++ asks for a byte where none is wanted */
	return n == has || (!n && has == 1);
}

/*
 * A size or an alignment that the block at p cannot have is a bug of the
 * caller, and p may be the wrong pointer: reported, and not freed.
 */
bool free_fits(const char *call, const void *p, size_t align, size_t n,
	       const void *caller)
{
	size_t has;

	port_task()->caller = caller;
	if (unlikely(!front_find(p, &has)))
		report_junk(call, p, caller);
	else if (unlikely(!size_fits(n, has) || (uintptr_t)p % align))
		report_warn(__FILE__, __LINE__, caller,
			    "%s(): object pointer: 0x%p: %zu bytes aligned to "
			    "%zu were freed, the block has %zu",
			    call, p, n, align, has);
	else
		return true;
	return false;
}

static void malloc_free_checked(const char *call, void *p, size_t align,
				size_t n, const void *caller)
{
	if (p && free_fits(call, p, align, n, caller))
		free(p);
}

PUBLIC void free_sized(void *p, size_t n)
{
	malloc_free_checked("free_sized", p, 1, n, CALLER());
}

PUBLIC void free_aligned_sized(void *p, size_t align, size_t n)
{
	malloc_free_checked("free_aligned_sized", p, align ? align : 1, n,
			    CALLER());
}

/* --- realloc -------------------------------------------------------------- */

/* Moves p, which has old bytes, to a block for n. */
static void *move(void *p, size_t old, size_t n, const void *caller)
{
	void *q = alloc(n, caller);

	if (unlikely(!q))
		/* a block that shrinks may stay where it is */
		return n <= old ? p : NULL;
	memcpy(q, p, n < old ? n : old);
	free(p);
	return q;
}

static void *resize_object(void *p, size_t old, size_t n, const void *caller)
{
	/* small blocks stay: moving one costs more than it gives back */
	if (n <= old && (old <= CLASS_SMALL_MAX || n >= old / 2)) {
		/* growth within the class is made to fail, too */
		if (fail_wanted() && class_index(n) == class_index(old) &&
		    should_fail_of(n, FRONT_GFP, false, NULL))
			return no_memory();
		return p;
	}
	return move(p, old, n, caller);
}

/*
 * A new place for a span that grows to n bytes: an eighth larger, so that
 * growing byte by byte copies each byte a bounded number of times.
 */
static void *grown_place(size_t n)
{
	size_t more = n + n / 8;
	void *q;

	if (n >= GROWN_REGION_MIN)
		q = region_alloc(more, port_page_size(),
				 FRONT_GFP | __GFP_NORETRY);
	else
		q = span_or_region(more, 1, FRONT_GFP | __GFP_NORETRY);
	return q ? q : span_or_region(n, 1, FRONT_GFP);
}

static void *grow_span(struct page *span, void *p, size_t old, size_t n,
		       const void *caller)
{
	uint64_t site;
	void *q;

	if (should_fail(n, FRONT_GFP))
		return no_memory();
	if (n <= SPAN_MAX && page_grow_span(span, pages_of(n)))
		return p;
	site = site_begin(caller);
	fail_pause();
	q = grown_place(n);
	fail_resume();
	site_end(site);
	if (unlikely(!q))
		return no_memory();
	memcpy(q, p, old);
	page_free_span(span);
	return q;
}

static void *resize_span(struct page *span, void *p, size_t n,
			 const void *caller)
{
	size_t old = (size_t)span->private << PG_SHIFT;

	if (n > old)
		return grow_span(span, p, old, n, caller);
	if (n <= CLASS_MAX / 2)
		return move(p, old, n, caller);
	if (n < old / 2)
		page_shrink_span(span, pages_of(n));
	return p;
}

static void *resize_region(void *p, size_t old, size_t n, const void *caller)
{
	void *q;

	if (n <= old && n >= old / 2)
		return p;
	if (n < GROWN_REGION_MIN)
		return move(p, old, n, caller);
	if (n < old) {
		q = region_resize(p, n, FRONT_GFP);
		return q ? q : p;
	}
	if (should_fail(n, FRONT_GFP))
		return no_memory();
	/* with room to grow: what is not touched costs nothing */
	fail_pause();
	q = region_resize(p, n + n / 8, FRONT_GFP | __GFP_NORETRY);
	if (unlikely(!q))
		q = region_resize(p, n, FRONT_GFP);
	fail_resume();
	return q ? q : no_memory();
}

static COLD void *refuse_realloc(const void *p, const void *caller)
{
	report_junk("realloc", p, caller);
	return no_memory();
}

static void *resize(void *p, size_t n, const void *caller)
{
	struct kmem_cache *s;
	struct page *span;
	size_t old;
	bool found;

	if (!p)
		return alloc(n, caller);
	if (unlikely(atomic_checks) && n)
		atomic_check(FRONT_GFP, __FILE__, __LINE__, caller);
	if (unlikely(!n)) {
		free(p);
		return NULL;
	}
	if (unlikely(n > PTRDIFF_MAX))
		return no_memory();
	s = owner_at(p);
	if (check_is_strict() || (s && slab_debugged(s))) {
		port_task()->caller = caller;
		found = front_find(p, &old);
		return found ? move(p, old, n, caller) :
			       refuse_realloc(p, caller);
	}
	if (s || kfence_holds(p)) {
		found = front_find(p, &old);
		return found ? resize_object(p, old, n, caller) :
			       refuse_realloc(p, caller);
	}
	span = span_at(p);
	if (span)
		return resize_span(span, p, n, caller);
	old = page_is_usable(p) ? 0 : region_size(p);
	if (old)
		return resize_region(p, old, n, caller);
	return refuse_realloc(p, caller);
}

PUBLIC void *realloc(void *p, size_t n)
{
	return resize(p, n, CALLER());
}

PUBLIC void *reallocarray(void *p, size_t n, size_t size)
{
	size_t bytes;

	if (unlikely(__builtin_mul_overflow(n, size, &bytes)))
		return no_memory();
	return resize(p, bytes, CALLER());
}

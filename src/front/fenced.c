/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * check=strict: blocks above the largest class.  THEORY.
 *
 * Each is a mapping of its own between pages that fault:
 *
 *	fence | slack | block of the size asked for | slack | fence
 *
 * The block lies as far right as its alignment lets it, so that nearly every
 * overrun meets the fence; what is left has the bytes of a red zone, which the
 * free looks at.  A freed block faults as a whole and has no memory any more,
 * and its addresses stay taken until FENCED_KEPT others were freed, or until
 * they are FENCED_BYTES in all.
 *
 * A fault is reported, and its page opened, so that the program goes on.
 *
 * strict_lock guards the tree of the mappings and the queue of the freed ones.
 * A handler of a fault that finds it held knows nothing of the address.
 */
#include "front/fenced.h"
#include "front/strict.h"

#include "debug/bytes.h"
#include "debug/report.h"
#include "debug/stack.h"
#include "debug/view.h"
#include "lib/errno.h"
#include "lib/options.h"
#include "lib/tree.h"
#include "page/reclaim.h"
#include "page/zone.h"
#include "port/port.h"

#define FENCED_KEPT 1024u
#define FENCED_BYTES (1ul << 30)
/* An alignment above this has no fence in front. */
#define FENCED_ALIGN_MOST (1ul << 20)

static struct tree_node *root;
static struct kmem_cache *fenced_cache;
static struct {
	struct fenced *first, **end;
	unsigned int nr;
	size_t bytes;
} kept = { .end = &kept.first };

static struct fenced *__fenced_at(const void *p)
{
	struct tree_node *n = tree_cover(root, p);

	return n ? list_entry_of(n, struct fenced, node) : NULL;
}

/* --- reports -------------------------------------------------------------- */

/* The report of a fault has the code that did it, others the call. */
static void fenced_lines(const struct fenced *f, const void *pc, bool fault)
{
	void *frames[STACK_DEPTH];

	report_line("Block 0x%p of %zu bytes", (void *)f->block, f->asked);
	debug_line_track("Allocated", &f->track[TRACK_ALLOC]);
	debug_line_track("Freed", &f->track[TRACK_FREE]);
	report_line_task();
	report_line("Call Trace:");
	if (fault)
		stack_lines_fault(frames, stack_here(frames, pc));
	else
		stack_lines(frames, stack_here(frames, pc));
	report_end();
}

static void report_access(const struct fenced *f, const char *at,
			  const void *pc, bool write)
{
	const char *how = write ? "write" : "read";
	const char *end = f->block + f->asked;

	if (f->freed)
		report_bug_begin("malloc", "Use-after-free %s at 0x%p", how,
				 at);
	else if (at < f->block)
		report_bug_begin("malloc",
				 "Out-of-bounds %s at 0x%p, %zu bytes before "
				 "the block",
				 how, at, (size_t)(f->block - at));
	else
		report_bug_begin("malloc",
				 "Out-of-bounds %s at 0x%p, %zu bytes behind "
				 "the block",
				 how, at, (size_t)(at - end));
	fenced_lines(f, pc, true);
}

static void report_freed(const struct fenced *f, const void *p,
			 const char *reason, const void *caller)
{
	report_bug_begin("malloc", "%s 0x%p", reason, p);
	fenced_lines(f, caller, false);
}

static void check_slack(const struct fenced *f, const void *at, size_t n)
{
	const unsigned char *bad = bytes_other(at, BYTE_RED_ACTIVE, n);

	if (likely(!bad))
		return;
	report_bug_begin("malloc",
			 "Redzone overwritten at 0x%p. First byte 0x%x instead "
			 "of 0x%x",
			 (const void *)bad, *bad, BYTE_RED_ACTIVE);
	fenced_lines(f, port_task()->caller, false);
}

static void fenced_check(const struct fenced *f)
{
	const char *end = f->block + f->asked;

	check_slack(f, f->body, (size_t)(f->block - f->body));
	check_slack(f, end, (size_t)(f->body + f->bytes - end));
}

/* --- allocation ----------------------------------------------------------- */

static bool fenced_boot(void)
{
	const struct slab_params p = {
		.name = "malloc-fenced",
		.size = sizeof(struct fenced),
		.flags = SLAB_NOLEAKTRACE | SLAB_NO_USER_FLAGS,
		.place = &fenced_cache,
	};
	int err;

	debug_view.fenced = &root;
	return __atomic_load_n(&fenced_cache, __ATOMIC_ACQUIRE) ||
	       slab_create(&p, &err);
}

static void fenced_unmap(struct fenced *f)
{
	char *start = (char *)f->node.start;

	port_unmap(start, (size_t)(f->body + f->bytes - start), true);
	slab_free(fenced_cache, f, LOCK_SLEEP);
}

/* Where the block lies, in a mapping that has the room; false: no memory. */
static bool fenced_map(struct fenced *f, size_t n, size_t align)
{
	size_t page = port_page_size(), fence = align > page ? align : page;
	char *p;

	if (fence > FENCED_ALIGN_MOST)
		fence = 0;
	f->bytes = ALIGN_UP(n, page);
	p = port_map(fence + f->bytes, align > page ? align : page, true);
	if (!p)
		return false;
	f->node.start = (uintptr_t)p;
	f->node.size = fence + f->bytes + page;
	f->body = p + fence;
	/* without it what is written in front is seen by the free alone */
	if (fence)
		port_guard(p, fence, true);
	f->block = f->body + ALIGN_DOWN(f->bytes - n, align);
	f->asked = n;
	return true;
}

void *fenced_alloc(size_t n, size_t align, gfp_t gfp)
{
	struct debug_track track;
	struct fenced *f;
	char *end;

	/* before a call of ours counts as the running one */
	debug_track_now(&track, LOCK_SLEEP);
	if (!fenced_boot())
		return NULL;
	f = slab_alloc(fenced_cache, gfp & ~__GFP_ZERO);
	if (!f)
		return NULL;
	if (align < FRONT_ALIGN)
		align = FRONT_ALIGN;
	memset(f, 0, sizeof(*f));
	if (!mem_charge(ALIGN_UP(n, port_page_size()), gfp))
		goto none;
	if (!fenced_map(f, n, align)) {
		mem_uncharge(ALIGN_UP(n, port_page_size()));
		goto none;
	}
	end = f->body + f->bytes;
	memset(f->body, BYTE_RED_ACTIVE, (size_t)(f->block - f->body));
	memset(f->block + n, BYTE_RED_ACTIVE, (size_t)(end - f->block) - n);
	f->track[TRACK_ALLOC] = track;
	lock_take(&strict_lock, LOCK_CHECK);
	tree_insert(&root, &f->node);
	lock_drop(&strict_lock, LOCK_CHECK);
	page_pass();
	return f->block;
none:
	slab_free(fenced_cache, f, LOCK_SLEEP);
	return NULL;
}

/* --- free ----------------------------------------------------------------- */

static void __kept_note(void)
{
	debug_view.large_held = kept.nr;
	debug_view.large_bytes = kept.bytes;
}

/* The oldest of the freed blocks if there are too many, or NULL. */
static struct fenced *__kept_pop(void)
{
	struct fenced *f = kept.first;

	if (!f || (kept.nr <= FENCED_KEPT && kept.bytes <= FENCED_BYTES))
		return NULL;
	kept.first = f->next;
	if (!kept.first)
		kept.end = &kept.first;
	kept.nr--;
	kept.bytes -= f->node.size;
	__kept_note();
	tree_remove(&root, &f->node);
	return f;
}

static void kept_add(struct fenced *f)
{
	struct fenced *out;

	lock_take(&strict_lock, LOCK_CHECK);
	*kept.end = f;
	kept.end = &f->next;
	kept.nr++;
	kept.bytes += f->node.size;
	__kept_note();
	lock_drop(&strict_lock, LOCK_CHECK);
	/* Progress: one less; other threads may bring more. */
	for (;;) {
		lock_take(&strict_lock, LOCK_CHECK);
		out = __kept_pop();
		lock_drop(&strict_lock, LOCK_CHECK);
		if (!out)
			return;
		fenced_unmap(out);
	}
}

/* The block is no longer the program's; false: it was not. */
static bool fenced_take_back(struct fenced *f, const void *p, bool *twice)
{
	bool own;

	lock_take(&strict_lock, LOCK_CHECK);
	*twice = f->freed;
	own = f->block == p && !f->freed;
	f->freed |= own;
	lock_drop(&strict_lock, LOCK_CHECK);
	return own;
}

bool fenced_free(void *p, const void *caller)
{
	struct fenced *f;
	size_t bytes;
	bool twice;

	lock_take(&strict_lock, LOCK_CHECK);
	f = __fenced_at(p);
	lock_drop(&strict_lock, LOCK_CHECK);
	if (!f)
		return false;
	if (!fenced_take_back(f, p, &twice)) {
		report_freed(f, p,
			     twice && p == f->block ? "Object already free" :
						      "Invalid object pointer",
			     caller);
		return true;
	}
	debug_track_now(&f->track[TRACK_FREE], LOCK_SLEEP);
	fenced_check(f);
	bytes = f->bytes;
	port_guard(f->body, bytes, true);
	port_purge(f->body, bytes);
	kept_add(f);
	mem_uncharge(bytes);
	page_pass();
	return true;
}

bool fenced_find(const void *p, size_t *n)
{
	struct fenced *f;

	lock_take(&strict_lock, LOCK_CHECK);
	f = __fenced_at(p);
	if (f && (f->freed || f->block != p))
		f = NULL;
	if (f)
		*n = f->asked;
	lock_drop(&strict_lock, LOCK_CHECK);
	return f;
}

/* --- faults, and the end -------------------------------------------------- */

static void report_nothing(const void *at, const void *pc, bool write)
{
	void *frames[STACK_DEPTH];

	report_bug_begin("malloc",
			 "Out-of-bounds %s at 0x%p, of a block of 0 "
			 "bytes",
			 write ? "write" : "read", at);
	report_line_task();
	report_line("Call Trace:");
	stack_lines_fault(frames, stack_here(frames, pc));
	report_end();
}

bool fenced_fault(void *addr, const void *pc, bool write)
{
	size_t page = port_page_size();
	void *start = (void *)ALIGN_DOWN((uintptr_t)addr, page);
	struct fenced *f;

	if (nothing_holds(addr)) {
		report_nothing(addr, pc, write);
		return port_guard(start, page, false);
	}
	if (!lock_try(&strict_lock, LOCK_CHECK))
		return false;
	f = __fenced_at(addr);
	lock_drop(&strict_lock, LOCK_CHECK);
	if (!f)
		return false;
	report_access(f, addr, pc, write);
	return port_guard(start, page, false);
}

/* The first mapping behind an address, or NULL. */
static struct fenced *__fenced_after(uintptr_t a)
{
	struct tree_node *n = root, *best = NULL;

	/* Bound: the height of the tree. */
	while (n) {
		if (n->start > a)
			best = n;
		n = n->start > a ? n->left : n->right;
	}
	return best ? list_entry_of(best, struct fenced, node) : NULL;
}

/* No lock: other threads, of which there are none, could unmap what is seen. */
void fenced_end(void)
{
	struct fenced *f;

	if (!port_alone())
		return;
	/* Bound: the mappings. */
	for (f = __fenced_after(0); f; f = __fenced_after(f->node.start))
		if (!f->freed)
			fenced_check(f);
}

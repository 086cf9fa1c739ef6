/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Sections in which a thread must not sleep, and requests that would.  THEORY.
 *
 * 1. What it is for.  A request that may sleep, made where sleeping is not
 *    allowed, works nearly always: there is memory, and it does not sleep.  So
 *    it is judged by what it may do, at every entry, however much memory is
 *    free.
 *
 * 2. The nouns.  A thread is in a section: atomic, from preempt_disable() on;
 *    one that must not block, from non_block_start() on; or one from which no
 *    file system may be entered, from fs_reclaim_acquire() on.  Each has a
 *    depth in the thread's record, since they nest, and the number of the stack
 *    that began the outermost (debug/stack.h).  A call site is the address that
 *    a call of the library returns to.
 *
 * 3. One check.  Off, it is a load and a branch, and stands on slow paths only:
 *    when the option is set no sequence is used and, in builds without
 *    sequences, no sheaf is kept, so every request takes the slow path, from
 *    code that was inlined into programs as well.  On, it looks at the flags
 *    and at two words of the thread.
 *
 * 4. Once a call site.  sites[] is a hash table of addresses; the thread whose
 *    compare-and-exchange enters an address reports.  Calls of the library that
 *    end in others of its calls check at both; what the inner one finds is
 *    known from the outer one, whose return address is on the stack.  At most
 *    SITES_MOST sites are reported; then a line says that no more will be.
 *
 * 5. Depths change by plain additions: only the thread itself and signal
 *    handlers that interrupt it touch them, and a handler leaves them as it
 *    found them.
 *
 * 6. Two copies of the library can be in a process: libkmem-malloc.so has one
 *    inside.  Each passes sections on to the other while the option is set, so
 *    malloc() is checked too.
 */
#include "debug/atomic.h"

#include <linux/kernel.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>

#include "debug/report.h"
#include "debug/stack.h"
#include "lib/options.h"
#include "sync/lock.h"
#include "sync/boot.h"

#define SITES 1024u
#define SITES_MOST 512u

bool atomic_checks;

static struct once booted;
uintptr_t sites[SITES] BULKY("sites");
static unsigned int nr_sites;

static int atomic_setup(void)
{
	int err = port_start();

	if (err)
		return err;
	if (!KMEM_SMALL && option_value(OPT_ATOMIC_CHECKS)) {
		stack_boot();
		__atomic_store_n(&atomic_checks, true, __ATOMIC_RELEASE);
	}
	return 0;
}

void atomic_boot(void)
{
	if (unlikely(!once_done(&booted)))
		once_run(&booted, atomic_setup);
}

/* --- call sites ----------------------------------------------------------- */

enum site { SITE_NEW, SITE_KNOWN, SITE_LAST, SITE_UNTOLD };

/* Where the address is in the table, or would be; half of that stays empty. */
static uintptr_t *site_find(uintptr_t pc)
{
	unsigned int i = (unsigned int)((pc * 0x9e3779b97f4a7c15ull) >> 32);
	uintptr_t at;

	/* Bound: SITES, half of which stay empty. */
	for (;; i++) {
		at = __atomic_load_n(&sites[i % SITES], __ATOMIC_RELAXED);
		if (!at || at == pc)
			return &sites[i % SITES];
	}
}

static bool site_is_known(uintptr_t pc)
{
	return __atomic_load_n(site_find(pc), __ATOMIC_RELAXED) == pc;
}

static enum site site_add(uintptr_t pc)
{
	unsigned int n = __atomic_fetch_add(&nr_sites, 1, __ATOMIC_RELAXED);
	uintptr_t *slot, none;
	enum site site = SITE_UNTOLD;

	if (n < SITES_MOST) {
		/* Progress: another thread took the place. */
		do {
			slot = site_find(pc);
			none = 0;
			if (__atomic_compare_exchange_n(slot, &none, pc, false,
							__ATOMIC_RELAXED,
							__ATOMIC_RELAXED))
				return n == SITES_MOST - 1 ? SITE_LAST :
							     SITE_NEW;
		} while (none != pc);
		site = SITE_KNOWN;
	}
	__atomic_fetch_sub(&nr_sites, 1, __ATOMIC_RELAXED);
	return site;
}

/* A finding at a call site, and the stack that led there. */
struct finding {
	enum site site;
	unsigned int n;
	void *pc[STACK_DEPTH];
};

/* Opens a report; false: not for this call site. */
static bool finding_begin(struct finding *f, const void *caller)
{
	f->n = stack_here(f->pc, caller);
	for (unsigned int i = 0; i < f->n; i++)
		if (site_is_known((uintptr_t)f->pc[i]))
			return false;
	f->site = site_add((uintptr_t)caller);
	if (f->site == SITE_KNOWN || f->site == SITE_UNTOLD)
		return false;
	report_warn_begin();
	return true;
}

/* --- reports -------------------------------------------------------------- */

static void lines_began(const struct port_task *t, enum port_section which,
			const char *head)
{
	void *const *pc;
	unsigned int n = stack_get(t->began[which], &pc);

	if (!t->depth[which])
		return;
	report_line("%s", head);
	if (n)
		stack_lines(pc, n);
	else
		report_line(" (not recorded)");
}

static void finding_end(const struct finding *f)
{
	report_line("Call Trace:");
	stack_lines(f->pc, f->n);
	if (f->site == SITE_LAST)
		report_line("kmem: %u call sites were reported, and no more "
			    "will be",
			    SITES_MOST);
	if (report_panics)
		report_panic("panic_on_warn set ...");
	report_end();
}

static void line_request(gfp_t gfp)
{
	char flags[256];

	report_gfp(flags, sizeof(flags), (unsigned int)gfp);
	report_line("request: mode:%#x(%s)", (unsigned int)gfp, flags);
}

static void lines_sleep(const struct port_task *t, const char *file, int line)
{
	char comm[32];

	port_comm(comm, sizeof(comm));
	report_line("BUG: sleeping function called from invalid context at "
		    "%s:%d",
		    report_path(file), line);
	report_line("in_atomic(): %u, irqs_disabled(): 0, non_block: %u, "
		    "pid: %u, name: %s",
		    t->depth[PORT_ATOMIC] ? 1 : 0, t->depth[PORT_NO_BLOCK],
		    port_pid(), comm);
	report_line("preempt_count: %x, expected: 0", t->depth[PORT_ATOMIC]);
}

/* gfp: NULL for a call without flags. */
static __attribute__((noinline)) void tell_sleep(const struct port_task *t,
						 const gfp_t *gfp,
						 const char *file, int line,
						 const void *caller)
{
	struct finding f;

	if (!finding_begin(&f, caller))
		return;
	lines_sleep(t, file, line);
	if (gfp)
		line_request(*gfp);
	lines_began(t, PORT_ATOMIC, "Preemption disabled at:");
	lines_began(t, PORT_NO_BLOCK, "Blocking forbidden at:");
	finding_end(&f);
}

static __attribute__((noinline)) void tell_recursion(const struct port_task *t,
						     gfp_t gfp,
						     const char *file, int line,
						     const void *caller)
{
	struct finding f;

	if (!finding_begin(&f, caller))
		return;
	report_line("BUG: request may enter a file system where none may be "
		    "entered, at %s:%d",
		    report_path(file), line);
	line_request(gfp);
	lines_began(t, PORT_FS_RECLAIM, "fs_reclaim acquired at:");
	finding_end(&f);
}

/* --- checks --------------------------------------------------------------- */

/* Might reclaim for this request call a file system, as things are? */
static bool enters_fs(const struct port_task *t, gfp_t gfp)
{
	const uint32_t without = PF_MEMALLOC | PF_MEMALLOC_NOFS |
				 PF_MEMALLOC_NOIO;

	return gfp & __GFP_DIRECT_RECLAIM && gfp & __GFP_FS &&
	       !(t->flags & without);
}

void atomic_check(gfp_t gfp, const char *file, int line, const void *caller)
{
	const struct port_task *t = port_task();

	if (!(gfp & __GFP_DIRECT_RECLAIM))
		return;
	if (unlikely(atomic_here()))
		tell_sleep(t, &gfp, file, line, caller);
	else if (unlikely(t->depth[PORT_FS_RECLAIM]) && enters_fs(t, gfp))
		tell_recursion(t, gfp, file, line, caller);
}

void atomic_check_sleep(const char *file, int line, const void *caller)
{
	if (unlikely(atomic_here()))
		tell_sleep(port_task(), NULL, file, line, caller);
}

/**
 * __might_sleep - checks that the caller may sleep; might_sleep() calls it
 * @file: where, for the report
 * @line: for the report
 *
 * With KMEM_OPTIONS=atomic_checks=1 a report, once a call site, if the caller
 * is in an atomic section or in one that must not block.
 *
 * Context: any, that is the question.
 * Source: Linux 7.x with CONFIG_DEBUG_ATOMIC_SLEEP.
 */
void __might_sleep(const char *file, int line)
{
	atomic_boot();
	if (atomic_checked())
		atomic_check_sleep(file, line, __builtin_return_address(0));
}

/**
 * __cant_sleep - checks that the caller cannot sleep; cant_sleep() calls it
 * @file: where, for the report
 * @line: for the report
 * @preempt_offset: the depth that must be exceeded; cant_sleep() passes 0
 *
 * With KMEM_OPTIONS=atomic_checks=1 a report, once a call site, if the caller
 * is in no atomic section.
 *
 * Context: any.
 * Source: Linux 7.x with CONFIG_DEBUG_ATOMIC_SLEEP.
 */
void __cant_sleep(const char *file, int line, int preempt_offset)
{
	const void *caller = __builtin_return_address(0);
	struct finding f;
	char comm[32];

	atomic_boot();
	if (!atomic_checked() || preempt_count() > preempt_offset ||
	    !finding_begin(&f, caller))
		return;
	port_comm(comm, sizeof(comm));
	report_line("BUG: assuming atomic context at %s:%d", report_path(file),
		    line);
	report_line("in_atomic(): 0, irqs_disabled(): 0, pid: %u, name: %s",
		    port_pid(), comm);
	finding_end(&f);
}

/**
 * might_alloc - a request may follow
 * @gfp_mask: its flags
 *
 * For the entry of a call that allocates only sometimes: reports what would be
 * reported if it did.
 *
 * Context: any, that is the question.
 * Source: Linux 7.x.
 */
void might_alloc(gfp_t gfp_mask)
{
	atomic_boot();
	check_blocking(gfp_mask);
}

/* --- sections ------------------------------------------------------------- */

/* An access that no compiler moves into or out of the section. */
static inline void fence(void)
{
	__asm__ volatile("" ::: "memory");
}

static void note_began(struct port_task *t, enum port_section which,
		       const void *caller)
{
	void *pc[STACK_DEPTH];
	unsigned int n = stack_here(pc, caller);

	t->began[which] = stack_keep(pc, n);
}

static void atomic_begin(enum port_section which, const void *caller)
{
	struct port_task *t = port_task();

	t->depth[which]++;
	fence();
	if (atomic_checked() && t->depth[which] == 1)
		note_began(t, which, caller);
}

/* False: nothing had begun. */
static bool atomic_end(enum port_section which)
{
	struct port_task *t = port_task();

	fence();
	if (unlikely(!t->depth[which]))
		return false;
	t->depth[which]--;
	return true;
}

void atomic_section_told(enum port_section which, bool begins,
			 const void *caller)
{
	atomic_boot();
	if (begins)
		atomic_begin(which, caller);
	else
		atomic_end(which);
}

/* Reports to the other copy of the library, if there is one. */
static void pass_on(enum port_section which, bool begins, const void *caller)
{
	static section_fn *other;
	static bool asked;

	if (!__atomic_load_n(&asked, __ATOMIC_ACQUIRE)) {
		other = port_other_copy();
		__atomic_store_n(&asked, true, __ATOMIC_RELEASE);
	}
	if (other)
		other(which, begins, caller);
}

/* The public calls. */
static inline __attribute__((always_inline)) void
user_begin(enum port_section which, const void *caller)
{
	atomic_boot();
	atomic_begin(which, caller);
	if (atomic_checked())
		pass_on(which, true, caller);
}

static inline __attribute__((always_inline)) bool
user_end(enum port_section which, const void *caller)
{
	bool had = atomic_end(which);

	if (atomic_checked() && had)
		pass_on(which, false, caller);
	return had;
}

/**
 * preempt_disable - an atomic section begins
 *
 * Until preempt_enable() the thread promises not to sleep.  It can be preempted
 * all the same.  Sections nest.
 *
 * Context: any; a signal handler must end what it begins.
 * Source: Linux 7.x, where preemption really ends.
 */
void preempt_disable(void)
{
	user_begin(PORT_ATOMIC, __builtin_return_address(0));
}

/**
 * preempt_enable - an atomic section ends
 *
 * One end too many is warned of, once, and is without effect.
 *
 * Context: any.
 * Source: Linux 7.x.
 */
void preempt_enable(void)
{
	bool had = user_end(PORT_ATOMIC, __builtin_return_address(0));

	warn_once_if(!had, "preempt_enable() without preempt_disable()");
}

/**
 * preempt_count - how many atomic sections the thread is in
 *
 * Return: the depth; 0 outside.
 * Context: any.
 * Source: Linux 7.x; there the count holds interrupts as well.
 */
int preempt_count(void)
{
	return (int)port_task()->depth[PORT_ATOMIC];
}

/**
 * non_block_start - from here on the thread must not block
 *
 * Unlike an atomic section it says nothing about locks: a wait would only be a
 * mistake.  They nest.
 *
 * Context: any.
 * Source: Linux 7.x with CONFIG_DEBUG_ATOMIC_SLEEP.
 */
void non_block_start(void)
{
	user_begin(PORT_NO_BLOCK, __builtin_return_address(0));
}

/**
 * non_block_end - the end of such a part
 *
 * One end too many is warned of, once, and is without effect.
 *
 * Context: any.
 * Source: Linux 7.x with CONFIG_DEBUG_ATOMIC_SLEEP.
 */
void non_block_end(void)
{
	bool had = user_end(PORT_NO_BLOCK, __builtin_return_address(0));

	warn_once_if(!had, "non_block_end() without non_block_start()");
}

/**
 * fs_reclaim_acquire - from here on no request may enter a file system
 * @gfp_mask: flags of the request that reclaims; nothing happens unless they,
 * 	with the scopes of the thread, allow direct reclaim and file systems
 *
 * With KMEM_OPTIONS=atomic_checks=1 a request that may is reported, once a
 * call site.  Without, nothing is recorded.
 *
 * Context: any.
 * Source: Linux 7.x with lockdep, which knows chains of locks as well.
 */
void fs_reclaim_acquire(gfp_t gfp_mask)
{
	atomic_boot();
	if (atomic_checked() && enters_fs(port_task(), gfp_mask))
		atomic_begin(PORT_FS_RECLAIM, __builtin_return_address(0));
}

/**
 * fs_reclaim_release - the end of such a part
 * @gfp_mask: as given to fs_reclaim_acquire(), in the same scopes
 *
 * Context: any.
 * Source: Linux 7.x with lockdep.
 */
void fs_reclaim_release(gfp_t gfp_mask)
{
	if (atomic_checked() && enters_fs(port_task(), gfp_mask))
		atomic_end(PORT_FS_RECLAIM);
}

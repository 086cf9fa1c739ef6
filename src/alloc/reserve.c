/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Real time: a reserve for requests that must not block, and no page faults.
 */
#include <kmem/reserve.h>

#include "alloc/alloc.h"
#include "debug/report.h"
#include "lib/options.h"
#include "page/page.h"
#include "page/reclaim.h"
#include "page/zone.h"
#include "sync/pcs.h"
#include "port/port.h"

bool core_is_front __attribute__((weak));

/* The pages, by fn, then what else a request may touch. */
static int make(int (*fn)(size_t bytes), size_t bytes)
{
	int err = kmalloc_boot();

	if (!err)
		err = fn(bytes);
	if (!err)
		err = pcs_make_resident();
	if (!err)
		err = port_populate_image();
	return err;
}

/**
 * kmem_reserve - a reserve for GFP_ATOMIC, and memory that does not fault
 * @bytes: that GFP_ATOMIC requests find when all others find none
 *
 * Raises the zones' min mark by 8/5 of @bytes and grows them until they are
 * above high.  All memory that the zones have, and from now on whatever they
 * grow by, is faulted in with its records, locked as far as RLIMIT_MEMLOCK
 * allows, and never given back.  A hundredth, 4 MiB at least, is kept in blocks
 * for GFP_ATOMIC requests of more than a page.  A later call sets another size.
 *
 * The child of a fork shares its pages with the parent until one of them
 * writes, and that write faults in either: call it again after a fork.
 *
 * Return: 0, or -ENOMEM when the limit or the OS do not give as much; what
 * could be done has been done.
 * Context: may sleep.
 * Source: ours.
 */
int kmem_reserve(size_t bytes)
{
	return make(page_reserve, bytes);
}

/**
 * kmem_rt_thread - touches what the library keeps for the calling thread
 *
 * A thread that then makes only requests that must not block, and frees, takes
 * no page fault for them after kmem_reserve(), except those of its own stack.
 *
 * Context: any.
 * Source: ours.
 */
void kmem_rt_thread(void)
{
	struct port_task *task = port_task();

	__atomic_store_n(&task->flags, task->flags, __ATOMIC_RELAXED);
	(void)port_clock_ns();
	(void)port_cpu();
}

/**
 * kmem_reserve_used - how deep the reserve was used
 * @reset: begin again, with what is used now
 *
 * Return: bytes that the zones had less than their min marks and the blocks
 * kept for GFP_ATOMIC at the worst, since the start or the last reset; each
 * zone's own worst, added.
 * Context: may sleep.
 * Source: ours.
 */
size_t kmem_reserve_used(bool reset)
{
	return page_reserve_used(reset) << PG_SHIFT;
}

static void reserve_complain(int err)
{
	if (err)
		report("kmem: rt: %lld bytes are not to be had (%d), there is "
		       "less",
		       (long long)option_value(OPT_RT), err);
}

static void stock_up(void)
{
	reserve_complain(make(page_stock, (size_t)option_value(OPT_RT)));
}

/*
 * Every program that the intended one starts inherits the option.  A program on
 * the malloc front makes no request that must not block: a thread makes its
 * memory resident while it runs, so that a shell script of forty commands does
 * not wait forty times.
 */
void reserve_start(void)
{
	size_t bytes = (size_t)option_value(OPT_RT);

	if (!bytes)
		return;
	if (core_is_front)
		page_thread_first(stock_up);
	else
		reserve_complain(kmem_reserve(bytes));
}

/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * The start of the front.
 *
 * The first malloc() of a process comes from the dynamic loader, before the
 * constructors of any library have run, so nothing here waits for one.  The
 * layers below are started from the bottom; they live on the port's mappings
 * and call nothing of the C library that allocates.  If one of them called
 * malloc() all the same, in the thread that starts them, the boot of the layer
 * would refuse (sync/boot.h): that malloc() gets NULL.
 */
#include "front/strict.h"

#include "alloc/alloc.h"
#include "debug/fail.h"
#include "page/page.h"
#include "sync/boot.h"

bool core_is_front = true;

static struct once front_once;

static int front_setup(void)
{
	int err;

	fail_boot(NULL);
	err = kmalloc_boot();
	if (!err)
		err = classes_boot();
	return err || !check_is_strict() ? err : strict_boot();
}

bool front_start(void)
{
	if (likely(once_done(&front_once)))
		return true;
	return !once_boot(&front_once, front_setup);
}

/* Where there are options the port has started the layers before. */
static __attribute__((constructor)) void front_begin(void)
{
	if (!page_ready())
		return;
	save_start();
	torture_start();
}

/*
 * Destructors run in the opposite order of constructors, and a preloaded
 * library is initialised after those it needs but before the program's own, so
 * this runs after the program's destructors have freed their memory.
 */
static __attribute__((destructor)) void front_end(void)
{
	save_finish();
	strict_end();
}

/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * Atomic sections of a program that uses the library beside the front.
 *
 * preempt_disable() is in the program's copy of the library, and malloc() in
 * the front's.  With KMEM_OPTIONS=atomic_checks=1 that copy looks up this
 * function and calls it for every section, so that a malloc() in one is
 * reported.
 */
#include "front/front.h"

#include "debug/atomic.h"
#include "port/port.h"

/* As section_fn; called by the other copy. */
__attribute__((visibility("default"))) section_fn kmem_malloc_section;

void kmem_malloc_section(enum port_section which, bool begins,
			 const void *caller)
{
	atomic_section_told(which, begins, caller);
}

// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The libkmem authors
/*
 * Per-CPU sequences where there are none (KMEM_RSEQ is 0): no cache has a
 * column, and the lock backend is all.  pcs_rseq.c is the other half.
 */
#include "sync/pcs.h"

#if !KMEM_RSEQ

int pcs_boot(void)
{
	return 0;
}

const char *pcs_backend(void)
{
	return "lock";
}

void pcs_disown(void)
{
}

bool pcs_on_column(const struct pcs *p)
{
	(void)p;
	return false;
}

bool pcs_open(struct pcs *p)
{
	(void)p;
	return false;
}

void pcs_close(struct pcs *p, bool known)
{
	(void)p;
	(void)known;
}

uintptr_t pcs_column(const struct pcs *p)
{
	(void)p;
	return 0;
}

unsigned int pcs_cpus(void)
{
	return 0;
}

int pcs_make_resident(void)
{
	return 0;
}

size_t pcs_columns_bytes(void)
{
	return 0;
}

void pcs_park(struct pcs *p)
{
	(void)p;
}

bool pcs_fence(void)
{
	return true;
}

void pcs_forget(struct pcs *p)
{
	(void)p;
}

void column_init(struct pcs *p)
{
	(void)p;
}

/* No thread is on a column: these are not called. */

unsigned int column_pop_bulk(const struct pcs *p, unsigned int n, void **out)
{
	(void)p;
	(void)n;
	(void)out;
	return 0;
}

unsigned int column_push_bulk(const struct pcs *p, unsigned int n, void **in)
{
	(void)p;
	(void)n;
	(void)in;
	return 0;
}

bool column_xchg(const struct pcs *p, enum pcs_word w, void **new, void ***old)
{
	(void)p;
	(void)w;
	(void)new;
	(void)old;
	return false;
}

unsigned long column_slots(const struct pcs *p)
{
	(void)p;
	return 0;
}

void column_take(struct pcs *p, void (*take)(void *ctx, void **top), void *ctx)
{
	(void)p;
	(void)take;
	(void)ctx;
}

void column_each(const struct pcs *p, void (*look)(void *ctx, void **top),
		 void *ctx)
{
	(void)p;
	(void)look;
	(void)ctx;
}

void column_fenced(struct pcs *p)
{
	(void)p;
}

void column_unpark(struct pcs *p)
{
	(void)p;
}

#endif

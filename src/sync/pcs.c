// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The libkmem authors
/*
 * Per-CPU sequences: which backend a call goes to, and what is done with both
 * of them.  sync/pcs.h has the theory.
 */
#include "sync/pcs.h"

void *const pcs_standin_words[PCS_STANDIN_WORDS]
	__attribute__((aligned(PCS_SHEAF_MAX_BYTES))) = { NULL };

unsigned int pcs_slots_wanted(void)
{
	unsigned int n = 1;

	if (pcs_cpus())
		return PCS_SLOTS_FEW;
	/* Bound: PCS_SLOTS_MOST. */
	while (n < PCS_SLOTS_MOST && n < port_nr_cpus())
		n *= 2;
	return n;
}

void pcs_init(struct pcs *p, unsigned int bytes, struct pcs_slot *slots,
	      unsigned int nr)
{
	*p = (struct pcs){
		.seq = { .standin = (uintptr_t)PCS_STANDIN, .mask = bytes - 1 },
		.bytes = bytes,
	};
	p->behind = p->seq;
	pcs_lock_init(p, slots, nr);
	column_init(p);
}

/* --- one of the two ------------------------------------------------------- */

unsigned int pcs_pop_bulk(const struct pcs *p, unsigned int n, void **out)
{
	if (pcs_on_column(p))
		return column_pop_bulk(p, n, out);
	return pcs_lock_pop_bulk(p, n, out);
}

unsigned int pcs_push_bulk(const struct pcs *p, unsigned int n, void **in)
{
	if (pcs_on_column(p))
		return column_push_bulk(p, n, in);
	return pcs_lock_push_bulk(p, n, in);
}

bool pcs_xchg(const struct pcs *p, enum pcs_word w, void **new, void ***old)
{
	if (pcs_on_column(p))
		return column_xchg(p, w, new, old);
	return pcs_lock_xchg(p, w, new, old);
}

unsigned long pcs_slots(const struct pcs *p)
{
	return p->nr + column_slots(p);
}

/* --- all slots of a cache ------------------------------------------------- */

void pcs_drain(struct pcs *p, void (*take)(void *ctx, void **top), void *ctx)
{
	bool fenced;

	pcs_park(p);
	fenced = pcs_fence();
	pcs_empty(p, fenced, take, ctx);
}

/* What a thread can take without a fence: this CPU's. */
static void take_own(struct pcs *p, void (*take)(void *ctx, void **top),
		     void *ctx)
{
	void **top;

	if (pcs_xchg(p, PCS_MAIN, PCS_STANDIN, &top) && !pcs_is_standin(top))
		take(ctx, top);
	if (pcs_xchg(p, PCS_SPARE, NULL, &top) && top)
		take(ctx, top);
}

void pcs_empty(struct pcs *p, bool fenced, void (*take)(void *ctx, void **top),
	       void *ctx)
{
	if (fenced)
		column_take(p, take, ctx);
	column_unpark(p);
	if (!fenced)
		take_own(p, take, ctx);
	pcs_lock_drain(p, take, ctx);
}

void pcs_drain_last(struct pcs *p, void (*take)(void *ctx, void **top),
		    void *ctx)
{
	if (pcs_column(p)) {
		pcs_park(p);
		if (pcs_fence())
			column_fenced(p);
		column_take(p, take, ctx);
	}
	pcs_lock_drain(p, take, ctx);
}

void pcs_hold(struct pcs *p, bool fenced)
{
	if (fenced)
		column_fenced(p);
	pcs_lock_hold(p);
}

void pcs_thaw(struct pcs *p)
{
	pcs_lock_drop(p);
	column_unpark(p);
}

void pcs_freeze(struct pcs *p)
{
	pcs_park(p);
	pcs_hold(p, pcs_fence());
}

/* Without a fence a column may be changing, so it is not looked at. */
void pcs_each(const struct pcs *p, void (*look)(void *ctx, void **top),
	      void *ctx)
{
	if (p->parked != PCS_PARKED)
		column_each(p, look, ctx);
	pcs_lock_each(p, look, ctx);
}

struct check {
	const struct pcs *p;
	bool valid;
};

static void check_top(void *ctx, void **top)
{
	struct check *c = ctx;
	void **base = pcs_base(c->p, top);
	unsigned int i, n = pcs_count(c->p, top);

	if (base[0] || n > pcs_capacity(c->p)) {
		c->valid = false;
		return;
	}
	for (i = 1; i <= n; i++)
		if (!base[i])
			c->valid = false;
}

bool pcs_valid(const struct pcs *p)
{
	struct check c = { .p = p, .valid = true };
	unsigned int i;

	for (i = 0; i < p->nr; i++)
		if (!p->slots[i].word[PCS_MAIN])
			return false;
	pcs_each(p, check_top, &c);
	return c.valid;
}

struct sum {
	const struct pcs *p;
	unsigned long objects;
};

static void add_top(void *ctx, void **top)
{
	struct sum *sum = ctx;

	sum->objects += pcs_count(sum->p, top);
}

unsigned long pcs_objects(const struct pcs *p)
{
	struct sum sum = { .p = p };

	column_each(p, add_top, &sum);
	pcs_lock_each(p, add_top, &sum);
	return sum.objects;
}

/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The libkmem authors */
/*
 * slab_debug=: which caches are checked, and how.
 *
 *	BLOCK;BLOCK;..		a block is LETTERS,NAME,NAME,..
 *
 * A block without names is for all caches; of several the last counts.  The
 * first block that names a cache counts for it, before one for all.  No letters
 * mean FZPU, and so does an empty text.  A name that ends in * is the beginning
 * of names.
 *
 * The text is read again for each new cache; nothing of it is kept but what is
 * the same for all.
 */
#include "slab/debug.h"

#include "debug/fail.h"
#include "debug/report.h"
#include "debug/watch.h"
#include "lib/mem.h"
#include "lib/options.h"

#define STANDARD                                                 \
	(SLAB_CONSISTENCY_CHECKS | SLAB_RED_ZONE | SLAB_POISON | \
	 SLAB_STORE_USER)

struct block {
	struct debug_wish wish;
	bool keeps_order;
	const char *names; /* NULL: for all caches */
	size_t n;
};

/* What is still to be read. */
struct text {
	const char *at;
	size_t n;
};

static bool order_kept;

static size_t until(const struct text *t, char a, char b)
{
	size_t n = 0;

	while (n < t->n && t->at[n] != a && t->at[n] != b)
		n++;
	return n;
}

static void skip(struct text *t, size_t n)
{
	t->at += n;
	t->n -= n;
}

static void letter_add(struct block *b, char c, bool first_time)
{
	/* either case; '-' is none of the others in lower case */
	switch (c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c) {
	case 'f':
		b->wish.flags |= SLAB_CONSISTENCY_CHECKS;
		break;
	case 'z':
		b->wish.flags |= SLAB_RED_ZONE;
		break;
	case 'p':
		b->wish.flags |= SLAB_POISON;
		break;
	case 'u':
		b->wish.flags |= SLAB_STORE_USER;
		break;
	case 't':
		b->wish.flags |= SLAB_TRACE;
		break;
	case 'a':
		b->wish.fails = true;
		break;
	case 'n':
		b->wish.slow = true;
		break;
	case 'o':
		b->keeps_order = true;
		break;
	case '-':
		b->wish = (struct debug_wish){ 0 };
		break;
	default:
		if (first_time)
			report("slab_debug option '%c' unknown. skipped", c);
	}
}

/* The next block, or false. */
static bool block_next(struct text *t, struct block *b, bool first_time)
{
	size_t n, i;

	while (t->n && *t->at == ';')
		skip(t, 1);
	if (!t->n)
		return false;
	*b = (struct block){ 0 };
	n = until(t, ',', ';');
	for (i = 0; i < n; i++)
		letter_add(b, t->at[i], first_time);
	if (!n)
		b->wish.flags = STANDARD;
	skip(t, n);
	if (t->n && *t->at == ',') {
		skip(t, 1);
		b->names = t->at;
		b->n = until(t, ';', ';');
		skip(t, b->n);
	}
	return true;
}

static bool name_fits(const char *pattern, size_t n, const char *name)
{
	size_t i;

	for (i = 0; i < n && pattern[i] != '*'; i++)
		if (!name[i] || name[i] != pattern[i])
			return false;
	return i < n || !name[i];
}

/* Does the block name it? */
static bool block_names(const struct block *b, const char *name)
{
	struct text t = { b->names, b->n };
	size_t n;

	/* Bound: the text. */
	while (t.n) {
		n = until(&t, ',', ',');
		if (n && name_fits(t.at, n, name))
			return true;
		skip(&t, n < t.n ? n + 1 : n);
	}
	return false;
}

/* The flags of a cache whose objects may be cleared, as the options say. */
static slab_flags_t init_flags(const struct slab_params *p, slab_flags_t flags)
{
	const slab_flags_t own = SLAB_NOLEAKTRACE | SLAB_NO_USER_FLAGS;

	/* not their content, and not caches of the library itself */
	if (p->ctor || p->ctor3 ||
	    flags & (SLAB_TYPESAFE_BY_RCU | SLAB_POISON) ||
	    (flags & own) == own)
		return 0;
	flags = page_clears(OPT_INIT_ON_ALLOC) ? SLAB_INIT_ALLOC : 0;
	if (page_clears(OPT_INIT_ON_FREE) && !watch_on())
		flags |= SLAB_INIT_FREE;
	return flags;
}

/* Of a cache whose objects a tool is told of. */
static slab_flags_t watched_flags(const struct slab_params *p)
{
	if (p->flags & SLAB_NOLEAKTRACE)
		return 0;
	return SLAB_WATCHED | (watcher->keeps_stacks ? 0 : SLAB_STORE_USER);
}

static struct debug_wish option_wish(const struct slab_params *p)
{
	struct debug_wish wish = { .flags = p->flags }, all = { 0 };
	struct block b;
	struct text t;

	/* it sees more, and would see us look at them */
	if (watch_on()) {
		wish.flags &= ~SLAB_DEBUG_FLAGS;
		wish.flags |= watched_flags(p);
		return wish;
	}
	t.at = option_text(OPT_SLAB_DEBUG, &t.n);
	if (!t.at || p->flags & SLAB_NO_USER_FLAGS)
		return wish;
	if (!t.n)
		all.flags = STANDARD;
	/* Bound: the text. */
	while (block_next(&t, &b, false)) {
		if (!b.names) {
			all = b.wish;
		} else if (block_names(&b, p->name)) {
			all = b.wish;
			goto found;
		}
	}
	if (p->flags & SLAB_NOLEAKTRACE)
		all.flags &= ~SLAB_STORE_USER;
found:
	all.flags |= wish.flags;
	return all;
}

struct debug_wish debug_wish(const struct slab_params *p)
{
	struct debug_wish wish = { .flags = p->flags & ~SLAB_DEBUG_FLAGS };

	if (KMEM_SMALL)
		return wish;
	wish = option_wish(p);
	wish.flags |= init_flags(p, wish.flags);
	return wish;
}

void debug_option_boot(void)
{
	struct block b;
	struct text t;

	if (KMEM_SMALL)
		return;
	t.at = option_text(OPT_SLAB_DEBUG, &t.n);
	order_kept = false;
	/* Bound: the text. */
	while (t.at && block_next(&t, &b, true)) {
		order_kept |= b.keeps_order;
		fail_filtered |= b.wish.fails;
	}
}

bool debug_keeps_order(void)
{
	return order_kept;
}
